package pipeline

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"openarena/configs"
	"openarena/providers"
	"openarena/store"
)

// spentEver is all that was spent in a database, by whomever; names are those whose calls nobody knows the price of: they count
// as nothing. Calls that died with a run count too, in tokens and cost like the mean of the others; lost are those of them that
// are not in the books yet.
func (a *Arena) spentEver(ctx context.Context, r store.Reader, lost int64) (all amount, unpriced []string, err error) {
	all, gone, unpriced, err := a.books(ctx, r, lost)
	all.add(gone)
	return all, unpriced, err
}

// books is spentEver, with what calls may have taken that died with a run apart.
func (a *Arena) books(ctx context.Context, r store.Reader, lost int64) (all, gone amount, unpriced []string, err error) {
	type account struct {
		kind byte
		id   ID
	}
	books := map[account]*Spent{}
	for rec, err := range r.Scan(ctx, store.Totals, store.Range{}, store.WithMeta) {
		if err != nil {
			return all, gone, nil, err
		}
		if string(rec.Key) == string(lostKey) {
			lost += store.Counter(rec)
			continue
		}
		if len(rec.Key) != 2+idSize || rec.Key[1+idSize] >= counts {
			continue
		}
		of := account{rec.Key[0], ID(rec.Key[1 : 1+idSize])}
		if books[of] == nil {
			books[of] = &Spent{}
		}
		*books[of].counter(rec.Key[1+idSize]) += store.Counter(rec)
	}
	for of, s := range books {
		took, name, err := a.takenBy(ctx, r, of.kind, of.id, *s)
		if err != nil {
			return all, gone, nil, err
		}
		all.add(took)
		if name != "" {
			unpriced = append(unpriced, name)
		}
	}
	if all.calls > 0 {
		share := float64(lost) / float64(all.calls)
		gone.tokens = int64(share * float64(all.tokens))
		gone.cost = share * all.cost
	}
	gone.calls = lost
	return all, gone, unpriced, nil
}

// takenBy is what one model's calls took, and its name if their cost is unknown.
func (a *Arena) takenBy(ctx context.Context, r store.Reader, kind byte, id ID, s Spent) (took amount, unpriced string, err error) {
	took.calls = s.Calls + s.Failed.Calls
	took.tokens = s.Usage.Input + s.Usage.Output + s.Failed.Input + s.Failed.Output
	m, err := a.modelOf(ctx, r, kind, id)
	if err != nil {
		return took, "", err
	}
	if cost := s.cost(m); cost != nil {
		took.cost = *cost
	} else {
		unpriced = m.Name
	}
	if m.Price != nil {
		took.cost += tokenCost(*m.Price, providers.Usage{Input: s.Failed.Input, Output: s.Failed.Output})
	}
	return took, unpriced, nil
}

// modelOf is the model of an identity: as the file has it, or, where the file has it no more, one of the same model_id.
func (a *Arena) modelOf(ctx context.Context, r store.Reader, kind byte, id ID) (m configs.Model, err error) {
	if c := a.contestant(id); kind == 'c' && c != nil {
		return c.Model, nil
	}
	if j := a.judgeByID[id]; kind == 'j' && j != nil {
		return j.Model, nil
	}
	rec, err := r.Get(ctx, store.Meta, definitionKey(kind, id), store.WithBody)
	if errors.Is(err, store.ErrNotFound) {
		return configs.Model{Name: "a model that the file does not name any more"}, nil
	}
	if err != nil {
		return m, err
	}
	var was struct {
		ModelID string `json:"model_id"`
	}
	if err := json.Unmarshal(rec.Body, &was); err != nil {
		return m, fmt.Errorf("the definition of %s: %w", id, err)
	}
	for _, c := range a.Contestants {
		if c.ModelID == was.ModelID && c.Price != nil {
			return c.Model, nil
		}
	}
	for _, j := range a.Judges {
		if j.ModelID == was.ModelID && j.Price != nil {
			return j.Model, nil
		}
	}
	return configs.Model{Name: was.ModelID + " (not in the file any more)", ModelID: was.ModelID, Price: a.tariff.anywhere(was.ModelID)}, nil
}
