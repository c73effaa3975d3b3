package pipeline

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"openarena/store"
)

// Orphan is what the database holds of one model or judge that the file does not want: it is kept, and not counted.
type Orphan struct {
	Kind  string `json:"kind"`  // answers or judgments
	Model string `json:"model"` // as the file calls it; its model_id where the file has it no more
	Count int64  `json:"count"`
	Why   string `json:"why"`

	redo bool // a run asks for it again, in its present form
}

// String is a sentence.
func (o Orphan) String() string {
	noun := o.Kind
	if o.Count == 1 {
		noun = strings.TrimSuffix(noun, "s")
	}
	text := fmt.Sprintf("%d %s of %s: %s", o.Count, noun, o.Model, o.Why)
	if o.redo {
		text += ", so that they are asked for again; the old ones are kept"
	}
	return text
}

// countOrphans finds what is there and not wanted, whose it is, and why.
func (p *Plan) countOrphans(ctx context.Context, r store.Reader, c *census) error {
	answers, n, err := countBy(ctx, r, store.Answers, func(key []byte) (ID, error) {
		k, err := parseAnswerKey(key)
		return k.Contestant, err
	})
	if err != nil {
		return err
	}
	verdicts, m, err := countBy(ctx, r, store.Verdicts, func(key []byte) (ID, error) {
		k, err := parseVerdictKey(key)
		return k.Judge, err
	})
	if err != nil {
		return err
	}
	generate, judge := c.totals()
	p.OrphanAnswers, p.OrphanJudgments = n-generate.Done, m-judge.Done-c.further.spare
	a := c.arena
	for i := range a.Contestants {
		one := &a.Contestants[i]
		p.leftOver("answers", one.Name, answers[one.ID]-c.answers[i].Done)
		delete(answers, one.ID)
	}
	for i := range a.Judges {
		there := int64(0)
		for _, id := range a.forms(i) {
			there += verdicts[id]
			delete(verdicts, id)
		}
		if c.further.spare == 0 { // else nobody knows whose those are
			p.leftOver("judgments", a.Judges[i].Name, there-c.verdicts[i].Done)
		}
	}
	if err := p.strangers(ctx, r, a, "answers", 'c', answers); err != nil {
		return err
	}
	return p.strangers(ctx, r, a, "judgments", 'j', verdicts)
}

// countBy counts the records of a bucket by whose they are.
func countBy(ctx context.Context, r store.Reader, bk store.Bucket, whose func([]byte) (ID, error)) (by map[ID]int64, all int64, err error) {
	by = map[ID]int64{}
	for rec, err := range r.Scan(ctx, bk, store.Range{}, store.KeyOnly) {
		if err != nil {
			return nil, 0, err
		}
		id, err := whose(rec.Key)
		if err != nil {
			return nil, 0, &store.RecordError{Bucket: bk, Key: bytes.Clone(rec.Key), What: err.Error()}
		}
		by[id]++
		all++
	}
	return by, all, nil
}

// leftOver are records of a model of the file that nothing of the file wants.
func (p *Plan) leftOver(kind, name string, n int64) {
	why := "to prompts or samples that are not wanted any more"
	if kind == "judgments" {
		why = "of answers, prompts or orders that are not wanted any more"
	}
	if n > 0 {
		p.Orphans = append(p.Orphans, Orphan{Kind: kind, Model: name, Count: n, Why: why})
	}
}

// strangers are records under identities that the file does not have: of models it had, or has in another form.
func (p *Plan) strangers(ctx context.Context, r store.Reader, a *Arena, kind string, of byte, by map[ID]int64) error {
	ids := slices.SortedFunc(maps.Keys(by), func(x, y ID) int { return bytes.Compare(x[:], y[:]) })
	for _, id := range ids {
		rec, err := r.Get(ctx, store.Meta, definitionKey(of, id), store.WithBody)
		if err != nil && !errors.Is(err, store.ErrNotFound) {
			return err
		}
		o := Orphan{Kind: kind, Model: "a model that nobody knows", Count: by[id], Why: "the file does not name it any more"}
		var was map[string]any
		if err == nil && json.Unmarshal(rec.Body, &was) == nil {
			o.Model = fmt.Sprint(was["model_id"])
			if name, changed := a.successor(of, was); name != "" {
				o.Model, o.redo = name, true
				o.Why = strings.Join(changed, ", ") + " changed"
			}
		}
		p.Orphans = append(p.Orphans, o)
	}
	return nil
}

// successor is who in the file has the model_id of a definition that the file does not have, and what has changed since; of
// several the one of whom least has.
func (a *Arena) successor(of byte, was map[string]any) (name string, changed []string) {
	offer := func(n string, definition []byte) {
		var is map[string]any
		if json.Unmarshal(definition, &is) != nil || is["model_id"] != was["model_id"] || (is["file"] == nil) != (was["file"] == nil) {
			return
		}
		if d := differences(was, is); name == "" || len(d) < len(changed) {
			name, changed = n, d
		}
	}
	if of == 'c' {
		for i := range a.Contestants {
			offer(a.Contestants[i].Name, a.Contestants[i].Definition)
		}
		return name, changed
	}
	for i := range a.Judges {
		offer(a.Judges[i].Name, a.Judges[i].Definition)
	}
	return name, changed
}

// differences are the names of the parts in which two definitions differ; of params, which of them.
func differences(was, is map[string]any) (names []string) {
	all := map[string]any{}
	maps.Copy(all, was)
	maps.Copy(all, is)
	for _, name := range slices.Sorted(maps.Keys(all)) {
		x, _ := json.Marshal(was[name])
		y, _ := json.Marshal(is[name])
		if bytes.Equal(x, y) {
			continue
		}
		old, ok1 := was[name].(map[string]any)
		now, ok2 := is[name].(map[string]any)
		if name == "params" && (ok1 || was[name] == nil) && (ok2 || is[name] == nil) {
			for _, param := range differences(old, now) {
				names = append(names, "params."+param)
			}
			continue
		}
		if name == "version" {
			name = "the wording of its protocol"
		}
		names = append(names, name)
	}
	return names
}
