package pipeline

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"fmt"

	"openarena/store"
)

// Selection chooses answers or judgments to be asked for again.
type Selection struct {
	Model  string // name of a contestant; "": all
	Judge  string // name of a judge: its judgments, not answers
	Prompt []byte // the first bytes of its hash; nil: all
}

// Redo takes chosen answers (or, with a judge, judgments) back, so that the next run asks again. The old ones are kept in
// Retired and not counted. It returns how many were taken back.
func (a *Arena) Redo(ctx context.Context, s store.Store, sel Selection) (int, error) {
	if err := a.CheckSelection(sel); err != nil {
		return 0, err
	}
	if sel.Judge != "" {
		return a.redoJudgments(ctx, s, sel)
	}
	return a.redoAnswers(ctx, s, sel)
}

// CheckSelection reports what is wrong with a selection: nothing chosen, or a name that the file does not have.
func (a *Arena) CheckSelection(sel Selection) error {
	if sel.Model == "" && sel.Judge == "" && sel.Prompt == nil {
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

// retire moves records to Retired, under their bucket, key and a number that counts the times. A commit holds syncBatch
// of them, so that a redo of a whole arena does not lie in memory.
type retire struct {
	store store.Store
	batch store.Batch
	n     int
}

func (t *retire) take(ctx context.Context, bk store.Bucket, rec store.Record) error {
	key := bytes.Clone(rec.Key)
	times := uint32(0)
	prefix := append([]byte{byte(bk)}, key...)
	for _, err := range t.store.Scan(ctx, store.Retired, store.Prefix(prefix), store.KeyOnly) {
		if err != nil {
			return err
		}
		times++
	}
	t.batch.PutOnce(store.Retired, binary.BigEndian.AppendUint32(prefix, times), bytes.Clone(rec.Meta), bytes.Clone(rec.Body))
	t.batch.Delete(bk, key)
	if t.n++; t.n%syncBatch == 0 {
		return t.flush(ctx)
	}
	return nil
}

func (t *retire) flush(ctx context.Context) error {
	_, err := t.store.Apply(ctx, &t.batch)
	t.batch = store.Batch{}
	return err
}

func (a *Arena) redoAnswers(ctx context.Context, s store.Store, sel Selection) (int, error) {
	t := retire{store: s}
	for rec, err := range s.Scan(ctx, store.Answers, store.Prefix(sel.Prompt), store.WithBody) {
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
		if err := t.take(ctx, store.Answers, rec); err != nil {
			return t.n, err
		}
	}
	return t.n, t.flush(ctx)
}

// redoJudgments takes back the verdicts of the chosen judgments, then all their attempts: if it dies in between, no verdict
// stands without its words. It counts verdicts.
func (a *Arena) redoJudgments(ctx context.Context, s store.Store, sel Selection) (int, error) {
	attempts, verdicts := retire{store: s}, retire{store: s}
	for _, part := range []struct {
		bucket store.Bucket
		*retire
	}{{store.Verdicts, &verdicts}, {store.Judgments, &attempts}} {
		for rec, err := range s.Scan(ctx, part.bucket, store.Prefix(sel.Prompt), store.WithBody) {
			if err != nil {
				return verdicts.n, err
			}
			key, err := parseVerdictKey(rec.Key[:min(len(rec.Key), verdictSize)])
			if err != nil {
				return verdicts.n, err
			}
			if !a.selects(sel, key) {
				continue
			}
			if err := part.take(ctx, part.bucket, rec); err != nil {
				return verdicts.n, err
			}
		}
		if err := part.flush(ctx); err != nil {
			return verdicts.n, err
		}
	}
	return verdicts.n, nil
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
