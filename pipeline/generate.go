package pipeline

import (
	"bytes"
	"context"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"maps"

	"openarena/providers"
	"openarena/store"
)

// generateStage asks one contestant for its missing answers.
type generateStage struct {
	*callee
	run        *Runner
	contestant *Contestant
	judges     []*judgeStage // told of each new answer; none when `generate` runs alone
}

// feed walks the wanted prompts beside the answers and offers what is missing.
func (g *generateStage) feed(ctx context.Context) error {
	r := g.run
	answers := newGroups(ctx, r.store, store.Answers, everything, store.KeyOnly)
	defer answers.close()
	failures := newGroups(ctx, r.store, store.Failures, everything, store.WithMeta)
	defer failures.close()
	for w, err := range r.arena.wanted(ctx, r.store, r.listings, everything) {
		if err != nil {
			return err
		}
		missing, err := g.missing(w.Prompt, answers, failures)
		if err != nil {
			return err
		}
		for _, t := range missing {
			if !g.offer(ctx, t) {
				return nil
			}
		}
	}
	return nil
}

// missing are the samples of one prompt that are not there and have not failed for good. Hardly ever is one missing in a
// database that was filled before, so tasks are made only for those.
func (g *generateStage) missing(h Hash, answers, failures *groups) (tasks []*task, err error) {
	own := AnswerKey{Prompt: h, Contestant: g.contestant.ID}.bytes()[:answerSize-sampleSize]
	sample := func(rec store.Record) (int, bool) {
		k, ours := bytes.CutPrefix(rec.Key, own)
		if !ours || len(k) != sampleSize {
			return 0, false
		}
		n := int(binary.BigEndian.Uint16(k))
		return n, n < g.contestant.Samples
	}
	there := make([]bool, g.contestant.Samples)
	err = answers.take(h, func(rec store.Record) error {
		if k, ok := sample(rec); ok {
			there[k] = true
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	failed := make([]bool, g.contestant.Samples)
	err = failures.take(h, func(rec store.Record) error {
		k, ok := sample(rec)
		if !ok {
			return nil
		}
		f, err := parseFailure(rec.Meta, nil)
		failed[k], there[k] = true, there[k] || f.Permanent
		return err
	})
	for k := range there {
		if !there[k] {
			tasks = append(tasks, &task{prompt: h, answer: AnswerKey{h, g.contestant.ID, uint16(k)}, failed: failed[k]})
		}
	}
	return tasks, err
}

func (g *generateStage) prepare(ctx context.Context, t *task) (*providers.Request, error) {
	messages, err := readPrompt(ctx, g.run.store, t.prompt)
	if err != nil {
		return nil, err
	}
	c := g.contestant
	return &providers.Request{
		Model: c.ModelID, Messages: withSystem(c.System, messages), Params: sampleParams(c.Params, t.answer.Sample),
	}, nil
}

func readPrompt(ctx context.Context, r store.Reader, h Hash) (messages []providers.Message, err error) {
	rec, err := r.Get(ctx, store.Prompts, h[:], store.WithBody)
	if err == nil {
		err = json.Unmarshal(rec.Body, &messages)
	}
	if err != nil {
		return nil, fmt.Errorf("prompt %s: %w", h, err)
	}
	return messages, nil
}

// withSystem puts a model's system message before the dataset's, as one: many servers take only one.
func withSystem(system string, messages []providers.Message) []providers.Message {
	if system == "" {
		return messages
	}
	if messages[0].Role == "system" {
		system += "\n\n" + messages[0].Content
		messages = messages[1:]
	}
	return append([]providers.Message{{Role: "system", Content: system}}, messages...)
}

// sampleParams gives sample k the seed plus k. A seed of 1.0 is one of 1, as in the contestant's identity.
func sampleParams(params map[string]any, k uint16) map[string]any {
	var seed any
	switch s := params["seed"].(type) {
	case int64:
		seed = s + int64(k)
	case float64:
		seed = s + float64(k)
	}
	if seed == nil || k == 0 {
		return params
	}
	params = maps.Clone(params)
	params["seed"] = seed
	return params
}

func (g *generateStage) save(ctx context.Context, t *task, got *providers.Reply) error {
	rec := newReply(got)
	var b store.Batch
	key := t.answer.bytes()
	b.PutOnce(store.Answers, key, rec.meta(), rec.body())
	if t.failed {
		b.Delete(store.Failures, key)
	}
	book(&b, 'c', g.contestant.ID, rec.Usage)
	if _, err := g.run.store.Apply(ctx, &b); err != nil {
		return fmt.Errorf("saving an answer of %s: %w", g.name, err)
	}
	g.tally.done.Add(1)
	return nil
}

// follow has the judges look at the battles of a new answer.
func (g *generateStage) follow(ctx context.Context, t *task) (bool, error) {
	for _, j := range g.judges {
		if err := j.answered(ctx, t.answer); err != nil {
			return false, err
		}
	}
	return false, nil
}

func (g *generateStage) adapt(context.Context, *task, *providers.Error) bool { return false }

func (g *generateStage) fail(ctx context.Context, t *task, f failure) error {
	return putFailure(ctx, g.run.store, t.answer.bytes(), f)
}

func putFailure(ctx context.Context, s store.Store, key []byte, f failure) error {
	var b store.Batch
	b.Put(store.Failures, key, f.meta(), f.body())
	_, err := s.Apply(ctx, &b)
	return err
}
