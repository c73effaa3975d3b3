package pipeline

import (
	"context"
	"fmt"
)

// Find returns the wanted prompt whose hash begins with prefix. "" is the first prompt of the first dataset that has a
// judgment, else the first that has an answer.
func (v *View) Find(ctx context.Context, prefix HashPrefix) (*Dossier, error) {
	if prefix == "" {
		return v.first(ctx)
	}
	h, err := prefix.find(ctx, v.reader)
	if err != nil {
		return nil, err
	}
	return v.Dossier(ctx, h, Reading{Texts: true})
}

func (v *View) first(ctx context.Context) (*Dossier, error) {
	var first *Hash
	for w, err := range v.arena.rows(ctx, v.reader, v.listings) {
		if err != nil {
			return nil, err
		}
		d, err := v.Dossier(ctx, w.Prompt, Reading{})
		if err != nil {
			return nil, err
		}
		if d.judged() {
			return v.Dossier(ctx, w.Prompt, Reading{Texts: true})
		}
		if first == nil && d.answered() {
			first = &w.Prompt
		}
	}
	if first == nil {
		return nil, fmt.Errorf("no prompt has an answer yet; `openarena run` asks for them")
	}
	return v.Dossier(ctx, *first, Reading{Texts: true})
}

// judged reports whether there is a verdict that counts or cannot be read.
func (d *Dossier) judged() bool {
	for range d.Rulings() {
		return true
	}
	return false
}

func (d *Dossier) answered() bool {
	for i := range d.Answers {
		if d.Answers[i].Said != nil {
			return true
		}
	}
	return false
}
