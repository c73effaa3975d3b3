package pipeline

import (
	"context"
	"fmt"

	"openarena/pipeline/export"
)

// Find returns the wanted prompt whose hash begins with prefix. "" is the first prompt of the first dataset that has a
// judgment, else the first.
func (v *View) Find(ctx context.Context, prefix HashPrefix) (*export.Prompt, error) {
	if prefix == "" {
		return v.first(ctx)
	}
	h, err := prefix.find(ctx, v.reader)
	if err != nil {
		return nil, err
	}
	return v.one(ctx, h)
}

func (v *View) one(ctx context.Context, h Hash) (*export.Prompt, error) {
	for _, l := range v.listings {
		in, err := listed(ctx, v.reader, []listing{l}, h)
		if err != nil {
			return nil, err
		}
		if !in {
			continue
		}
		w := wanted{Prompt: h, Dataset: l.dataset}
		if err := w.read(ctx, v.reader, l.Version); err != nil {
			return nil, err
		}
		return v.prompt(ctx, w, true)
	}
	return nil, fmt.Errorf("prompt %s is in the database, but no dataset of the file lists it any more", h)
}

func (v *View) first(ctx context.Context) (*export.Prompt, error) {
	var first *export.Prompt
	for p, err := range v.Prompts(ctx, true) {
		if err != nil || len(p.Judgments) > 0 {
			return p, err
		}
		if first == nil {
			first = p
		}
	}
	if first == nil {
		return nil, fmt.Errorf("no prompt has an answer yet; `openarena run` asks for them")
	}
	return first, nil
}
