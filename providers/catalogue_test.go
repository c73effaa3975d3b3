package providers

import (
	"fmt"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
)

func TestUnknownModelHints(t *testing.T) {
	const six = `{"data":[{"id":"alpha"},{"id":"beta"},{"id":"gamma"},{"id":"delta"},{"id":"epsilon"},{"id":"zeta"}]}`
	for _, c := range []struct {
		name, model, models string
		status              int
		want                string
	}{
		{"a misspelling", "lama3", `{"data":[{"id":"mistral"},{"id":"llama3"}]}`, 200, `check model_id: did you mean "llama3"?`},
		{"a missing tag", "llama3", `{"data":[{"id":"llama3:70b-instruct"},{"id":"llama3:8b"}]}`, 200, `check model_id: did you mean "llama3:8b"?`},
		{"a missing owner and a misspelling", "mistrel-7b", `{"data":[{"id":"mistralai/Mistral-7B"}]}`, 200, `check model_id: did you mean "mistralai/Mistral-7B"?`},
		{"nothing like it", "gpt-9", six, 200, "check model_id: the server has alpha, beta, gamma, delta, epsilon …"},
		{"no list", "gpt-9", `{"error":"no"}`, 404, "check model_id"},
		{"a list that cannot be read", "gpt-9", `<html>`, 200, "check model_id"},
		{"a name that would steer a terminal", "m\x1b", `{"data":[{"id":"m\u001b[31m"}]}`, 200, `check model_id: the server has m\x1b[31m`},
	} {
		t.Run(c.name, func(t *testing.T) {
			url := serve(t, func(w http.ResponseWriter, r *http.Request) {
				if r.Method == http.MethodGet && r.URL.Path == "/v1/models" && r.Header.Get("Authorization") == "Bearer sk-0123456789" {
					w.WriteHeader(c.status)
					fmt.Fprint(w, c.models)
					return
				}
				w.WriteHeader(404)
				fmt.Fprint(w, `{"error":"model not found"}`)
			})
			r := ask()
			r.Model = c.model
			e := failure(t, connect(t, Endpoint{URL: url, Key: key("sk-0123456789")}), r)
			if e.Reason != ReasonModel || e.Hint != c.want {
				t.Errorf("%s, hint %q; want %s, %q", e.Reason, e.Hint, ReasonModel, c.want)
			}
		})
	}
}

// However many calls fail for a model, its server is asked once what it has.
func TestTheListIsAskedOnce(t *testing.T) {
	var asked atomic.Int64
	url := serve(t, func(w http.ResponseWriter, r *http.Request) {
		if r.Method == http.MethodGet {
			asked.Add(1)
			fmt.Fprint(w, `{"data":[{"id":"m2"}]}`)
			return
		}
		w.WriteHeader(404)
		fmt.Fprint(w, `{"error":"model not found"}`)
	})
	c := connect(t, Endpoint{URL: url})
	var callers sync.WaitGroup
	for range 20 {
		callers.Go(func() {
			if _, err := c.Chat(t.Context(), ask()); err == nil || !strings.Contains(err.Error(), "m2") {
				t.Errorf("Chat = %v; want a hint to m2", err)
			}
		})
	}
	callers.Wait()
	if n := asked.Load(); n != 1 {
		t.Errorf("the list was asked for %d times; want once", n)
	}
}
