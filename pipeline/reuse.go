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
// the lower limit: those would have come out the same. What was cut is asked for again. It returns how many were kept.
func (a *Arena) ReuseFinished(ctx context.Context, s store.Store) (int, error) {
	heirs, err := a.heirs(ctx, s)
	if err != nil || len(heirs) == 0 {
		return 0, err
	}
	n, waiting := 0, 0
	var b store.Batch
	flush := func() error {
		result, err := s.Apply(ctx, &b)
		for _, created := range result.Created {
			if created {
				n++
			}
		}
		b, waiting = store.Batch{}, 0
		return err
	}
	for rec, err := range s.Scan(ctx, store.Answers, store.Range{}, store.WithBody) {
		if err != nil {
			return n, err
		}
		key, err := parseAnswerKey(rec.Key)
		if err != nil {
			return n, err
		}
		old, err := parseReply(rec.Meta, nil)
		if err != nil {
			return n, err
		}
		if old.Finish != providers.FinishStop {
			continue
		}
		for _, c := range heirs[key.Contestant] {
			if int(key.Sample) < c.Samples {
				b.PutOnce(store.Answers, AnswerKey{key.Prompt, c.ID, key.Sample}.bytes(), bytes.Clone(rec.Meta), bytes.Clone(rec.Body))
				waiting++
			}
		}
		if waiting >= syncBatch {
			if err := flush(); err != nil {
				return n, err
			}
		}
	}
	return n, flush()
}

// heirs are the contestants of the file by the identity they had under a lower limit.
func (a *Arena) heirs(ctx context.Context, r store.Reader) (map[ID][]*Contestant, error) {
	heirs := map[ID][]*Contestant{}
	prefix := store.Prefix(definitionKey('c', ID{})[:2])
	for rec, err := range r.Scan(ctx, store.Meta, prefix, store.WithBody) {
		if err != nil {
			return nil, err
		}
		id := ID(rec.Key[2:])
		for i := range a.Contestants {
			c := &a.Contestants[i]
			if c.Answers == nil && c.ID != id && a.chosen(c) && raised(rec.Body, c.Definition) {
				heirs[id] = append(heirs[id], c)
			}
		}
	}
	return heirs, nil
}

// raised reports whether two definitions differ in nothing but a limit of tokens that the newer has higher, or not at all.
func raised(older, newer []byte) bool {
	was, wasLimit, ok1 := withoutLimit(older)
	is, isLimit, ok2 := withoutLimit(newer)
	return ok1 && ok2 && bytes.Equal(was, is) && wasLimit > 0 && (isLimit == 0 || isLimit > wasLimit)
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
	d["params"] = params
	rest, err := canonical(d)
	return rest, limit, err == nil
}
