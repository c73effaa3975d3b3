package pipeline

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"iter"
	"maps"

	"openarena/providers"
	"openarena/store"
)

// limitNames are the params that cut an answer off.
var limitNames = [...]string{"max_tokens", "max_completion_tokens"}

// ReuseFinished gives contestants whose limit of tokens was raised the answers that they finished by themselves under
// a lower limit: those would have come out the same. What was cut is asked for again, and so is what redo took back. Of
// several lower limits the highest counts. It returns how many were kept.
func (a *Arena) ReuseFinished(ctx context.Context, s store.Store) (int, error) {
	b := bulk{store: s}
	for kept, err := range a.bequests(ctx, s) {
		if err != nil {
			return b.created, err
		}
		rec, err := s.Get(ctx, store.Answers, kept.from.bytes(), store.WithBody)
		if err != nil {
			return b.created, err
		}
		b.putOnce(store.Answers, kept.to.bytes(), rec.Meta, rec.Body)
		if err := b.spill(ctx); err != nil {
			return b.created, err
		}
	}
	err := b.flush(ctx)
	return b.created, err
}

// finished counts, by contestant, the wanted answers that ReuseFinished would make of r.
func (a *Arena) finished(ctx context.Context, r store.Reader, all []listing) (map[ID]int64, error) {
	n := map[ID]int64{}
	for kept, err := range a.bequests(ctx, r) {
		if err != nil {
			return nil, err
		}
		_, wanted, err := a.locate(ctx, r, all, kept.to.Prompt)
		if err != nil {
			return nil, err
		}
		if !wanted {
			continue
		}
		_, err = r.Get(ctx, store.Answers, kept.to.bytes(), store.KeyOnly)
		if errors.Is(err, store.ErrNotFound) {
			n[kept.to.Contestant]++
		} else if err != nil {
			return nil, err
		}
	}
	return n, nil
}

// bequest is an answer that its contestant may keep under another identity.
type bequest struct {
	from, to AnswerKey
	limit    float64 // under which it was given
}

// bequests are the answers that ReuseFinished keeps, those among them that it has kept before.
func (a *Arena) bequests(ctx context.Context, r store.Reader) iter.Seq2[bequest, error] {
	return func(yield func(bequest, error) bool) {
		heirs, err := a.heirs(ctx, r)
		if err != nil {
			yield(bequest{}, err)
			return
		}
		if len(heirs) == 0 {
			return
		}
		e := estate{reader: r, best: map[AnswerKey]bequest{}}
		for rec, err := range r.Scan(ctx, store.Answers, store.Range{}, store.WithMeta) {
			key, whole, err := finishedAnswer(rec, err)
			if err != nil {
				yield(bequest{}, err)
				return
			}
			if key.Prompt != e.prompt && !e.hand(ctx, yield) {
				return
			}
			e.prompt = key.Prompt
			if whole {
				e.offer(key, heirs[key.Contestant])
			}
		}
		e.hand(ctx, yield)
	}
}

// finishedAnswer is the key of a record of Answers, and whether the answer ended by itself.
func finishedAnswer(rec store.Record, err error) (AnswerKey, bool, error) {
	if err != nil {
		return AnswerKey{}, false, err
	}
	key, err := parseAnswerKey(rec.Key)
	if err != nil {
		return key, false, err
	}
	answer, err := parseReply(rec.Meta, nil)
	return key, answer.Finish == providers.FinishStop, err
}

// heir is a contestant of the file, seen from an identity it had under a lower limit.
type heir struct {
	*Contestant
	limit float64 // the lower one
}

// estate is the answers of one prompt that may be kept.
type estate struct {
	reader store.Reader
	prompt Hash
	best   map[AnswerKey]bequest // by the key that the heir wants
}

func (e *estate) offer(from AnswerKey, heirs []heir) {
	for _, h := range heirs {
		to := AnswerKey{from.Prompt, h.ID, from.Sample}
		if int(from.Sample) < h.Samples && h.limit > e.best[to].limit {
			e.best[to] = bequest{from, to, h.limit}
		}
	}
}

// hand gives the heirs of one prompt what is theirs; false: nobody wants more.
func (e *estate) hand(ctx context.Context, yield func(bequest, error) bool) bool {
	for to, b := range e.best {
		times, err := retiredTimes(ctx, e.reader, store.Answers, to.bytes())
		if err != nil {
			yield(b, err)
			return false
		}
		if times == 0 && !yield(b, nil) {
			return false
		}
	}
	clear(e.best)
	return true
}

// heirs are the contestants of the file by the identities they had under lower limits.
func (a *Arena) heirs(ctx context.Context, r store.Reader) (map[ID][]heir, error) {
	heirs := map[ID][]heir{}
	prefix := store.Prefix(definitionKey('c', ID{})[:2])
	for rec, err := range r.Scan(ctx, store.Meta, prefix, store.WithBody) {
		if err != nil {
			return nil, err
		}
		id := ID(rec.Key[2:])
		for i := range a.Contestants {
			c := &a.Contestants[i]
			if c.Answers != nil || c.ID == id || !a.chosen(c) {
				continue
			}
			if limit, ok := raised(rec.Body, c.Definition); ok {
				heirs[id] = append(heirs[id], heir{c, limit})
			}
		}
	}
	return heirs, nil
}

// raised reports whether two definitions differ in nothing but a limit of tokens that the newer has higher, or not at all,
// and the older's limit.
func raised(older, newer []byte) (from float64, ok bool) {
	was, wasLimit, ok1 := withoutLimit(older)
	is, isLimit, ok2 := withoutLimit(newer)
	return wasLimit, ok1 && ok2 && bytes.Equal(was, is) && wasLimit > 0 && (isLimit == 0 || isLimit > wasLimit)
}

// withoutLimit is a definition without its limit of tokens, and that limit; 0: none.
func withoutLimit(definition []byte) (rest []byte, limit float64, ok bool) {
	var d map[string]any
	if json.Unmarshal(definition, &d) != nil || d["file"] != nil {
		return nil, 0, false
	}
	params, _ := d["params"].(map[string]any)
	params = maps.Clone(params)
	for _, name := range limitNames {
		if n, isNumber := params[name].(float64); isNumber {
			limit = n
		}
		delete(params, name)
	}
	if d["params"] = params; len(params) == 0 {
		delete(d, "params")
	}
	rest, err := encode(d)
	return rest, limit, err == nil
}
