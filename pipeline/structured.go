package pipeline

import (
	"context"
	"errors"
	"fmt"
	"sync"

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

// qualityWindow is how many first judgments of a run decide whether a judge is worth going on with.
const qualityWindow = 50

// quality watches how many of a judge's first verdicts cannot be read.
type quality struct {
	mu            sync.Mutex
	seen, invalid int
	reason        string // of the last invalid one
}

// see counts a verdict. It returns an error when the judge should stop.
func (q *quality) see(j *Judge, v judge.Verdict) error {
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.seen >= qualityWindow {
		return nil
	}
	q.seen++
	if v.State == judge.Invalid {
		q.invalid++
		q.reason = v.Reason
	}
	if q.seen < qualityWindow || float64(q.invalid) <= j.MaxInvalidRate*qualityWindow {
		return nil
	}
	return fmt.Errorf("%d of its first %d verdicts could not be read (the last: %s); "+
		"try structured: json_schema or another judge, or raise max_invalid_rate", q.invalid, qualityWindow, q.reason)
}
