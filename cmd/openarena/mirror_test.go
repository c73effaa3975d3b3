package main

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
)

// mirror is a model server for texts that no fake writes: the model echo answers with the very prompt, twin with a few
// words before it, and judge explains itself in the words it was given. It keeps what it was asked.
type mirror struct {
	explanations []string          // of the judge, in turn
	answers      map[string]string // JSON strings that echo gives, as they stand, in place of the prompt

	mu        sync.Mutex
	prompts   map[string][]string // what came over the wire, by model
	explained []string            // explanations that were given
}

func (m *mirror) start(t *testing.T) (url string) {
	t.Helper()
	m.prompts = map[string][]string{}
	s := httptest.NewServer(m)
	t.Cleanup(s.Close)
	return s.URL + "/v1"
}

func (m *mirror) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	var q struct {
		Model    string
		Messages []struct{ Content string }
	}
	if err := json.NewDecoder(r.Body).Decode(&q); err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	prompt := q.Messages[len(q.Messages)-1].Content
	w.Header().Set("Content-Type", "application/json")
	fmt.Fprintf(w, `{"choices":[{"message":{"content":%s},"finish_reason":"stop"}],"usage":{"prompt_tokens":1,"completion_tokens":1}}`,
		m.content(q.Model, prompt))
}

// content is a JSON string.
func (m *mirror) content(model, prompt string) string {
	m.mu.Lock()
	defer m.mu.Unlock()
	if model == "judge" {
		text := m.explanations[len(m.explained)%len(m.explanations)]
		m.explained = append(m.explained, text)
		return jsonString(fmt.Sprintf(`{"analysis":%s,"score_a":8,"score_b":3,"verdict":"A>B"}`, jsonString(text)))
	}
	m.prompts[model] = append(m.prompts[model], prompt)
	if said, ok := m.answers[prompt]; ok && model == "echo" {
		return said
	}
	return jsonString(mirrored(model, prompt))
}

// mirrored is what a model answers. The longest prompts get a short answer: a judge would have to read all three.
func mirrored(model, prompt string) string {
	switch {
	case len(prompt) > largest/2:
		return model + " has read it"
	case model == "twin":
		return "A twin says: " + prompt
	}
	return prompt
}

// jsonString is a JSON string that holds the characters themselves wherever JSON lets it.
func jsonString(s string) string {
	var b strings.Builder
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if err := e.Encode(s); err != nil {
		panic(err) // a string: cannot fail
	}
	return strings.NewReplacer(`\u2028`, "\u2028", `\u2029`, "\u2029").Replace(strings.TrimSuffix(b.String(), "\n"))
}
