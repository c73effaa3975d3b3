package main

import (
	"strings"
	"testing"

	"openarena/configs"
)

// Whatever a server calls its models, the file that init writes is valid, names them as they are, and sends no variable
// of the environment anywhere.
func TestInitWithForeignNames(t *testing.T) {
	for _, c := range []struct {
		why   string
		names []string
		want  string // names in the file, the judge last
	}{
		{"a variable", []string{"${OPENAI_API_KEY}"}, "${OPENAI_API_KEY} ${OPENAI_API_KEY}"},
		{"a variable behind dollars", []string{"$${OPENAI_API_KEY}", "$$${OPENAI_API_KEY}"}, "$${OPENAI_API_KEY} $$${OPENAI_API_KEY} $$${OPENAI_API_KEY}"},
		{"a variable that is not set", []string{"${NOT_SET}", "${", "${}", "${a b}"}, "${NOT_SET} ${ ${} ${a b}"},
		{"YAML of its own", []string{"a\", api_key: \"${OPENAI_API_KEY}", "b # c", "d: e", "*f", "- g", "{{.Env}}", `h\`},
			`a",_api_key:_"${OPENAI_API_KEY} b_#_c d:_e *f h\`},
		{"control characters: left out", []string{"a\nmodels: []", "b\x1b[31m", "c\x00", "d\u202e", "e\u2028", "fine"}, "fine fine"},
		{"a name without an end: left out", []string{strings.Repeat("x", 1<<20), "fine"}, "fine fine"},
		{"one model twice", []string{"a", "a", "b"}, "a b b"},
		{"names that other types have", []string{"true", "1.5", "null", "~"}, "true 1.5 null ~"},
	} {
		text, err := arenaText([]service{{Name: "Foreign", ID: "ollama", URL: "http://localhost:11434/v1", Models: named(c.names)}})
		if err != nil {
			t.Fatal(err)
		}
		read, err := configs.Parse("arena.yaml", []byte(text), func(name string) (string, bool) { return scriptKey, name == "OPENAI_API_KEY" })
		if err != nil {
			t.Errorf("%s: the file is not valid: %v\n%s", c.why, err, text)
			continue
		}
		var got []string
		for _, m := range read.Models {
			got = append(got, strings.ReplaceAll(m.ModelID, " ", "_"))
			if m.Name != m.ModelID {
				t.Errorf("%s: model_id %q is named %q", c.why, m.ModelID, m.Name)
			}
		}
		got = append(got, strings.ReplaceAll(read.Judges[0].ModelID, " ", "_"))
		if want := strings.ReplaceAll(c.want, "${a b}", "${a_b}"); strings.Join(got, " ") != want {
			t.Errorf("%s: the file names %q; want %q", c.why, got, want)
		}
	}
}
