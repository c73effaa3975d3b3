package pipeline

import (
	"context"
	"iter"

	"openarena/store"
)

// Failure is one answer or judgment that could not be had.
type Failure struct {
	Stage     string `json:"stage"` // generate or judge
	Prompt    string `json:"prompt"`
	Model     string `json:"model"`            // the contestant or the judge
	Battle    string `json:"battle,omitempty"` // the two contestants, of a judgment
	Permanent bool   `json:"permanent"`        // false: the next run tries again
	Reason    string `json:"reason"`
	Message   string `json:"message"`
	Tries     int    `json:"tries"`

	key []byte
}

// Failures yields what failed for the models and judges of the file, in key order.
func (a *Arena) Failures(ctx context.Context, r store.Reader) iter.Seq2[Failure, error] {
	return func(yield func(Failure, error) bool) {
		for rec, err := range r.Scan(ctx, store.Failures, store.Range{}, store.WithBody) {
			if err != nil {
				yield(Failure{}, err)
				return
			}
			f, ours, err := a.failure(rec)
			if err == nil && !ours {
				continue
			}
			if !yield(f, err) || err != nil {
				return
			}
		}
	}
}

func (a *Arena) failure(rec store.Record) (Failure, bool, error) {
	was, err := parseFailure(rec.Meta, rec.Body)
	if err != nil {
		return Failure{}, false, err
	}
	f := Failure{
		Permanent: was.Permanent, Reason: was.Reason, Message: was.Message, Tries: int(was.Tries), key: append([]byte(nil), rec.Key...),
	}
	if len(rec.Key) == answerSize {
		key, err := parseAnswerKey(rec.Key)
		c := a.contestant(key.Contestant)
		if err != nil || c == nil {
			return f, false, err
		}
		f.Stage, f.Prompt, f.Model = "generate", key.Prompt.String(), c.Name
		return f, true, nil
	}
	key, err := parseVerdictKey(rec.Key)
	x, y, j := a.contestant(key.A.Contestant), a.contestant(key.B.Contestant), a.judge(key.Judge)
	if err != nil || x == nil || y == nil || j == nil {
		return f, false, err
	}
	if key.Order == 1 {
		x, y = y, x
	}
	f.Stage, f.Prompt, f.Model, f.Battle = "judge", key.Prompt.String(), j.Name, x.Name+" · "+y.Name
	return f, true, nil
}

func (a *Arena) judge(id ID) *Judge {
	for i := range a.Judges {
		if a.Judges[i].ID == id {
			return &a.Judges[i]
		}
	}
	return nil
}

// Retry forgets failures, those for good included, so that the next run asks again. reason: only those; "": all.
func (a *Arena) Retry(ctx context.Context, s store.Store, reason string) (int, error) {
	n := 0
	var b store.Batch
	flush := func() error {
		_, err := s.Apply(ctx, &b)
		b = store.Batch{}
		return err
	}
	for f, err := range a.Failures(ctx, s) {
		if err != nil {
			return n, err
		}
		if reason != "" && f.Reason != reason {
			continue
		}
		b.Delete(store.Failures, f.key)
		if n++; n%syncBatch == 0 {
			if err := flush(); err != nil {
				return n, err
			}
		}
	}
	return n, flush()
}
