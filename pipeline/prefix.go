package pipeline

import (
	"bytes"
	"context"
	"encoding/hex"
	"fmt"
	"strings"

	"openarena/store"
)

// HashPrefix is the beginning of a prompt's hash: hex digits in small letters. "" is that of every prompt.
type HashPrefix string

// ParseHash reads the beginning of a prompt's hash as people type it: at least its first four digits.
func ParseHash(s string) (HashPrefix, error) {
	if len(s) < 4 || len(s) > 2*hashSize {
		return "", fmt.Errorf("%q is no prompt hash: give 4 to 32 hex digits, such as `openarena export --type battles` shows", s)
	}
	if strings.Trim(s, "0123456789abcdefABCDEF") != "" {
		return "", fmt.Errorf("%q is no prompt hash: it holds something else than hex digits", s)
	}
	return HashPrefix(strings.ToLower(s)), nil
}

// bytes are the whole bytes of it: an odd digit at its end is left out.
func (p HashPrefix) bytes() []byte {
	b, _ := hex.DecodeString(string(p[:len(p)&^1])) // ParseHash lets nothing else in
	return b
}

// find returns the one prompt of the database whose hash begins so.
func (p HashPrefix) find(ctx context.Context, r store.Reader) (Hash, error) {
	var found []Hash
	for rec, err := range r.Scan(ctx, store.Prompts, store.Prefix(p.bytes()), store.KeyOnly) {
		if err != nil {
			return Hash{}, err
		}
		if strings.HasPrefix(hex.EncodeToString(rec.Key), string(p)) {
			found = append(found, Hash(bytes.Clone(rec.Key)))
		}
	}
	switch len(found) {
	case 0:
		return Hash{}, fmt.Errorf("no prompt has a hash that begins with %s; `openarena export --type battles` lists them", p)
	case 1:
		return found[0], nil
	}
	return Hash{}, fmt.Errorf("%d prompts have a hash that begins with %s; give more digits", len(found), p)
}
