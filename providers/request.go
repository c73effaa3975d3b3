package providers

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"

	gojson "github.com/goccy/go-json"
)

// encode is the body of a chat completion: the same request gives the same bytes, keys sorted, no HTML escaping.
func encode(r *Request, stream bool) ([]byte, error) {
	body, err := fields(r, "model", "messages", "stream")
	if err != nil {
		return nil, err
	}
	body["model"], body["messages"], body["stream"] = r.Model, r.Messages, stream
	if _, wanted := r.Adapt.name("stream_options"); stream && wanted && body["stream_options"] == nil {
		body["stream_options"] = map[string]bool{"include_usage": true} // else a stream has no usage
	}
	if r.Format != nil {
		body["response_format"] = r.Format.field()
	}
	return marshal(body)
}

// fields are the params of r as a body of their own, under the names that the server takes them by, with room for those of a
// protocol; reserved are those that params may not set.
func fields(r *Request, reserved ...string) (map[string]any, error) {
	for _, name := range reserved {
		if _, ok := r.Params[name]; ok {
			return nil, fmt.Errorf("params may not set %q", name)
		}
	}
	body := make(map[string]any, len(r.Params)+5)
	if len(r.Adapt) == 0 {
		maps.Copy(body, r.Params)
		return body, nil
	}
	for name, v := range r.Params {
		if to, sent := r.Adapt.name(name); sent {
			body[to] = v
		}
	}
	return body, nil
}

// marshal writes a body: the same fields give the same bytes.
func marshal(body map[string]any) ([]byte, error) {
	b, err := gojson.MarshalWithOption(body, gojson.DisableHTMLEscape())
	if err != nil {
		return nil, fmt.Errorf("params cannot be written as JSON: %w", err)
	}
	return b, nil
}

// optional are the fields of r's body that it could do without, or that may have another name, as they are sent.
func optional(r *Request, stream bool) []string {
	var all []string
	for _, name := range slices.Sorted(maps.Keys(r.Params)) {
		if to, sent := r.Adapt.name(name); sent {
			all = append(all, to)
		}
	}
	if r.Format != nil && !slices.Contains(all, "response_format") {
		all = append(all, "response_format")
	}
	if _, sent := r.Adapt.name("stream_options"); stream && sent && !slices.Contains(all, "stream_options") {
		all = append(all, "stream_options")
	}
	return all
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
