package dataset

import (
	"errors"
	"fmt"
	"slices"
)

// absences notes which of the settings system_field, reference_field and category_field name a field that rows do not
// have. A row without one has no system message, reference or category; a set without a single one has been misspelt.
type absences struct {
	found []string // settings
	first []absence
}

// absence is the first row without a field, and what was said of it.
type absence struct{ setting, what string }

// scalar is the text that a setting leads to, as scalar has it; "" where the row has no such field.
func (a *absences) scalar(o *Object, path *fieldPath, setting string) (string, error) {
	if path == nil {
		return "", nil
	}
	text, err := scalar(o, path)
	var no missing
	switch {
	case !errors.As(err, &no):
		if !slices.Contains(a.found, setting) {
			a.found = append(a.found, setting)
		}
		return text, err
	case !slices.ContainsFunc(a.first, func(b absence) bool { return b.setting == setting }):
		a.first = append(a.first, absence{setting, no.Error()})
	}
	return "", nil
}

// everywhere is the error of a setting whose field no row has; nil if there is none.
func (a *absences) everywhere() error {
	for _, b := range a.first {
		if !slices.Contains(a.found, b.setting) {
			return fmt.Errorf("%s: no row has it: %s", b.setting, b.what)
		}
	}
	return nil
}
