package pipeline

import (
	"context"
	"errors"
	"fmt"

	"openarena/configs"
	"openarena/pipeline/judge"
	"openarena/providers"
	"openarena/store"
)

// rungKey is where the database remembers what an endpoint and model understood.
func rungKey(j configs.Judge) []byte {
	id := sum[ID]([]byte(j.Endpoint.URL), []byte{0}, []byte(j.ModelID))
	return append([]byte{'s'}, id[:]...)
}

// readRung is how a judge is asked: as the file says, or as was learnt.
func readRung(ctx context.Context, r store.Reader, j configs.Judge) (string, error) {
	if j.Structured != "auto" {
		return j.Structured, nil
	}
	rec, err := r.Get(ctx, store.Meta, rungKey(j), store.WithMeta)
	if errors.Is(err, store.ErrNotFound) {
		return providers.RungSchema, nil
	}
	return string(rec.Meta), err
}

// recall sets how to ask.
func (j *judgeStage) recall(ctx context.Context) error {
	rung, err := readRung(ctx, j.run.store, j.judge.Judge)
	j.rung.Store(rung)
	return err
}

// format is what a task's question is asked with. It is a hint: the parser trusts nothing.
func (j *judgeStage) format(t *task, q judge.Question) *providers.Format {
	t.rung = j.rung.Load().(string)
	if q.Schema == nil {
		return nil
	}
	return providers.FormatOf(t.rung, "verdict", q.Schema)
}

// adapt steps down one rung when a server does not know the one that a task was asked with, and remembers it. What else it does
// not know is left out or renamed, as a contestant's.
func (j *judgeStage) adapt(ctx context.Context, t *task, e *providers.Error) bool {
	if e.Param == "logprobs" || e.Param == "top_logprobs" {
		j.stop(j.noLogprobs(e))
		return false
	}
	if e.Param != "response_format" {
		return j.learnt.refused(ctx, t, e)
	}
	next, down := providers.RungBelow(t.rung)
	if j.judge.Structured != "auto" || !down {
		return false
	}
	if !j.rung.CompareAndSwap(t.rung, next) {
		return true // another call has stepped down since this one was sent
	}
	var b store.Batch
	b.Put(store.Meta, rungKey(j.judge.Judge), []byte(next), nil)
	if _, err := j.run.store.Apply(ctx, &b); err != nil {
		j.run.abort(err)
	}
	return true
}

// structuredNote says that a server was found not to know what was asked for first; "" if it was not.
func structuredNote(j configs.Judge, rung string) string {
	if j.Structured != "auto" || rung == providers.RungSchema {
		return ""
	}
	return fmt.Sprintf("Judge %s is asked for %s: %s said that it does not know more. Should it know it by now, write structured: json_schema.",
		j.Name, map[string]string{providers.RungObject: "JSON without a schema", providers.RungText: "plain text"}[rung], j.Endpoint.Name)
}
