package judge

import (
	"crypto/sha256"
	"encoding/hex"
)

// nonce marks the blocks of a question: the first 12 hex digits of the SHA-256 of all texts shown, in their order. It is
// the same on every machine, and no answer can hold it, since it depends on that answer.
func (c Case) nonce() string {
	// Keys in alphabetical order, as of everything that is hashed.
	type message struct {
		Content string `json:"content"`
		Role    string `json:"role"`
	}
	shown := struct {
		Answers   [2]string `json:"answers"`
		Messages  []message `json:"messages"`
		Reference string    `json:"reference,omitempty"`
	}{[2]string{c.First, c.Second}, make([]message, len(c.Messages)), c.Reference}
	for i, m := range c.Messages {
		shown.Messages[i] = message{m.Content, m.Role}
	}
	sum := sha256.Sum256(canonical(shown))
	return hex.EncodeToString(sum[:6])
}
