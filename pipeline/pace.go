package pipeline

import (
	"context"
	"encoding/json"
	"errors"
	"math"
	"sync"
	"time"

	"openarena/store"
)

// pace is how fast an endpoint worked in a run.
type pace struct {
	mu     sync.Mutex
	flying int
	since  time.Time // when the first of those that fly began
	seen   observed
}

// observed is what is kept of it, for plans: of answers and judgments apart.
type observed struct {
	Busy     float64 `json:"busy_seconds"` // while at least one call was in flight
	Generate work    `json:"generate"`
	Judge    work    `json:"judge"`
}

// work are calls that brought a reply, and their durations together.
type work struct {
	Calls   int64   `json:"calls"`
	Seconds float64 `json:"call_seconds"`
}

// begin notes that a call begins. The function it returns notes that it has ended, and whether it brought a reply.
func (p *pace) begin(judging bool) func(ok bool) {
	start := time.Now()
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.flying == 0 {
		p.since = start
	}
	p.flying++
	return func(ok bool) {
		now := time.Now()
		p.mu.Lock()
		defer p.mu.Unlock()
		if p.flying--; p.flying == 0 {
			p.seen.Busy += now.Sub(p.since).Seconds()
		}
		if !ok {
			return
		}
		w := &p.seen.Generate
		if judging {
			w = &p.seen.Judge
		}
		w.Calls++
		w.Seconds += now.Sub(start).Seconds()
	}
}

// tellingCalls is how many calls a run has to have made for its pace to replace that of one before.
const tellingCalls = 20

func paceKey(url string) []byte {
	id := sum[ID]([]byte(url))
	return append([]byte{'o'}, id[:]...)
}

// notePaces keeps how fast each endpoint was.
func (r *Runner) notePaces(ctx context.Context) error {
	var b store.Batch
	for _, e := range r.order {
		e.pace.mu.Lock()
		seen := e.pace.seen
		e.pace.mu.Unlock()
		calls := seen.Generate.Calls + seen.Judge.Calls
		if calls == 0 || seen.Busy <= 0 {
			continue
		}
		if calls < tellingCalls {
			before, err := readPace(ctx, r.store, e.url)
			if err != nil {
				return err
			}
			if before != nil {
				continue
			}
		}
		body, err := json.Marshal(seen)
		if err != nil {
			return err
		}
		b.Put(store.Meta, paceKey(e.url), nil, body)
	}
	if b.Empty() {
		return nil
	}
	_, err := r.store.Apply(ctx, &b)
	return err
}

// readPace is how fast an endpoint was; nil: nobody knows.
func readPace(ctx context.Context, r store.Reader, url string) (*observed, error) {
	rec, err := r.Get(ctx, store.Meta, paceKey(url), store.WithBody)
	if errors.Is(err, store.ErrNotFound) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	var o observed
	if json.Unmarshal(rec.Body, &o) != nil || o.Busy <= 0 || o.Generate.Calls+o.Judge.Calls <= 0 {
		return nil, nil
	}
	return &o, nil
}

// seconds is how long calls take at this pace: as many at once, each as long.
func (o observed) seconds(generate, judge int64) float64 {
	all := work{o.Generate.Calls + o.Judge.Calls, o.Generate.Seconds + o.Judge.Seconds}
	each := func(w work) float64 {
		if w.Calls == 0 {
			w = all
		}
		return w.Seconds / float64(w.Calls)
	}
	atOnce := math.Max(1, all.Seconds/o.Busy)
	return (float64(generate)*each(o.Generate) + float64(judge)*each(o.Judge)) / atOnce
}

// time adds how long the plan takes.
func (p *Plan) time(ctx context.Context, r store.Reader) error {
	type calls struct{ generate, judge [2]int64 }
	by := map[string]*calls{}
	for i, l := range append(append([]PlanLine(nil), p.Models...), p.Judges...) {
		if l.Most == 0 {
			continue
		}
		if by[l.at] == nil {
			by[l.at] = &calls{}
		}
		n := &by[l.at].generate
		if i >= len(p.Models) {
			n = &by[l.at].judge
		}
		n[0] += l.Calls
		n[1] += l.Most
	}
	all := &Range{}
	for url, n := range by {
		seen, err := readPace(ctx, r, url)
		if err != nil || seen == nil {
			return err
		}
		all.Low = math.Max(all.Low, seen.seconds(n.generate[0], n.judge[0]))
		all.High += seen.seconds(n.generate[1], n.judge[1])
	}
	p.Seconds = all
	return nil
}
