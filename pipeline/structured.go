package pipeline

import (
	"context"
	"errors"

	"openarena/pipeline/judge"
	"openarena/providers"
	"openarena/store"
)

// How structured output can be asked for.
const (
	rungSchema = "json_schema"
	rungObject = "json_object"
	rungText   = "text"
)

// rungKey is where the database remembers what an endpoint and model understood.
func (j *judgeStage) rungKey() []byte {
	id := sum[ID]([]byte(j.judge.Endpoint.URL), []byte{0}, []byte(j.judge.ModelID))
	return append([]byte{'s'}, id[:]...)
}

// recall sets how to ask, from the file or from what was learnt.
func (j *judgeStage) recall(ctx context.Context) error {
	if j.judge.Structured != "auto" {
		j.rung.Store(j.judge.Structured)
		return nil
	}
	j.rung.Store(rungSchema)
	rec, err := j.run.store.Get(ctx, store.Meta, j.rungKey(), store.WithMeta)
	if err == nil {
		j.rung.Store(string(rec.Meta))
	}
	if errors.Is(err, store.ErrNotFound) {
		return nil
	}
	return err
}

// format is what a question is asked with. It is a hint: the parser trusts nothing.
func (j *judgeStage) format(q judge.Question) *providers.Format {
	switch rung := j.rung.Load().(string); {
	case q.Schema == nil || rung == rungText:
		return nil
	case rung == rungObject:
		return &providers.Format{Kind: rungObject}
	}
	return &providers.Format{Kind: rungSchema, Name: "verdict", Schema: q.Schema}
}

// adapt steps down to text when a server does not know structured output, and remembers it.
func (j *judgeStage) adapt(ctx context.Context, e *providers.Error) bool {
	if j.judge.Structured != "auto" || e.Param != "response_format" {
		return false
	}
	if j.rung.Swap(rungText) == rungText {
		// Another call had already stepped down; this one was sent before.
		return true
	}
	var b store.Batch
	b.Put(store.Meta, j.rungKey(), []byte(rungText), nil)
	if _, err := j.run.store.Apply(ctx, &b); err != nil {
		j.run.abort(err)
	}
	return true
}
