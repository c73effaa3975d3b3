package providers

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"testing"
)

// Servers are told apart by how they answer, whatever their port.
func TestDiscover(t *testing.T) {
	list := func(owner string) map[string]string {
		return map[string]string{"/v1/models": fmt.Sprintf(`{"object":"list","data":[{"id":"a","object":"model","owned_by":%q},{"id":"b","owned_by":%q}]}`, owner, owner)}
	}
	ollama := list("library")
	ollama["/api/version"] = `{"version":"0.6.5"}`
	versioned := list("vllm")
	versioned["/version"] = `{"version":"0.11.0"}`
	for _, c := range []struct {
		why        string
		answers    map[string]string
		name, kind string // "", "": none found
		path       string
	}{
		{"Ollama", ollama, "Ollama", "ollama", ""},
		{"Ollama's list alone, as a proxy passes it on", list("library"), "Ollama", "openai", "/v1"},
		{"vLLM", versioned, "vLLM", "openai", "/v1"},
		{"llama.cpp", list("llamacpp"), "llama.cpp", "openai", "/v1"},
		{"LM Studio", list("organization_owner"), "LM Studio", "openai", "/v1"},
		{"SGLang", list("sglang"), "SGLang", "openai", "/v1"},
		{"some other", list("me"), "", "openai", "/v1"},
		{"no models", map[string]string{"/v1/models": `{"data":[]}`}, "", "", ""},
		{"a web server", map[string]string{"/v1/models": "<html>", "/api/version": "<html>"}, "", "", ""},
		{"a list of another form", map[string]string{"/v1/models": `["a"]`}, "", "", ""},
		{"nothing there", nil, "", "", ""},
	} {
		t.Run(c.why, func(t *testing.T) {
			s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				if r.Method != http.MethodGet || r.Header.Get("Authorization") != "" {
					t.Errorf("%s %s with %v; want GET without a key", r.Method, r.URL, r.Header)
				}
				if said, ok := c.answers[r.URL.Path]; ok {
					fmt.Fprint(w, said)
					return
				}
				http.NotFound(w, r)
			}))
			t.Cleanup(s.Close)
			got, ok := Discover(t.Context(), s.URL)
			if ok != (c.kind != "") {
				t.Fatalf("Discover = %+v, %t; want it found: %t", got, ok, c.kind != "")
			}
			if ok && (got.Name != c.name || got.Kind != c.kind || got.URL != s.URL+c.path || !slices.Equal(got.Models, []string{"a", "b"})) {
				t.Errorf("Discover = %+v; want %s, %s, %s", got, c.name, c.kind, s.URL+c.path)
			}
		})
	}
	if got, ok := Discover(t.Context(), "http://"+closedPort(t)); ok {
		t.Errorf("Discover = %+v where nobody listens", got)
	}
}
