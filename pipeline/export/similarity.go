package export

import (
	"context"
	"encoding/hex"
	"strings"

	"openarena/pipeline/neardup"
	"openarena/providers"
)

// similarity remembers prompts by what the user said in them: some 300 bytes each, with the hash by which the arena gives the
// words again where two must be compared exactly.
type similarity struct {
	index  *neardup.Index
	hashes []byte // of those remembered, sixteen or so bytes each
	size   int    // of one
	words  func(hash string) ([]providers.Message, error)
}

func newSimilarity(ctx context.Context, a Arena, threshold float64) *similarity {
	return &similarity{index: neardup.New(threshold), words: func(hash string) ([]providers.Message, error) { return a.Messages(ctx, hash) }}
}

// repeats reports whether a prompt is nearly one that was remembered. If it is none it is remembered itself.
func (s *similarity) repeats(p *Prompt) (bool, error) {
	_, found, err := s.index.Admit(said(p.Messages), func(id int) (string, error) {
		messages, err := s.words(hex.EncodeToString(s.hashes[id*s.size : (id+1)*s.size]))
		return said(messages), err
	})
	if err != nil || found {
		return found, err
	}
	s.hashes, err = hex.AppendDecode(s.hashes, []byte(p.Hash))
	s.size = len(p.Hash) / 2
	return false, err
}

// said is what users say in a conversation, turn by turn.
func said(messages []providers.Message) string {
	var turns []string
	for _, m := range messages {
		if m.Role == "user" {
			turns = append(turns, m.Content)
		}
	}
	return strings.Join(turns, "\n")
}
