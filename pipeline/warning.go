package pipeline

import (
	"fmt"
	"slices"
	"strings"

	"openarena/configs"
)

// Warnings are what a reader of the results should know of the configuration, in sentences.
func (a *Arena) Warnings() []string {
	var all []string
	for i := range a.Judges {
		j := &a.Judges[i]
		all = append(all, j.templateWarnings()...)
		if c := a.ownModel(j); c != "" {
			instead := "another judge in `judges:` would take them over"
			switch skip := a.Config.Judging.SkipOwnModel; {
			case !skip && len(a.Judges) > 1:
				instead = "with skip_own_model: true another judge takes them over where there is one"
			case !skip:
				instead = "with skip_own_model: true " + instead
			}
			all = append(all, fmt.Sprintf("judge %s judges battles of its own model, %s; %s", j.Name, c, instead))
		}
		if kin := a.kin(j.Model); len(kin) > 0 {
			of := family(j.ModelID)
			advice := "a judge of another family beside it evens that out"
			if slices.ContainsFunc(a.Judges, func(k Judge) bool { return a.sits(&k) && family(k.ModelID) != of }) {
				advice = "`openarena judge --report` compares it with judges of other families"
			}
			all = append(all, fmt.Sprintf("judge %s is of one family (%s) with %s: judges tend to favour their own; %s", j.Name, of, someOf(kin), advice))
		}
	}
	if lacking := a.lacking(); len(lacking) > 0 {
		all = append(all, fmt.Sprintf("min_valid is %d, and of some battles of %s fewer judges are asked, since a judge skips its own model (skip_own_model): these battles never count",
			a.Config.Judging.Panel.MinValid, someOf(lacking)))
	}
	return all
}

// lacking are the names of the contestants of whose battles so many judges skip theirs that min_valid cannot be reached.
func (a *Arena) lacking() (names []string) {
	p := &pairing{arena: a}
	for _, pair := range a.pairs() {
		x, y := &a.Contestants[pair[0]], &a.Contestants[pair[1]]
		b := newBattle(Side{Contestant: x.ID}, Side{Contestant: y.ID})
		asked, own := 0, []string(nil)
		for i := range a.Judges {
			switch j := &a.Judges[i]; {
			case !a.sits(j):
			case !p.skips(j, b):
				asked++
			case j.ModelID == x.ModelID:
				own = append(own, x.Name)
			default:
				own = append(own, y.Name)
			}
		}
		if len(own) > 0 && asked < a.Config.Judging.Panel.MinValid {
			names = append(names, own...)
		}
	}
	slices.Sort(names)
	return slices.Compact(names)
}

// ownModel is the name of the contestant that is the judge's own model, if there is a battle of it that the judge does not
// leave to another; "" if not.
func (a *Arena) ownModel(j *Judge) string {
	p := &pairing{arena: a}
	for _, pair := range a.pairs() {
		x, y := &a.Contestants[pair[0]], &a.Contestants[pair[1]]
		b := newBattle(Side{Contestant: x.ID}, Side{Contestant: y.ID})
		switch {
		case !p.own(j.Model, b) || p.skips(j, b):
		case x.ModelID == j.ModelID:
			return x.Name
		default:
			return y.Name
		}
	}
	return ""
}

// kin are the names of the contestants that are other models of the judge's family.
func (a *Arena) kin(j configs.Model) (names []string) {
	f := family(j.ModelID)
	for _, c := range a.Contestants {
		if f != "" && c.ModelID != j.ModelID && family(c.ModelID) == f {
			names = append(names, c.Name)
		}
	}
	return names
}

// someOf lists names, not more than a reader wants.
func someOf(names []string) string {
	const few = 4
	if len(names) <= few {
		return strings.Join(names, ", ")
	}
	return strings.Join(slices.Concat(names[:few-1], []string{fmt.Sprintf("%d more", len(names)-few+1)}), ", ")
}

// templateWarnings tell what a judge would miss in its own template.
func (j *Judge) templateWarnings() (all []string) {
	if j.words.template == nil {
		return nil
	}
	for _, name := range j.words.template.Lacks() {
		what := "the prompt, so that the judge would not always know what was asked"
		if name == "Form" {
			what = "what to reply with: the judge would have to learn from your own words which keys and values are read"
		}
		all = append(all, fmt.Sprintf("judge %s: its template %s does not always show .%s, %s", j.Name, j.Template, name, what))
	}
	return all
}
