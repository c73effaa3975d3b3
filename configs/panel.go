package configs

import (
	"slices"

	"openarena/configs/internal/surface"
)

// panel checks that the judges can make up the panel that the file asks for.
func (r *resolver) panel(from surface.Judging) {
	sitting := len(r.config.Judges) - r.replacements(from.Panel.Replacements)
	if len(r.config.Judges) == 0 {
		return
	}
	if sitting == 0 {
		r.faults.Add(from.Panel.Replacements[0].Mark, "every judge is a replacement, and nobody sits in the panel: take one off this list")
		return
	}
	valid, mode := from.Panel.MinValid, from.Panel.Mode
	if valid.Set() && valid.Is > int64(sitting) {
		r.faults.Add(valid.Mark, "min_valid is %d, more than there are judges%s (%d): no battle would ever count", valid.Is, beside(from.Panel.Replacements), sitting)
	}
	if mode.Is == "cascade" && sitting == 1 {
		r.warnings.Add(mode.Mark, "a cascade of one judge%s has nobody to go on to: add a judge, or remove mode", beside(from.Panel.Replacements))
	}
	if mode.Is == "cascade" && sitting > 1 && from.Orders.Is != "both" && from.Orders.Is != "" {
		r.warnings.Add(mode.Mark, "with orders: %s a judge is asked once, so that the cascade goes on at ties and invalid verdicts only: orders: both shows it who flips", from.Orders.Is)
	}
}

// beside is a word on replacements, where there are any.
func beside(replacements []surface.Text) string {
	if len(replacements) == 0 {
		return ""
	}
	return " beside the replacements"
}

// replacements checks that each is a judge, once. It returns how many are.
func (r *resolver) replacements(names []surface.Text) int {
	var judges, listed []string
	for _, j := range r.config.Judges {
		judges = append(judges, j.Name)
	}
	n := 0
	for _, name := range names {
		switch {
		case name.Broken: // which is told
		case !slices.Contains(judges, name.Is):
			r.faults.Add(name.Mark, "no judge is named %s%s", name.Show(), r.meant(name, judges, "judges:"))
		case slices.Contains(listed, name.Is):
			r.faults.Add(name.Mark, "%s is in this list already: remove it here", name.Show())
		default:
			n++
		}
		listed = append(listed, name.Is)
	}
	r.replacementWeights(listed)
	return n
}

// replacementWeights warns of weights that have no effect.
func (r *resolver) replacementWeights(listed []string) {
	for _, j := range r.file.Judges {
		if j.Weight.Set() && slices.Contains(listed, nameOf(j.Model).Is) {
			r.warnings.Add(j.Weight.Mark, "a replacement has the weight of the judge it stands in for: remove its own")
		}
	}
}
