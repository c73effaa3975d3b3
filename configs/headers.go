package configs

import (
	"encoding/json"
	"fmt"

	"openarena/internal/secret"
)

// Headers are further headers of each call, by name. Any of them may carry a key: however they are printed or marshalled,
// their values are masked.
type Headers map[string]string

// Format prints the names, for every verb and flag.
func (h Headers) Format(f fmt.State, _ rune) { fmt.Fprint(f, h.masked()) }

// MarshalJSON gives the names.
func (h Headers) MarshalJSON() ([]byte, error) { return json.Marshal(h.masked()) }

func (h Headers) masked() map[string]secret.String {
	masked := make(map[string]secret.String, len(h))
	for name, value := range h {
		masked[name] = secret.New(value)
	}
	return masked
}
