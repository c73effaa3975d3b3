package pipeline

import (
	"bytes"
	"context"
	"encoding/json"
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
	heirs, err := a.heirs(ctx, s)
	if err != nil || len(heirs) == 0 {
		return 0, err
	}
	e := estate{bulk: bulk{store: s}, best: map[AnswerKey]bequest{}}
	var prompt Hash
	for rec, err := range s.Scan(ctx, store.Answers, store.Range{}, store.WithMeta) {
		if err != nil {
			return e.created, err
		}
		key, err := parseAnswerKey(rec.Key)
		if err != nil {
			return e.created, err
		}
		old, err := parseReply(rec.Meta, nil)
		if err != nil {
			return e.created, err
		}
		if key.Prompt != prompt {
			if err := e.hand(ctx); err != nil {
				return e.created, err
			}
			prompt = key.Prompt
		}
		if old.Finish == providers.FinishStop {
			e.offer(key, heirs[key.Contestant])
		}
	}
	if err := e.hand(ctx); err != nil {
		return e.created, err
	}
	return e.created, e.flush(ctx)
}

// heir is a contestant of the file, seen from an identity it had under a lower limit.
type heir struct {
	*Contestant
	limit float64 // the lower one
}

// estate is the answers of one prompt that may be kept.
type estate struct {
	bulk
	best map[AnswerKey]bequest // by the key that the heir wants
}

type bequest struct {
	from  AnswerKey
	limit float64
}

func (e *estate) offer(from AnswerKey, heirs []heir) {
	for _, h := range heirs {
		to := AnswerKey{from.Prompt, h.ID, from.Sample}
		if int(from.Sample) < h.Samples && h.limit > e.best[to].limit {
			e.best[to] = bequest{from, h.limit}
		}
	}
}

// hand gives the heirs of one prompt what is theirs.
func (e *estate) hand(ctx context.Context) error {
	for to, b := range e.best {
		times, err := retiredTimes(ctx, e.store, store.Answers, to.bytes())
		if err != nil {
			return err
		}
		if times > 0 {
			continue
		}
		rec, err := e.store.Get(ctx, store.Answers, b.from.bytes(), store.WithBody)
		if err != nil {
			return err
		}
		e.putOnce(store.Answers, to.bytes(), rec.Meta, rec.Body)
	}
	clear(e.best)
	return e.spill(ctx)
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
