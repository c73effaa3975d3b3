package pipeline

import (
	"context"
	"encoding/json"
	"fmt"
	"io"

	"openarena/store"
)

// ExportVotes writes the votes that count as JSON Lines, as ImportVotes reads them, prompts in the order of their hashes. It
// returns how many it wrote, and how many it did not: they are about prompts or answers that the file does not want, or that
// have changed since.
func (a *Arena) ExportVotes(ctx context.Context, r store.Reader, w io.Writer) (written, left int64, err error) {
	all, err := a.listings(ctx, r)
	if err != nil {
		return 0, 0, err
	}
	box := newVoteBox(ctx, r)
	defer box.close()
	lines := json.NewEncoder(w)
	lines.SetEscapeHTML(false)
	for s, err := range a.sheets(ctx, r, all, walkOptions{span: everything}) {
		if err != nil {
			return written, 0, err
		}
		votes, err := box.of(&s.Prompt)
		if err != nil {
			return written, 0, err
		}
		n, err := a.exportVotes(ctx, r, lines, s, votes)
		written += n
		if err != nil {
			return written, 0, err
		}
	}
	total, err := countVotes(ctx, r)
	return written, total - written, err
}

// exportVotes writes the votes on one prompt.
func (a *Arena) exportVotes(ctx context.Context, r store.Reader, lines *json.Encoder, s *sheet, votes []vote) (n int64, err error) {
	var text json.RawMessage // of the prompt, where it is one turn
	for i, v := range votes {
		x, okX := a.holder(s, v.sides[0], v.voteSubject.First)
		y, okY := a.holder(s, v.sides[1], v.voteSubject.Second)
		if !okX || !okY || x == y {
			continue
		}
		w := v.saying
		if a.byID[y.Contestant].Place < a.byID[x.Contestant].Place {
			x, y, w = y, x, w.flipped()
		}
		if text == nil {
			if text, err = promptText(ctx, r, s.Prompt); err != nil {
				return n, err
			}
		}
		voter, err := voterName(ctx, r, v)
		if err != nil {
			return n, err
		}
		line := voteLine{
			ID: s.Prompt.String(), Prompt: text, Winner: w.String(), Voter: voter,
			ModelA: a.byID[x.Contestant].Name, SampleA: int(x.Sample), ModelB: a.byID[y.Contestant].Name, SampleB: int(y.Sample),
		}
		if err := lines.Encode(line); err != nil {
			return n, fmt.Errorf("vote %d on prompt %s: %w", i+1, s.Prompt, err)
		}
		n++
	}
	return n, nil
}

// holder is the side whose answer is that text: the one that was voted on, else another that says the same.
func (a *Arena) holder(s *sheet, side Side, text Digest) (Side, bool) {
	if g, ok := s.answer(side); ok && g.Digest == text && a.has(side) {
		return side, true
	}
	for i := range s.answers {
		if g := &s.answers[i]; g.Digest == text && a.has(g.side) {
			return g.side, true
		}
	}
	return Side{}, false
}

// has reports whether the file has the contestant, with that many samples.
func (a *Arena) has(s Side) bool {
	c := a.byID[s.Contestant]
	return c != nil && int(s.Sample) < c.Samples
}

// promptText is a prompt as a JSON text, or its messages where a text does not say it all.
func promptText(ctx context.Context, r store.Reader, h Hash) (json.RawMessage, error) {
	messages, err := readPrompt(ctx, r, h)
	if err != nil {
		return nil, err
	}
	if len(messages) == 1 && messages[0].Role == "user" {
		return encode(messages[0].Content)
	}
	return encode(messages)
}

// voterName reads who gave a vote.
func voterName(ctx context.Context, r store.Reader, v vote) (name string, err error) {
	for rec, err := range r.Scan(ctx, store.Votes, store.Prefix(v.voteSubject.bytes()), store.WithBody) {
		if err != nil {
			return "", err
		}
		name = string(rec.Body)
	}
	return name, nil
}
