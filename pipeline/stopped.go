package pipeline

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"

	"openarena/providers"
	"openarena/store"
)

// Stopped is a model that a run gave up on.
type Stopped struct {
	Model   string
	Judge   bool
	Refused bool // for good: a key, a quota, a name; else it failed too often
	Cause   error
}

// ending is why a model was stopped: it was given up, or nothing of its calls fits into the budget; nil: it was not.
func (c *callee) ending() (stopped *Stopped, budget error) {
	cause := c.why()
	if reached, ok := errors.AsType[budgetReached](cause); ok {
		return nil, reached
	}
	if cause == nil {
		return nil, nil
	}
	e, ok := errors.AsType[*providers.Error](cause)
	return &Stopped{Model: c.name, Judge: c.judging, Refused: ok && e.Class == providers.Refused, Cause: cause}, nil
}

func (s Stopped) String() string {
	role := "model"
	if s.Judge {
		role = "judge"
	}
	return fmt.Sprintf("%s %s was stopped: %v", role, s.Model, s.Cause)
}

// stoppedKey is where the database keeps, in Meta, whom the last run gave up on: whoever comes in the morning asks why.
var stoppedKey = []byte("stopped")

// sentences say why work was left, one for each model, and one if the budget was reached.
func (o Outcome) sentences() (all []string) {
	if o.Budget != nil {
		all = append(all, o.Budget.Error())
	}
	for _, one := range o.Stopped {
		all = append(all, one.String())
	}
	return all
}

// Note keeps why work was left, for LastStopped, in place of what the run before said.
func (o Outcome) Note(ctx context.Context, s store.Store) error {
	return noteStopped(ctx, s, o.sentences())
}

// noteStopped keeps the sentences about why work was left in place of those of the run before.
func noteStopped(ctx context.Context, s store.Store, sentences []string) error {
	var b store.Batch
	if len(sentences) == 0 {
		if _, err := s.Get(ctx, store.Meta, stoppedKey, store.KeyOnly); errors.Is(err, store.ErrNotFound) {
			return nil
		}
		b.Delete(store.Meta, stoppedKey)
	} else {
		body, err := json.Marshal(sentences)
		if err != nil {
			return err
		}
		b.Put(store.Meta, stoppedKey, nil, body)
	}
	_, err := s.Apply(ctx, &b)
	return err
}

// LastStopped is why the last run gave up on models, a sentence each; none if it did not.
func LastStopped(ctx context.Context, r store.Reader) (sentences []string, err error) {
	rec, err := r.Get(ctx, store.Meta, stoppedKey, store.WithBody)
	if errors.Is(err, store.ErrNotFound) {
		return []string{}, nil
	}
	if err == nil {
		err = json.Unmarshal(rec.Body, &sentences)
	}
	return sentences, err
}
