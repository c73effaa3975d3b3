package judge

import (
	"crypto/sha256"
	"encoding/hex"
)

// nonce marks the blocks of a question: the first 12 hex digits of the SHA-256 of all texts shown, in their order. It is
// the same on every machine, and no answer can hold it, since it depends on that answer.
func (c Case) nonce() string {
	messages := make([]map[string]string, len(c.Messages))
	for i, m := range c.Messages {
		messages[i] = map[string]string{"role": m.Role, "content": m.Content}
	}
	shown := map[string]any{"answers": []string{c.First, c.Second}, "messages": messages}
	if c.Reference != "" {
		shown["reference"] = c.Reference
	}
	sum := sha256.Sum256(canonical(shown))
	return hex.EncodeToString(sum[:6])
}
