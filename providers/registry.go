package providers

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"
)

// kinds holds every protocol. A new one is a file of its own and a line here.
var kinds = map[string]kind{
	"anthropic": anthropicKind,
	"azure":     azureKind,
	"gemini":    geminiKind,
	"ollama":    ollamaKind,
	"openai":    openAIKind,
}

// New returns a client for e, safe for use by many goroutines at once. It makes no call. An unknown kind, an address
// that is none, or a key that no header can carry is an error, which never shows the key.
func New(e Endpoint) (Client, error) {
	name := cmp.Or(e.Kind, "openai")
	k, ok := kinds[name]
	if !ok {
		known := slices.Sorted(maps.Keys(kinds))
		return nil, fmt.Errorf("endpoint kind %q is not known here; use one of: %s", name, strings.Join(known, ", "))
	}
	c, err := newClient(e, k, nil)
	if err != nil || k.wrap == nil {
		return c, err
	}
	return k.wrap(c), nil
}
