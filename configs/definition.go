package configs

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math"
	"strconv"
)

// Definition is the canonical JSON of what makes a contestant the same one: model_id, revision, system and params; of a
// file contestant its model_id (else its name), revision and "file": true. Endpoint, name and limits are not part of it.
//
// Keys are sorted, 1 and 1.0 are the same, and of these parts those that are empty are left out; within params nothing is,
// since an empty text is sent as one. Databases know contestants by a hash of these bytes. The error is about params that
// no JSON can hold.
func (m Model) Definition() ([]byte, error) {
	if m.Answers == nil {
		return canonical(m.parts())
	}
	parts := map[string]any{"model_id": m.ModelID, "revision": m.Revision, "file": true}
	if m.ModelID == "" {
		parts["model_id"] = m.Name
	}
	return canonical(parts)
}

// Definition adds to the judge's model what changes the words of its question or the meaning of its reply.
// protocolVersion is that of the judge's protocol as it is built today, rubric the one it judges by; nil: none. A rubric
// counts by what it says, not by its name; so does a template, whose text template is, "" for the protocol's own wording.
func (j Judge) Definition(protocolVersion int, rubric *Rubric, template string) ([]byte, error) {
	parts := j.parts()
	parts["protocol"], parts["version"], parts["analysis"] = j.Protocol, protocolVersion, j.Analysis
	parts["template"] = template
	if rubric != nil {
		parts["rubric"] = rubric.parts()
	}
	return canonical(parts)
}

// parts are what a judge is told of a rubric.
func (r Rubric) parts() map[string]any {
	criteria := make([]any, len(r.Criteria))
	for i, c := range r.Criteria {
		levels := map[string]any{}
		for score, text := range c.Levels {
			levels[strconv.Itoa(score)] = text
		}
		criteria[i] = map[string]any{"name": c.Name, "weight": c.Weight, "levels": levels}
	}
	return map[string]any{"criteria": criteria, "ties": r.Ties}
}

// parts are what a model that is called is asked with.
func (m Model) parts() map[string]any {
	return map[string]any{"model_id": m.ModelID, "revision": m.Revision, "system": m.System, "params": m.Params}
}

// canonical writes the parts that are not empty so that equal ones have equal texts.
func canonical(parts map[string]any) ([]byte, error) {
	kept := make(map[string]any, len(parts))
	for name, part := range parts {
		normal, err := normalise(part)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
		if table, is := normal.(map[string]any); normal == "" || is && len(table) == 0 {
			continue
		}
		kept[name] = normal
	}
	var b bytes.Buffer
	e := json.NewEncoder(&b) // sorts keys
	e.SetEscapeHTML(false)
	if err := e.Encode(kept); err != nil {
		return nil, err
	}
	return bytes.TrimSuffix(b.Bytes(), []byte("\n")), nil
}

// normalise copies a value with its numbers in their one form: whole ones below 2^53, where floats are exact, have no
// fraction.
func normalise(v any) (any, error) {
	switch v := v.(type) {
	case map[string]any:
		table := make(map[string]any, len(v))
		for name, value := range v {
			normal, err := normalise(value)
			if err != nil {
				return nil, fmt.Errorf("%s: %w", name, err)
			}
			table[name] = normal
		}
		return table, nil
	case []any:
		list := make([]any, len(v))
		for i, value := range v {
			normal, err := normalise(value)
			if err != nil {
				return nil, fmt.Errorf("entry %d: %w", i+1, err)
			}
			list[i] = normal
		}
		return list, nil
	case float64:
		if math.IsNaN(v) || math.IsInf(v, 0) {
			return nil, fmt.Errorf("%v is no number that can be sent", v)
		}
		if v == math.Trunc(v) && math.Abs(v) < 1<<53 {
			return json.Number(strconv.FormatInt(int64(v), 10)), nil
		}
		return v, nil
	case int64, int, string, bool, nil:
		return v, nil
	}
	return nil, fmt.Errorf("a value of type %T cannot be sent", v)
}
