package providers

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"

	gojson "github.com/goccy/go-json"
)

// ours are the fields of a body that params may not set.
var ours = []string{"model", "messages", "stream"}

// encode is the body of a chat completion: the same request gives the same bytes, keys sorted, no HTML escaping.
func encode(r *Request, stream bool) ([]byte, error) {
	for _, name := range ours {
		if _, ok := r.Params[name]; ok {
			return nil, fmt.Errorf("params may not set %q", name)
		}
	}
	body := make(map[string]any, len(r.Params)+len(ours)+1)
	maps.Copy(body, r.Params)
	body["model"], body["messages"], body["stream"] = r.Model, r.Messages, stream
	if r.Format != nil {
		body["response_format"] = r.Format.field()
	}
	b, err := gojson.MarshalWithOption(body, gojson.DisableHTMLEscape())
	if err != nil {
		return nil, fmt.Errorf("params cannot be written as JSON: %w", err)
	}
	return b, nil
}

// optional are the fields of r's body that it could do without, sorted.
func optional(r *Request) []string {
	fields := slices.Sorted(maps.Keys(r.Params))
	if r.Format != nil && !slices.Contains(fields, "response_format") {
		fields = append(fields, "response_format")
	}
	return fields
}

// schemaField is response_format with a schema.
type schemaField struct {
	Type   string `json:"type"`
	Schema struct {
		Name   string          `json:"name"`
		Strict bool            `json:"strict"`
		Schema json.RawMessage `json:"schema"`
	} `json:"json_schema"`
}

func (f *Format) field() any {
	if f.Kind != "json_schema" {
		return map[string]string{"type": f.Kind}
	}
	s := schemaField{Type: f.Kind}
	s.Schema.Name, s.Schema.Strict, s.Schema.Schema = f.Name, true, f.Schema
	return s
}
