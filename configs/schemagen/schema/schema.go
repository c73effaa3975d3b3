// Package schema makes the JSON Schema of an arena.yaml from the types that the file is read into. The program itself
// never imports it: the schema is embedded as a file.
package schema

import (
	"bytes"
	"encoding/json"
	"fmt"
	"reflect"

	"github.com/invopop/jsonschema"

	"openarena/configs/internal/surface"
)

// variable is the pattern of a text that holds ${NAME}: it may stand wherever a scalar may.
const variable = `\$\{[A-Za-z_][A-Za-z0-9_]*(:-[^}]*)?\}`

// Generate returns the schema, indented, with a line end.
func Generate() ([]byte, error) {
	r := jsonschema.Reflector{
		FieldNameTag:               "yaml",
		RequiredFromJSONSchemaTags: true,
		Anonymous:                  true,
		ExpandedStruct:             true,
		Mapper:                     scalar,
	}
	s := r.Reflect(surface.File{})
	s.Title = "arena.yaml"
	s.Description = "What an arena is: models, judges, prompts."
	s.OneOf = []*jsonschema.Schema{{Required: []string{"judge_model"}}, {Required: []string{"judges"}}}
	allowVariables(s)
	for _, def := range s.Definitions {
		allowVariables(def)
	}
	var out bytes.Buffer
	enc := json.NewEncoder(&out)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	if err := enc.Encode(s); err != nil {
		return nil, fmt.Errorf("write the schema: %w", err)
	}
	return out.Bytes(), nil
}

// scalar is the schema of a setting's type; nil for structs, lists and maps, which reflection understands by itself.
func scalar(t reflect.Type) *jsonschema.Schema {
	switch reflect.New(t).Interface().(type) {
	case *surface.Text:
		return &jsonschema.Schema{Type: "string"}
	case *surface.Int:
		return &jsonschema.Schema{Type: "integer"}
	case *surface.Float:
		return &jsonschema.Schema{Type: "number"}
	case *surface.Bool:
		return &jsonschema.Schema{Type: "boolean"}
	case *surface.Duration:
		return &jsonschema.Schema{Type: "string", Pattern: `^\+?([0-9]+(\.[0-9]*)?|\.[0-9]+)(ns|us|µs|ms|s|m|h)`}
	case *surface.AutoInt:
		return anyOf(&jsonschema.Schema{Type: "integer", Minimum: "1"}, words("auto"))
	case *surface.EndpointRef:
		return anyOf(&jsonschema.Schema{Type: "string"}, &jsonschema.Schema{Ref: "#/$defs/Endpoint"})
	case *surface.Exclude:
		files := one("path", &jsonschema.Schema{Type: "string", Description: "Files of any format that a dataset may have."})
		files.Properties.Set("field", &jsonschema.Schema{Type: "string", Description: "What to compare: text, or a list of messages.", Default: "prompt"})
		return &jsonschema.Schema{AnyOf: []*jsonschema.Schema{{Type: "string"}, files}}
	case *surface.Auth:
		return anyOf(words("bearer", "none"), one("header", &jsonschema.Schema{Type: "string"}))
	case *surface.Pairs:
		return anyOf(words("all", "circular", "adaptive"), one("baseline", &jsonschema.Schema{Type: "string"}),
			one("random", orVariable(&jsonschema.Schema{Type: "integer", Minimum: "1"})))
	case *surface.Goal:
		return anyOf(words("leader", "ranking"), one("top", orVariable(&jsonschema.Schema{Type: "integer", Minimum: "1"})))
	case *surface.Levels:
		return &jsonschema.Schema{Type: "object", PatternProperties: map[string]*jsonschema.Schema{`^[-+]?[0-9]+$`: {Type: "string"}},
			AdditionalProperties: jsonschema.FalseSchema}
	case *surface.Params:
		return &jsonschema.Schema{Type: "object"}
	}
	return nil
}

func anyOf(schemas ...*jsonschema.Schema) *jsonschema.Schema {
	return &jsonschema.Schema{AnyOf: append(schemas, withVariable())}
}

func withVariable() *jsonschema.Schema { return &jsonschema.Schema{Type: "string", Pattern: variable} }

func words(words ...string) *jsonschema.Schema {
	s := &jsonschema.Schema{Type: "string"}
	for _, w := range words {
		s.Enum = append(s.Enum, w)
	}
	return s
}

// one is a table of exactly one key.
func one(key string, value *jsonschema.Schema) *jsonschema.Schema {
	s := &jsonschema.Schema{Type: "object", Properties: jsonschema.NewProperties(), Required: []string{key}, AdditionalProperties: jsonschema.FalseSchema}
	s.Properties.Set(key, value)
	return s
}

// allowVariables lets each property of an object be a variable where its type would forbid that.
func allowVariables(s *jsonschema.Schema) {
	if s.Properties == nil {
		return
	}
	for p := s.Properties.Oldest(); p != nil; p = p.Next() {
		p.Value = orVariable(p.Value)
		if p.Value.Items != nil {
			p.Value.Items = orVariable(p.Value.Items)
		}
	}
}

// orVariable keeps what an editor shows at the top and puts the type beside that of a variable.
func orVariable(s *jsonschema.Schema) *jsonschema.Schema {
	free := s.Type == "string" && len(s.Enum) == 0 && s.Pattern == ""
	switch s.Type {
	case "string", "integer", "number", "boolean":
	default:
		free = true
	}
	if free {
		return s
	}
	outer := &jsonschema.Schema{Description: s.Description, Default: s.Default}
	inner := *s
	inner.Description, inner.Default = "", nil
	outer.AnyOf = []*jsonschema.Schema{&inner, withVariable()}
	return outer
}
