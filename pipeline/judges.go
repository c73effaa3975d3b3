package pipeline

import (
	"errors"
	"fmt"
	"slices"

	"openarena/configs"
)

// addJudges makes the judges of the file: each under its own rubric, and once more under that of every dataset that has one.
func (a *Arena) addJudges() error {
	a.judgeByID = map[ID]*Judge{}
	var wrong []error
	for i, j := range a.Config.Judges {
		words, err := readTemplate(a.Config, j)
		if err == nil {
			var made Judge
			made, err = newJudge(j, i, a.Config.Rubric(j.Rubric), words)
			a.Judges = append(a.Judges, made)
		}
		wrong = append(wrong, err)
	}
	if err := errors.Join(wrong...); err != nil {
		return err
	}
	for _, d := range a.Config.Datasets {
		judges := a.own()
		if d.Rubric != "" {
			var err error
			if judges, err = a.under(a.Config.Rubric(d.Rubric)); err != nil {
				return err
			}
		}
		a.judging = append(a.judging, judges)
	}
	for _, judges := range append([][]*Judge{a.own()}, a.judging...) {
		for i, j := range judges {
			same := a.judgeByID[j.ID]
			if same == nil {
				a.judgeByID[j.ID] = j
				continue
			}
			if same.Place != j.Place {
				return fmt.Errorf("judges %q and %q would be asked the same; set revision on one of them to tell them apart", same.Name, j.Name)
			}
			judges[i] = same
		}
	}
	return nil
}

// own are the judges under their own rubrics.
func (a *Arena) own() []*Judge {
	all := make([]*Judge, len(a.Judges))
	for i := range a.Judges {
		all[i] = &a.Judges[i]
	}
	return all
}

// sits reports whether a judge sits in the panel; else it is a replacement.
func (a *Arena) sits(j *Judge) bool {
	return !slices.Contains(a.Config.Judging.Panel.Replacements, j.Name)
}

// sitting are those of the judges that sit in the panel, in file order.
func (a *Arena) sitting(judges []*Judge) (all []*Judge) {
	for _, j := range judges {
		if a.sits(j) {
			all = append(all, j)
		}
	}
	return all
}

// standingIn are the replacements among the judges, in the order in which they are asked.
func (a *Arena) standingIn(judges []*Judge) (all []*Judge) {
	for _, name := range a.Config.Judging.Panel.Replacements {
		for _, j := range judges {
			if j.Name == name {
				all = append(all, j)
			}
		}
	}
	return all
}

// benches are the judges in the order in which what one says may have the next asked. Those on one bench do not wait for each
// other: the panel, unless it is a cascade, and then each replacement.
func (a *Arena) benches() (all [][]*Judge) {
	judges := a.own()
	for i, j := range append(a.sitting(judges), a.standingIn(judges)...) {
		if alone := a.Config.Judging.Panel.Mode == "cascade" || !a.sits(j); i == 0 || alone {
			all = append(all, nil)
		}
		last := &all[len(all)-1]
		*last = append(*last, j)
	}
	return all
}

// under are the judges under one rubric.
func (a *Arena) under(rubric *configs.Rubric) ([]*Judge, error) {
	all := make([]*Judge, len(a.Config.Judges))
	for i, j := range a.Config.Judges {
		made, err := newJudge(j, i, rubric, a.Judges[i].words)
		if err != nil {
			return nil, err
		}
		all[i] = &made
	}
	return all, nil
}

// differs reports whether how a prompt is judged depends on the dataset that lists it.
func (a *Arena) differs() bool {
	return a.refers() || slices.ContainsFunc(a.Config.Datasets, func(d configs.Dataset) bool { return d.Rubric != "" })
}

// refers reports whether a judge is shown references.
func (a *Arena) refers() bool {
	return slices.ContainsFunc(a.Judges, func(j Judge) bool { return j.refers })
}

// judge returns the one with that identity, nil if the present file has none.
func (a *Arena) judge(id ID) *Judge { return a.judgeByID[id] }

// forms are the identities of a judge of the file under each of the rubrics that it judges by.
func (a *Arena) forms(place int) []ID {
	all := []ID{a.Judges[place].ID}
	for _, judges := range a.judging {
		if id := judges[place].ID; !slices.Contains(all, id) {
			all = append(all, id)
		}
	}
	return all
}
