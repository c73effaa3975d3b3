package pipeline

import (
	"context"
	"sync"
	"time"

	"openarena/store"
)

// stint is one call of Work: a part, for the length of a slice.
type stint struct {
	run    *Runner
	callee *callee // nil: there is nobody to ask
	span   span
	ctx    context.Context // ends with the slice, and when no call is to be started any more
	open   sync.WaitGroup  // its tasks
	done   chan struct{}   // closed when it is over
	ended  bool            // nothing of it is queued any more; guarded by the endpoint's mutex

	asked  map[string]bool // tasks that were queued, by key
	taken  int             // of them, in the present survey
	part   Part
	count  running
	full   bool // no more of them are
	result PartResult
}

// work surveys the part and waits for what was missing, until a survey finds nothing more to ask for: that one's counts are
// exact.
func (st *stint) work(s stage) error {
	stop := context.AfterFunc(st.ctx, st.end)
	defer stop()
	if st.resting() >= parkFrom {
		st.end()
	}
	for {
		st.result, st.taken, st.full = PartResult{}, 0, st.callee == nil
		st.count.surveying()
		if err := s.survey(st.run.calling, st); err != nil {
			st.end()
			st.open.Wait()
			return err
		}
		st.count.surveyed(st.result)
		st.open.Wait()
		if st.taken == 0 {
			break
		}
	}
	r := &st.result
	r.Asked = int64(len(st.asked))
	r.Complete = r.Left == 0 && r.Waiting == 0
	if st.callee != nil {
		r.Stopped, r.Budget = st.callee.ending()
	}
	if r.Left > 0 && r.Stopped == nil && r.Budget == nil {
		r.Rest = st.resting()
	}
	return nil
}

// resting is for how long the model's server wants no call of it.
func (st *stint) resting() time.Duration {
	if st.callee == nil {
		return 0
	}
	st.callee.endpoint.mu.Lock()
	defer st.callee.endpoint.mu.Unlock()
	return max(0, time.Until(st.callee.served.parked))
}

// take queues a task, and waits for room; it is left when the slice has ended or the model was stopped.
func (st *stint) take(t *task) {
	key := t.key()
	if st.run.service.failed.has(key) {
		return
	}
	t.stint = st
	if !st.full && !st.asked[key] && st.callee.offer(st.ctx, t) {
		st.asked[key] = true
		st.taken++
		return
	}
	st.full = st.full || !st.asked[key]
	st.result.Left++
}

// over reports whether nothing of it is queued any more. The endpoint's mutex is held.
func (st *stint) over() bool { return st != nil && st.ended }

// end drops what is queued.
func (st *stint) end() {
	if st.callee == nil {
		return
	}
	st.callee.endpoint.mu.Lock()
	defer st.callee.endpoint.mu.Unlock()
	st.ended = true
	st.callee.dropOf(st)
}

// dropOf drops what is queued of a stint. The endpoint's mutex is held.
func (c *callee) dropOf(st *stint) {
	kept := c.queue[:0:0]
	for _, t := range c.queue {
		if t.stint == st {
			c.counted(t).Done()
		} else {
			kept = append(kept, t)
		}
	}
	c.queue = kept
	for t, timer := range c.delayed {
		if t.stint == st {
			timer.Stop()
			delete(c.delayed, t)
			c.counted(t).Done()
		}
	}
	c.nudge()
}

// gaveUp takes note of a task that failed, for now or for good.
func (st *stint) gaveUp(t *task, good bool) {
	if st == nil {
		return
	}
	st.count.add(false, t.failed)
	if !good {
		st.run.service.failed.add(t.key())
	}
}

// did takes note of a task that was done.
func (st *stint) did(t *task) {
	if st != nil {
		st.count.add(true, t.failed)
	}
}

// starting is the context that ends when a task is not to be sent any more.
func (e *endpoint) starting(t *task) context.Context {
	if t.stint != nil {
		return t.stint.ctx
	}
	return e.run.starting
}

// key is what the database knows a task's end by.
func (t *task) key() string {
	if t.verdict.Judge != (ID{}) {
		return string(t.verdict.bytes())
	}
	return string(t.answer.bytes())
}

// survey implements stage.
func (g *generateStage) survey(ctx context.Context, st *stint) error {
	return g.walk(ctx, st.span, func(h Hash, found []sampleState) bool {
		r := &st.result
		for k, state := range found {
			if g.contestant.Answers != nil && state != there {
				continue // absent, not missing
			}
			r.Wanted++
			switch state {
			case there:
				r.Done++
			case gone:
				r.Failed++
			case failedOnce:
				r.Failed++
				st.take(g.task(h, k, state))
			default:
				st.take(g.task(h, k, state))
			}
		}
		return true
	})
}

// replies knows which judgments of a span judges have said something about. It reads nothing before it is asked, and is to be asked
// prompt by prompt, in hash order.
type replies struct {
	ctx    context.Context
	reader store.Reader
	span   span
	groups *groups
	prompt Hash
	keys   map[rawVerdictKey]bool // of prompt
}

// none reports whether nothing was said.
func (r *replies) none(k VerdictKey) (bool, error) {
	if r.groups == nil {
		r.groups = newGroups(r.ctx, r.reader, store.Judgments, span{k.Prompt, r.span.to}, store.KeyOnly)
		r.keys = map[rawVerdictKey]bool{}
	}
	if r.prompt != k.Prompt {
		r.prompt = k.Prompt
		clear(r.keys)
	}
	for r.groups.next(&k.Prompt) {
		if len(r.groups.rec.Key) != verdictSize+1 {
			return false, errKey
		}
		r.keys[rawVerdictKey(r.groups.rec.Key[:verdictSize])] = true
	}
	return !r.keys[k.raw()], r.groups.err
}

func (r *replies) close() {
	if r.groups != nil {
		r.groups.close()
	}
}

// survey implements stage.
func (j *judgeStage) survey(ctx context.Context, st *stint) error {
	r := j.run
	if err := j.quality.renew(ctx, r.store, r.arena, j.judge); err != nil {
		j.stop(err)
	}
	c := newCensus(r.pairing)
	said := replies{ctx: ctx, reader: r.store, span: st.span}
	defer said.close()
	for s, err := range r.arena.sheets(ctx, r.store, r.listings, walkOptions{span: st.span, verdicts: metas, failures: true}) {
		if err != nil {
			return err
		}
		c.seeJudging(s)
		for _, t := range j.ready(s, nil) {
			if t.fresh, err = said.none(t.verdict); err != nil {
				return err
			}
			st.take(t)
		}
	}
	n := c.verdicts[j.judge.Place]
	of := &st.result
	of.Wanted, of.Done, of.Failed, of.Invalid = n.Wanted, n.Done, n.Failed, n.Invalid
	of.Waiting = n.unready - n.blocked + c.further.calls[j.judge.Place]
	return nil
}
