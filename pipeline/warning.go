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
			if !a.Config.Judging.SkipOwnModel && len(a.Judges) > 1 {
				instead = "with skip_own_model: true another judge takes them over where there is one"
			}
			all = append(all, fmt.Sprintf("judge %s judges battles of its own model, %s; %s", j.Name, c, instead))
		}
		if kin := a.kin(j.Model); len(kin) > 0 {
			all = append(all, fmt.Sprintf("judge %s is of one family (%s) with %s: judges tend to favour their own; a judge of another family beside it evens that out",
				j.Name, family(j.ModelID), someOf(kin)))
		}
	}
	return all
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
