package pipeline

import (
	"context"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"strconv"

	"openarena/configs"
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

// feed offers what is missing.
func (g *generateStage) feed(ctx context.Context) error {
	return g.walk(ctx, everything, func(h Hash, found []sampleState) bool {
		for k, state := range found {
			if state < gone && !g.offer(ctx, g.task(h, k, state)) {
				return false
			}
		}
		return true
	})
}

// walk goes along the wanted prompts of a span and the answers, and has see look at each until it is false.
func (g *generateStage) walk(ctx context.Context, part span, see func(Hash, []sampleState) bool) error {
	r := g.run
	answers := newGroupsOf(ctx, r.store, store.Answers, part, g.contestant.ID, store.KeyOnly)
	defer answers.close()
	failures := newGroupsOf(ctx, r.store, store.Failures, part, g.contestant.ID, store.WithMeta)
	defer failures.close()
	found := make([]sampleState, g.contestant.Samples)
	for w, err := range r.arena.wanted(ctx, r.store, r.listings, part) {
		if err == nil {
			err = g.look(w.Prompt, answers, failures, found)
		}
		if err != nil {
			return err
		}
		if !see(w.Prompt, found) {
			return nil
		}
	}
	return nil
}

// task asks for one sample.
func (g *generateStage) task(h Hash, k int, state sampleState) *task {
	return &task{prompt: h, answer: AnswerKey{h, g.contestant.ID, uint16(k)}, failed: state == failedOnce}
}

// sampleState is what the database has of one sample.
type sampleState uint8

const (
	absent     sampleState = iota
	failedOnce             // it may be tried again
	gone                   // failed for good
	there                  // answered
)

// look finds out what there is of one prompt, sample by sample.
func (g *generateStage) look(h Hash, answers, failures *groups, found []sampleState) error {
	clear(found)
	for answers.next(&h) {
		if k, ok := g.sample(answers.rec.Key); ok {
			found[k] = there
		}
	}
	for failures.next(&h) {
		k, ok := g.sample(failures.rec.Key)
		if !ok || found[k] == there {
			continue
		}
		f, err := parseFailure(failures.rec.Meta, nil)
		if err != nil {
			return err
		}
		found[k] = failedOnce
		if f.Permanent {
			found[k] = gone
		}
	}
	return errors.Join(answers.err, failures.err)
}

// sample is which of the contestant's samples a key of Answers belongs to; false: none.
func (g *generateStage) sample(key []byte) (int, bool) {
	if len(key) != answerSize || ID(key[hashSize:hashSize+idSize]) != g.contestant.ID {
		return 0, false
	}
	k := int(binary.BigEndian.Uint16(key[hashSize+idSize:]))
	return k, k < g.contestant.Samples
}

func (g *generateStage) prepare(ctx context.Context, t *task) (*providers.Request, error) {
	messages, err := g.run.library.prompt(ctx, t.prompt)
	if err != nil {
		return nil, err
	}
	c := g.contestant
	return &providers.Request{
		Model: c.ModelID, Messages: withSystem(c.System, messages), Params: sampleParams(c.Params, t.answer.Sample),
		NumCtx: numCtx(c.Model), KeepAlive: c.KeepAlive,
	}, nil
}

// numCtx is the context that the file states for a model; 0: as the prompt needs it.
func numCtx(m configs.Model) int {
	n, _ := strconv.Atoi(m.NumCtx) // "" and "auto" are no numbers
	return n
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
	result, err := g.run.store.Apply(ctx, &b)
	if err != nil {
		return fmt.Errorf("saving an answer of %s: %w", g.name, err)
	}
	if result.Created[0] && len(g.judges) > 0 {
		g.run.library.note(t.answer, rec.Text)
	}
	g.tally.done.Add(1)
	t.stint.did(t)
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

// adapt leaves out, or renames, what the server does not take of a contestant's params.
func (g *generateStage) adapt(ctx context.Context, t *task, e *providers.Error) bool {
	return g.learnt.refused(ctx, t, e)
}

func (g *generateStage) fail(ctx context.Context, t *task, f failure) error {
	return putFailure(ctx, g.run.store, t.answer.bytes(), f)
}

func putFailure(ctx context.Context, s store.Store, key []byte, f failure) error {
	b := f.batch(key)
	_, err := s.Apply(ctx, &b)
	return err
}

// batch puts the failure of an answer or judgment on record.
func (f failure) batch(key []byte) (b store.Batch) {
	b.Put(store.Failures, key, f.meta(), f.body())
	return b
}
