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
	Battle    string `json:"battle,omitempty"` // the two contestants of a judgment, or the one whose answer was judged alone
	Permanent bool   `json:"permanent"`        // false: the next run tries again
	Reason    string `json:"reason"`
	Message   string `json:"message"`
	Tries     int    `json:"tries"`

	key []byte
}

// Failures yields what is wanted, failed and was not done since, in key order. What failed for prompts, texts or models that
// the file does not want any more is no failure any more.
func (a *Arena) Failures(ctx context.Context, r store.Reader) iter.Seq2[Failure, error] {
	return func(yield func(Failure, error) bool) {
		v, err := a.View(ctx, r)
		if err != nil {
			yield(Failure{}, err)
			return
		}
		var open openWork
		for rec, err := range r.Scan(ctx, store.Failures, store.Range{}, store.WithBody) {
			var f Failure
			wanted := false
			if err == nil && len(rec.Key) >= hashSize {
				wanted, err = open.has(ctx, v, rec.Key)
			}
			if err == nil && !wanted {
				continue
			}
			if err == nil {
				f, err = a.failure(rec)
			}
			if !yield(f, err) || err != nil {
				return
			}
		}
	}
}

// openWork is what one prompt still wants, by key; asked for ascending keys it reads each prompt once.
type openWork struct {
	prompt Hash
	keys   map[string]bool
}

func (o *openWork) has(ctx context.Context, v *View, key []byte) (bool, error) {
	if h := Hash(key[:hashSize]); o.keys == nil || o.prompt != h {
		keys, err := v.open(ctx, h)
		if err != nil {
			return false, err
		}
		o.prompt, o.keys = h, keys
	}
	return o.keys[string(key)], nil
}

// open are the keys of the answers and verdicts that a prompt wants and does not have; none for a prompt that no dataset
// lists.
func (v *View) open(ctx context.Context, h Hash) (map[string]bool, error) {
	keys := map[string]bool{}
	w, in, err := v.arena.locate(ctx, v.reader, v.listings, h)
	if err != nil || !in {
		return keys, err
	}
	s, err := v.sheet(ctx, w)
	if err != nil {
		return nil, err
	}
	for _, c := range v.arena.Contestants {
		for k := range c.Samples {
			side := Side{c.ID, uint16(k)}
			if _, done := s.answer(side); !done {
				keys[string(AnswerKey{h, c.ID, uint16(k)}.bytes())] = true
			}
		}
	}
	for key := range v.pairing.askable(s) {
		if !s.has(key) {
			keys[string(key.bytes())] = true
		}
	}
	return keys, nil
}

// failure reads a record that is known to be of the file's models.
func (a *Arena) failure(rec store.Record) (Failure, error) {
	was, err := parseFailure(rec.Meta, rec.Body)
	if err != nil {
		return Failure{}, err
	}
	f := Failure{
		Permanent: was.Permanent, Reason: was.Reason, Message: was.Message, Tries: int(was.Tries), key: append([]byte(nil), rec.Key...),
	}
	if len(rec.Key) == answerSize {
		key, err := parseAnswerKey(rec.Key)
		if err != nil {
			return f, err
		}
		f.Stage, f.Prompt, f.Model = "generate", key.Prompt.String(), a.contestant(key.Contestant).Name
		return f, nil
	}
	key, err := parseVerdictKey(rec.Key)
	if err != nil {
		return f, err
	}
	x, y := a.contestant(key.A.Contestant), a.contestant(key.B.Contestant)
	if key.Order == 1 {
		x, y = y, x
	}
	f.Stage, f.Prompt, f.Model, f.Battle = "judge", key.Prompt.String(), a.judge(key.Judge).Name, x.Name+" · "+y.Name
	if key.alone() {
		f.Battle = x.Name
	}
	return f, nil
}

// Retry forgets failures, those for good included, so that the next run asks again. reason: only those; "": all.
func (a *Arena) Retry(ctx context.Context, s store.Store, reason string) (int, error) {
	n := 0
	b := bulk{store: s}
	for f, err := range a.Failures(ctx, s) {
		if err != nil {
			return n, err
		}
		if reason != "" && f.Reason != reason {
			continue
		}
		n++
		b.delete(store.Failures, f.key)
		if err := b.spill(ctx); err != nil {
			return n, err
		}
	}
	return n, b.flush(ctx)
}
