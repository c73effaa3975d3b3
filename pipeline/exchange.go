package pipeline

import (
	"context"
	"errors"
	"fmt"

	"openarena/pipeline/judge"
	"openarena/providers"
	"openarena/store"
)

// exchange is one judgment with everything that was said so far.
type exchange struct {
	judge.Case
	attempts []judge.Reply
}

// exchange collects a judgment from the database; in are the datasets that know the references.
func (a *Arena) exchange(ctx context.Context, l *library, in []listing, k VerdictKey) (x exchange, err error) {
	if x, err = a.unasked(ctx, l, in, k); err == nil {
		x.attempts, err = readAttempts(ctx, l.store, k)
	}
	return x, err
}

// unasked is the exchange of a judgment that nothing was said of.
func (a *Arena) unasked(ctx context.Context, l *library, in []listing, k VerdictKey) (x exchange, err error) {
	if x.Case, err = l.judged(ctx, k); err != nil {
		return x, err
	}
	if a.judge(k.Judge).refers {
		w, _, err := a.locate(ctx, l.store, in, k.Prompt)
		if err != nil {
			return x, err
		}
		x.Reference = w.Reference
	}
	return x, nil
}

// readAttempts are all replies to a judgment, the first one first.
func readAttempts(ctx context.Context, r store.Reader, k VerdictKey) (all []judge.Reply, err error) {
	for rec, err := range r.Scan(ctx, store.Judgments, store.Prefix(k.bytes()), store.WithBody) {
		if err != nil {
			return all, err
		}
		said, err := parseReply(rec.Meta, rec.Body)
		if err != nil {
			return all, err
		}
		all = append(all, said.judged())
	}
	return all, nil
}

func (r reply) judged() judge.Reply {
	return judge.Reply{Text: r.Text, Reasoning: r.Reasoning, Refusal: r.Refusal, Finish: r.Finish, Top: r.Top}
}

// judged is what the judge is shown; Second is "" where that is one answer.
func (l *library) judged(ctx context.Context, k VerdictKey) (c judge.Case, err error) {
	if c.Messages, err = l.prompt(ctx, k.Prompt); err != nil {
		return c, err
	}
	if c.First, err = l.answer(ctx, AnswerKey{k.Prompt, k.A.Contestant, k.A.Sample}); err != nil {
		return c, err
	}
	if k.alone() {
		return c, nil
	}
	c.Second, err = l.answer(ctx, AnswerKey{k.Prompt, k.B.Contestant, k.B.Sample})
	if k.Order == 1 {
		c.First, c.Second = c.Second, c.First
	}
	return c, err
}

// prepare settles what needs no call: a battle whose answers speak for themselves, and a reply that an earlier run saved
// but did not come to read.
func (j *judgeStage) prepare(ctx context.Context, t *task) (*providers.Request, error) {
	of := j.run.arena.judge(t.verdict.Judge)
	collect := j.run.arena.exchange
	if t.fresh {
		collect = j.run.arena.unasked
	}
	x, err := collect(ctx, j.run.library, j.run.listings, t.verdict)
	if err != nil {
		return nil, err
	}
	t.exchange = &x
	if v, ok := x.trivial(t.verdict); ok {
		return nil, errors.Join(j.settle(ctx, t, v, 0), j.run.unrepeat(ctx, t.verdict))
	}
	past := of.verdicts(x)
	next, again := judge.Next(past, of.Reask)
	if n := len(past); n > 0 && !again {
		return nil, j.settle(ctx, t, past[n-1], n)
	}
	var last judge.Reply
	if n := len(x.attempts); n > 0 {
		last = x.attempts[n-1]
	}
	question, params := next.Apply(of.ask(x.Case), of.Params, last)
	return &providers.Request{
		Model: of.ModelID, Messages: withSystem(of.System, question.Messages), Params: params,
		Format: j.format(t, question), NumCtx: numCtx(of.Model), KeepAlive: of.KeepAlive,
	}, nil
}

// trivial settles a judgment that needs no call.
func (x *exchange) trivial(k VerdictKey) (judge.Verdict, bool) {
	if k.alone() {
		return judge.TrivialAlone(x.First)
	}
	return judge.Trivial(x.First, x.Second)
}

