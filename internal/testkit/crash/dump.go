package crash

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"

	"openarena/internal/testkit/fakellm"
)

// texts returns every string in a canonical dump that is a reply of the fake server, by the name of its call. A reply is
// stored whole in one place and may be quoted in others (an explanation, say), so that a call can have several.
//
// This is all that the harness knows of the dump's format: one JSON value a line, texts inline.
func texts(dump []byte) (map[string][]string, error) {
	found := map[string][]string{}
	lines := bufio.NewScanner(bytes.NewReader(dump))
	lines.Buffer(nil, 64<<20)
	for n := 1; lines.Scan(); n++ {
		var record any
		if err := json.Unmarshal(lines.Bytes(), &record); err != nil {
			return nil, fmt.Errorf("dump, line %d: %w", n, err)
		}
		collect(record, found)
	}
	return found, lines.Err()
}

func collect(v any, found map[string][]string) {
	switch v := v.(type) {
	case string:
		if name := fakellm.Tag(v); name != "" {
			found[name] = append(found[name], v)
		}
	case []any:
		for _, item := range v {
			collect(item, found)
		}
	case map[string]any:
		for _, item := range v {
			collect(item, found)
		}
	}
}
