package pipeline

import (
	"context"
	"errors"

	"openarena/providers"
	"openarena/store"
)

// PairTexts are what people read before they vote.
type PairTexts struct {
	Messages []providers.Message
	A, B     string
}

// Texts reads a pair. It is ErrAnswerChanged if an answer is not there any more as it was.
func (p Pair) Texts(ctx context.Context, r store.Reader) (t PairTexts, err error) {
	if t.Messages, err = readPrompt(ctx, r, p.Prompt); err != nil {
		return t, err
	}
	for i, side := range [...]Side{p.A, p.B} {
		rec, err := r.Get(ctx, store.Answers, AnswerKey{p.Prompt, side.Contestant, side.Sample}.bytes(), store.WithBody)
		if errors.Is(err, store.ErrNotFound) {
			return t, ErrAnswerChanged
		}
		if err != nil {
			return t, err
		}
		said, err := parseReply(rec.Meta, rec.Body)
		if err != nil {
			return t, err
		}
		if said.Digest != p.texts[i] {
			return t, ErrAnswerChanged
		}
		*[...]*string{&t.A, &t.B}[i] = said.Text
	}
	return t, nil
}