// verdicts reads all attempts.
func (j *Judge) verdicts(x exchange) (past []judge.Verdict) {
	for _, said := range x.attempts {
		past = append(past, judge.Suspect(j.read(said, x.Case), x.Case))
	}
	return past
}

// ask is the judge's first question about a case.
func (j *Judge) ask(c judge.Case) judge.Question {
	return j.protocol.Ask(j.sees(c), j.settings())
}

func (j *Judge) settings() judge.Settings {
	return judge.Settings{Analysis: j.Analysis, Template: j.words.template}
}

// read is what a reply of the judge about a case means. Of one answer the score stands on both sides, as the answer does in
// its key.
func (j *Judge) read(said judge.Reply, c judge.Case) judge.Verdict {
	v := j.protocol.Parse(said, j.sees(c))
	if j.alone {
		v.ScoreB = v.ScoreA
	}
	return v
}

// sees is the case as the judge sees it.
func (j *Judge) sees(c judge.Case) judge.Case {
	c.Rubric = j.rubric
	return c
}

// settle commits a verdict. It returns errSettled, or why it could not.
func (j *judgeStage) settle(ctx context.Context, t *task, v judge.Verdict, attempts int) error {
	// Before the commit: by the time it returns many more calls would have been made.
	if v.Reason == judge.NoLogprobs {
		j.stop(j.noLogprobs(errors.New("its server sends none")))
	}
	if j.quality.see(j.judge, seen{t.verdict, v.Reason, attempts}, v.State == judge.Invalid) {
		j.stop(j.quality.complaint(ctx, j.run.store, j.judge))
	}
	var b store.Batch
	key := t.verdict.bytes()
	b.Put(store.Verdicts, key, verdict{v, judge.ParserVersion, uint8(attempts)}.meta(), nil)
	if t.failed {
		b.Delete(store.Failures, key)
	}
	j.run.live.deciding(t.verdict)
	if err := j.conclude(ctx, t.verdict, &b); err != nil {
		return fmt.Errorf("saving a verdict of %s: %w", j.name, err)
	}
	j.tally.done.Add(1)
	t.stint.did(t)
	j.run.live.decided(t.verdict, v)
	j.claims.release(t.verdict)
	return errSettled
}

// save commits a reply before anything is made of it.
func (j *judgeStage) save(ctx context.Context, t *task, got *providers.Reply) error {
	rec := newReply(got)
	t.fresh = false
	t.exchange.attempts = append(t.exchange.attempts, rec.judged())
	var b store.Batch
	b.PutOnce(store.Judgments, t.verdict.attempt(uint8(len(t.exchange.attempts))), rec.meta(), rec.body())
	book(&b, 'j', t.verdict.Judge, rec.Usage)
	result, err := j.run.store.Apply(ctx, &b)
	if err == nil && !result.Created[0] { // another worker was told first: what it was told is what counts
		t.exchange.attempts, err = readAttempts(ctx, j.run.store, t.verdict)
	}
	if err != nil {
		return fmt.Errorf("saving a reply of %s: %w", j.name, err)
	}
	return nil
}

// follow reads what the judge has said so far, and settles it or asks once more.
func (j *judgeStage) follow(ctx context.Context, t *task) (again bool, err error) {
	past := j.run.arena.judge(t.verdict.Judge).verdicts(*t.exchange)
	t.exchange = nil
	if _, again := judge.Next(past, j.judge.Reask); again {
		return true, nil
	}
	n := len(past)
	if err := j.settle(ctx, t, past[n-1], n); !errors.Is(err, errSettled) {
		return false, err
	}
	return false, nil
}

func (j *judgeStage) fail(ctx context.Context, t *task, f failure) error {
	if !f.Permanent {
		return putFailure(ctx, j.run.store, t.verdict.bytes(), f)
	}
	b := f.batch(t.verdict.bytes())
	err := j.conclude(ctx, t.verdict, &b)
	j.claims.release(t.verdict) // the record keeps it from being asked again
	return err
}
