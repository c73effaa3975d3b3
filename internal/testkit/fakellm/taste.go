package fakellm

import (
	"cmp"
	"fmt"
	"net/http"
	"slices"

	"github.com/goccy/go-json"
)

// Taste is what a server makes of requests that others take as they are.
type Taste struct {
	Unknown  []string // fields of a request that get 400, which names them
	Renames  bool     // max_tokens gets 400, which asks for max_completion_tokens
	As       string   // the name that replies carry, whatever was asked for; empty: the one asked for
	NoStream bool     // stream: true gets 400
}

// named is the model's name in a reply.
func (s *Server) named(asked string) string { return cmp.Or(s.options.As, asked) }

// disliked answers a request with a field that is not to the server's taste.
func (s *Server) disliked(w http.ResponseWriter, body []byte) bool {
	t := &s.options.Taste
	if len(t.Unknown) == 0 && !t.Renames && !t.NoStream {
		return false
	}
	var fields map[string]json.RawMessage
	if json.Unmarshal(body, &fields) != nil {
		return false
	}
	unsupported := func(name, message string) bool {
		e := map[string]any{"message": message, "type": "invalid_request_error", "param": name, "code": "unsupported_parameter"}
		body, _ := json.Marshal(map[string]any{"error": e}) // strings only: cannot fail
		w.Header().Set("Content-Type", "application/json")
		w.WriteHeader(http.StatusBadRequest)
		_, _ = w.Write(body)
		return true
	}
	if _, sent := fields["max_tokens"]; sent && t.Renames {
		return unsupported("max_tokens", "Unsupported parameter: 'max_tokens' is not supported with this model. Use 'max_completion_tokens' instead.")
	}
	if t.NoStream && string(fields["stream"]) == "true" {
		return unsupported("stream", "stream is not supported")
	}
	for name := range fields {
		if slices.Contains(t.Unknown, name) {
			return unsupported(name, fmt.Sprintf("Unsupported parameter: '%s' is not supported with this model.", name))
		}
	}
	return false
}
