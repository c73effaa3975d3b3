package providers

import (
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"
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

func TestModels(t *testing.T) {
	for _, c := range []struct {
		name, path, body string
		status           int
		want             int // names
		reason           string
	}{
		{"a list", "/v1/chat/completions", `{"data":[{"id":"a"},{"id":"b"},{"id":""}]}`, 200, 2, ""},
		{"an empty list", "/v1/chat/completions", `{"data":null}`, 200, 0, ReasonModel},
		{"a wrong key", "/v1/chat/completions", `{"error":"who are you?"}`, 401, 0, ReasonBadKey},
		{"no such page, said with the word model", "/v1/chat/completions", `{"error":"no models page"}`, 404, 0, ReasonModel},
		{"a page", "/v1/chat/completions", `<html>`, 200, 0, ReasonMalformed},
		{"an address of another form", "/generate", `{}`, 200, 0, ReasonInvalid},
	} {
		t.Run(c.name, func(t *testing.T) {
			url := strings.Replace(serve(t, says(c.status, c.body)), "/v1/chat/completions", c.path, 1)
			names, err := connect(t, Endpoint{URL: url}).(Lister).Models(t.Context())
			if c.reason == "" {
				if err != nil || len(names) != c.want {
					t.Errorf("Models = %q, %v; want %d names", names, err, c.want)
				}
				return
			}
			if e, ok := errors.AsType[*Error](err); !ok || e.Reason != c.reason {
				t.Errorf("Models = %q, %v; want reason %s", names, err, c.reason)
			}
		})
	}
}

// A server that does not answer is not waited for longer than a person would.
func TestModelsAreNotWaitedFor(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		begin := time.Now()
		c := pipe(t, Endpoint{}, func(conn net.Conn) {
			io.Copy(io.Discard, conn)
			conn.Close()
		})
		_, err := c.Models(t.Context())
		e, ok := errors.AsType[*Error](err)
		if waited := time.Since(begin); !ok || e.Reason != ReasonTimeout || waited != catalogueTimeout {
			t.Errorf("Models = %v after %v; want %s after %v", err, waited, ReasonTimeout, catalogueTimeout)
		}
	})
}
