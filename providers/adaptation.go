package providers

import (
	"fmt"
	"maps"
	"slices"
)

// Adaptation is what a server's refusals taught about the fields of a request: for each the name it is sent under, or "" where it
// is left out. Fields that are not in it are sent as they are; nil is none.
type Adaptation map[string]string

// renamed are fields that servers know under one of two names. They are never left out: an answer without a limit may cost a
// thousand times as much.
var renamed = map[string]string{"max_tokens": "max_completion_tokens", "max_completion_tokens": "max_tokens"}

// Learn returns what is known now that e was the answer to a request made under a; a stays as it is. It reports false where e
// names no field, or one that no change can help.
func (a Adaptation) Learn(e *Error) (Adaptation, bool) {
	if e.Class != Unsupported || e.Param == "" {
		return a, false
	}
	field, to := e.Param, ""
	if other, ok := renamed[field]; ok {
		if _, tried := a[other]; tried { // both names were refused
			return a, false
		}
		to = other
	}
	if _, known := a[field]; known {
		return a, false
	}
	next := maps.Clone(a)
	if next == nil {
		next = Adaptation{}
	}
	next[field] = to
	return next, true
}

// Notes tells each change in a few words, sorted.
func (a Adaptation) Notes() []string {
	var all []string
	for _, field := range slices.Sorted(maps.Keys(a)) {
		all = append(all, a.note(field))
	}
	return all
}

func (a Adaptation) note(field string) string {
	if to := a[field]; to != "" {
		return fmt.Sprintf("%s is sent as %s", field, to)
	}
	return field + " is left out"
}

// name is what a field is sent as; false: not at all.
func (a Adaptation) name(field string) (string, bool) {
	to, changed := a[field]
	if !changed {
		return field, true
	}
	return to, to != ""
}
