package pipeline

import "fmt"

// Warnings are what a reader of the results should know of the configuration, in sentences.
func (a *Arena) Warnings() []string {
	var all []string
	for _, j := range a.Judges {
		if c := a.ownModel(j); c != "" {
			all = append(all, fmt.Sprintf("judge %s judges battles of its own model, %s; another judge in `judges:` would take them over", j.Name, c))
		}
	}
	return all
}

// ownModel is the name of a contestant with the judge's model whose battles no other judge takes over; "" if there is none.
func (a *Arena) ownModel(j Judge) string {
	for _, c := range a.Contestants {
		if c.ModelID != j.ModelID {
			continue
		}
		other := false
		for _, k := range a.Judges {
			other = other || k.ModelID != j.ModelID
		}
		if !other || !a.Config.Judging.SkipOwnModel {
			return c.Name
		}
	}
	return ""
}
