package main

import (
	"slices"
	"strings"
	"testing"

	"openarena/configs"
	"openarena/providers"
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
		text, err := arenaText([]service{{Local: providers.Local{Name: "Foreign", Kind: "openai", URL: "http://localhost:11434/v1", Models: named(c.names)}, ID: "ollama"}})
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

// What is found becomes an endpoint of its kind. What runs on this machine costs nothing; whatever else does stays unknown.
func TestInitWritesFittingEndpoints(t *testing.T) {
	found := []service{{providers.Local{Name: "Ollama", Kind: "ollama", URL: "http://localhost:11434", Models: []string{"llama3.2:latest"}}, "ollama", ""}}
	found = append(found, hosted...)
	found = slices.DeleteFunc(found, func(s service) bool { return s.Env == "GOOGLE_API_KEY" }) // Gemini is there by another name
	text, err := arenaText(found)
	if err != nil {
		t.Fatal(err)
	}
	read, err := configs.Parse("arena.yaml", []byte(text), func(name string) (string, bool) {
		if name == "AZURE_OPENAI_ENDPOINT" {
			return "https://mine.openai.azure.com", true
		}
		return scriptKey, true
	})
	if err != nil {
		t.Fatalf("the file is not valid: %v\n%s", err, text)
	}
	for _, s := range found {
		e, ok := read.Endpoints[s.ID]
		if !ok || e.Kind != s.Kind || e.APIKey.Empty() != (s.Env == "") {
			t.Errorf("endpoint %s is %+v; want kind %s", s.ID, e, s.Kind)
		}
	}
	for _, m := range read.Models {
		if free := m.Price != nil && *m.Price == (configs.Price{}); free != (m.Endpoint.Name == "ollama") {
			t.Errorf("%s at %s has price %+v", m.Name, m.Endpoint.Name, m.Price)
		}
	}
	if strings.Contains(text, scriptKey) {
		t.Error("the file holds a key")
	}
}

func TestOllamaHost(t *testing.T) {
	for _, c := range []struct{ is, want string }{
		{"", ""},
		{"gpu", "http://gpu:11434"},
		{"gpu:8000", "http://gpu:8000"},
		{":8000", "http://localhost:8000"},
		{"0.0.0.0", "http://localhost:11434"},
		{"0.0.0.0:11434", "http://localhost:11434"},
		{"127.0.0.1:1", "http://localhost:1"},
		{"[::1]:1", "http://localhost:1"},
		{"::", "http://localhost:11434"},
		{"http://gpu", "http://gpu:80"},
		{"https://gpu.example/ollama", "https://gpu.example:443"},
		{` "gpu" `, "http://gpu:11434"},
		{"me:secret@gpu", ""},
		{"ftp://gpu", ""},
		{"a b", ""},
	} {
		if got, _ := ollamaRoot(c.is); got != c.want {
			t.Errorf("ollamaRoot(%q) = %q; want %q", c.is, got, c.want)
		}
	}
	if got := rootsHere("0.0.0.0"); len(got) != len(ports) || got[0] != "http://localhost:11434" {
		t.Errorf("rootsHere = %q; want each port once", got)
	}
}

func TestNamed(t *testing.T) {
	got := named([]string{"llama3", "nomic-embed-text:latest", "text-embedding-3-small", "bge-m3", "all-minilm", "bge-reranker-v2", "embedder-chat", "llama3"})
	if want := []string{"llama3", "embedder-chat"}; !slices.Equal(got, want) {
		t.Errorf("named = %q; want %q", got, want)
	}
}
