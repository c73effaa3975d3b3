package pipeline

import (
	"context"
	"errors"
	"fmt"

	"openarena/store"
)

// Selection chooses answers or judgments to be asked for again.
type Selection struct {
	Model  string     // name of a contestant; "": all
	Judge  string     // name of a judge: its judgments, not answers
	Prompt HashPrefix // of one prompt; "": all
}

// Redo takes chosen answers (or, with a judge, judgments) back, so that the next run asks again. The old ones are kept in
// Retired and not counted. It returns how many were taken back.
func (a *Arena) Redo(ctx context.Context, s store.Store, sel Selection) (int, error) {
	if err := a.CheckSelection(sel); err != nil {
		return 0, err
	}
	var prompt []byte // where its keys begin
	if sel.Prompt != "" {
		h, err := sel.Prompt.find(ctx, s)
		if err != nil {
			return 0, fmt.Errorf("--prompt: %w", err)
		}
		prompt = h[:]
	}
	if sel.Judge != "" {
		return a.redoJudgments(ctx, s, sel, store.Prefix(prompt))
	}
	return a.redoAnswers(ctx, s, sel, store.Prefix(prompt))
}

// CheckSelection reports what is wrong with a selection: nothing chosen, or a name that the file does not have.
func (a *Arena) CheckSelection(sel Selection) error {
	if sel.Model == "" && sel.Judge == "" && sel.Prompt == "" {
		return errors.New("redo: say what to ask for again: --model, --judge or --prompt")
	}
	var models, judges []string
	for _, c := range a.Contestants {
		models = append(models, c.Name)
		if sel.Model == c.Name && c.Answers != nil && sel.Judge == "" {
			return fmt.Errorf("redo: the answers of %q come from a file; change the file instead", c.Name)
		}
	}
	for _, j := range a.Judges {
		judges = append(judges, j.Name)
	}
	if err := known(chosenName(sel.Model), models, "--model", "model"); err != nil {
		return err
	}
	return known(chosenName(sel.Judge), judges, "--judge", "judge")
}

func chosenName(name string) map[string]bool {
	if name == "" {
		return nil
	}
	return map[string]bool{name: true}
}

func (a *Arena) redoAnswers(ctx context.Context, s store.Store, sel Selection, in store.Range) (int, error) {
	t := retire{bulk: bulk{store: s}}
	for rec, err := range s.Scan(ctx, store.Answers, in, store.WithBody) {
		if err != nil {
			return t.n, err
		}
		key, err := parseAnswerKey(rec.Key)
		if err != nil {
			return t.n, err
		}
		c := a.contestant(key.Contestant)
		if c == nil || c.Answers != nil || sel.Model != "" && c.Name != sel.Model {
			continue
		}
		t.n++
		if err := t.take(ctx, store.Answers, rec); err != nil {
			return t.n, err
		}
		if err := t.spill(ctx); err != nil {
			return t.n, err
		}
	}
	return t.n, t.flush(ctx)
}

// redoJudgments takes back the chosen judgments, the verdict of each in one commit with all its attempts: a verdict must not
// stand without its words, and words that stay without their verdict would be read again instead of asked for. It counts
// verdicts.
func (a *Arena) redoJudgments(ctx context.Context, s store.Store, sel Selection, in store.Range) (int, error) {
	t := retire{bulk: bulk{store: s}}
	if err := t.attempts(ctx, a, sel, in); err != nil {
		return t.n, err
	}
	if err := t.wordless(ctx, a, sel, in); err != nil {
		return t.n, err
	}
	return t.n, t.flush(ctx)
}

// attempts retires the chosen judgments that a judge has said something to.
func (t *retire) attempts(ctx context.Context, a *Arena, sel Selection, in store.Range) error {
	var last VerdictKey
	for rec, err := range t.store.Scan(ctx, store.Judgments, in, store.WithBody) {
		if err != nil {
			return err
		}
		key, err := parseVerdictKey(rec.Key[:min(len(rec.Key), verdictSize)])
		if err != nil {
			return err
		}
		if !a.selects(sel, key) {
			continue
		}
		if key != last {
			if err := t.spill(ctx); err != nil {
				return err
			}
			if err := t.verdict(ctx, key); err != nil {
				return err
			}
			last = key
		}
		if err := t.take(ctx, store.Judgments, rec); err != nil {
			return err
		}
	}
	return t.flush(ctx) // so that the walk over verdicts does not meet these again
}

// verdict retires a verdict if there is one.
func (t *retire) verdict(ctx context.Context, k VerdictKey) error {
	rec, err := t.store.Get(ctx, store.Verdicts, k.bytes(), store.WithBody)
	if errors.Is(err, store.ErrNotFound) {
		return nil
	}
	if err != nil {
		return err
	}
	t.n++
	return t.take(ctx, store.Verdicts, rec)
}

// wordless retires the chosen verdicts that are left: those that took no call.
func (t *retire) wordless(ctx context.Context, a *Arena, sel Selection, in store.Range) error {
	for rec, err := range t.store.Scan(ctx, store.Verdicts, in, store.WithBody) {
		if err != nil {
			return err
		}
		key, err := parseVerdictKey(rec.Key)
		if err != nil {
			return err
		}
		if !a.selects(sel, key) {
			continue
		}
		t.n++
		if err := t.take(ctx, store.Verdicts, rec); err != nil {
			return err
		}
		if err := t.spill(ctx); err != nil {
			return err
		}
	}
	return nil
}

func (a *Arena) selects(sel Selection, k VerdictKey) bool {
	if j := a.judge(k.Judge); j == nil || j.Name != sel.Judge {
		return false
	}
	if sel.Model == "" {
		return true
	}
	for _, side := range [...]Side{k.A, k.B} {
		if c := a.contestant(side.Contestant); c != nil && c.Name == sel.Model {
			return true
		}
	}
	return false
}
