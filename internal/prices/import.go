package prices

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
)

// Imported is what a public list says.
type Imported struct {
	Format  string // its name
	Entries []Entry
	// LeftOut says of models why they have no price that can be used; those that are no language models are not among them.
	LeftOut []string
}

// format is one public form of price lists: one file each.
type format struct {
	name string
	// fits reports whether a list may be of this form.
	fits func(top map[string]json.RawMessage) bool
	read func(top map[string]json.RawMessage, into *Imported) error
}

// formats are told apart by their shapes. A new one is a file of its own and a line here.
var formats = []format{openRouter, liteLLM, modelsDev}

// Import reads a public list, in whichever of the formats it is. Models without a price that can be used are left out; what does not
// have the form of its list at all is an error.
func Import(list []byte) (Imported, error) {
	var top map[string]json.RawMessage
	if err := json.Unmarshal(bytes.TrimPrefix(list, []byte("\xef\xbb\xbf")), &top); err != nil {
		var syntax *json.SyntaxError
		if errors.As(err, &syntax) {
			return Imported{}, fmt.Errorf("this is no JSON: %v at byte %d", err, syntax.Offset)
		}
		return Imported{}, errors.New("this is no price list: it is JSON, but not an object")
	}
	for _, f := range formats {
		if !f.fits(top) {
			continue
		}
		in := Imported{Format: f.name}
		if err := f.read(top, &in); err != nil {
			return in, fmt.Errorf("read as a list of %s: %w", f.name, err)
		}
		if len(in.Entries) == 0 {
			return in, fmt.Errorf("read as a list of %s, no model of it has a price", f.name)
		}
		sorted(in.Entries)
		return in, nil
	}
	return Imported{}, errors.New("this is none of the lists known here: models.dev's api.json, LiteLLM's model_prices_and_context_window.json, or OpenRouter's /api/v1/models")
}

// add takes a price in, or says why not.
func (in *Imported) add(e Entry) {
	if e.Provider == "" || e.Model == "" {
		return
	}
	if wrong := e.check(); wrong != "" {
		in.leaveOut(e, wrong)
		return
	}
	in.Entries = append(in.Entries, e)
}

func (in *Imported) leaveOut(e Entry, why string) {
	in.LeftOut = append(in.LeftOut, fmt.Sprintf("%s/%s: %s", e.Provider, e.Model, why))
}

// inOrder walks an object by its names, so that the same list gives the same result and the same first error.
func inOrder[T any](m map[string]T, visit func(name string, v T) error) error {
	for _, name := range slices.Sorted(maps.Keys(m)) {
		if err := visit(name, m[name]); err != nil {
			return err
		}
	}
	return nil
}

// decode reads one part of a list; where is what it is called there.
func decode(where string, raw json.RawMessage, v any) error {
	err := json.Unmarshal(raw, v)
	if mismatch, ok := errors.AsType[*json.UnmarshalTypeError](err); ok {
		field := mismatch.Field
		if field == "" {
			field = "it"
		}
		return fmt.Errorf("%s: %s holds a %s, where the format has another type", where, field, mismatch.Value)
	}
	if err != nil {
		return fmt.Errorf("%s: %w", where, err)
	}
	return nil
}

// object reports whether JSON is an object with such a field.
func object(raw json.RawMessage, field string) bool {
	var o map[string]json.RawMessage
	return strings.HasPrefix(strings.TrimSpace(string(raw)), "{") && json.Unmarshal(raw, &o) == nil && o[field] != nil
}
