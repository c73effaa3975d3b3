package providers

import (
	"context"
	"encoding/json"
	"net/http"
	"net/url"
	"strings"
	"time"
)

// Local is a model server as it shows itself to whoever comes without a key.
type Local struct {
	Name   string // Ollama, vLLM, llama.cpp, LM Studio, SGLang; "": some server with OpenAI's protocol
	Kind   string // of an endpoint for it
	URL    string // the same
	Models []string
}

// owners are what servers say their models belong to, which tells them apart wherever they listen.
var owners = map[string]string{"vllm": "vLLM", "llamacpp": "llama.cpp", "organization_owner": "LM Studio", "sglang": "SGLang", "library": "Ollama"}

// discoverTimeout is for a server on this machine: it answers at once, or is none.
const discoverTimeout = time.Second

// Discover asks who listens at root, such as http://localhost:8000, and which models it has; false: nobody who has any. It sends
// no key, and takes at most a second.
func Discover(ctx context.Context, root string) (Local, bool) {
	ctx, cancel := context.WithTimeout(ctx, discoverTimeout)
	defer cancel()
	l, err := newLine(Endpoint{URL: root + "/v1/chat/completions"}, nil)
	if err != nil {
		return Local{}, false
	}
	found := Local{Kind: "openai", URL: root + "/v1"}
	var version struct {
		Version *text `json:"version"`
	}
	if l.fetch(ctx, "/api/version", &version) && version.Version != nil {
		found = Local{Name: "Ollama", Kind: "ollama", URL: root}
	}
	var list struct {
		Data []struct {
			ID    text `json:"id"`
			Owner text `json:"owned_by"`
		} `json:"data"`
	}
	if !l.fetch(ctx, "/v1/models", &list) {
		return Local{}, false
	}
	for _, m := range list.Data {
		found.Models = append(found.Models, string(m.ID))
		if found.Name == "" {
			found.Name = owners[string(m.Owner)]
		}
	}
	return found, len(found.Models) > 0
}

// fetch reads a document from the line's host; false: there is none of that form.
func (l *line) fetch(ctx context.Context, path string, v any) bool {
	a, err := l.call(ctx, http.MethodGet, posted{url: &url.URL{Scheme: l.url.Scheme, Host: l.url.Host, Path: path}}, nil)
	if err != nil {
		return false
	}
	defer a.free()
	return a.status == http.StatusOK && strings.HasPrefix(strings.TrimSpace(a.body.String()), "{") && json.Unmarshal(a.body.Bytes(), v) == nil
}
