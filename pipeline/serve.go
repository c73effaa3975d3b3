package pipeline

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"sync"
)

// ErrNotServing: the Runner takes no part, as its Serve is about to end or has ended.
var ErrNotServing = errors.New("no more parts are taken: this worker is about to stop")

// ErrNoPart: the arena has no such contestant or judge.
var ErrNoPart = errors.New("no model of the arena has this identity; its configuration is another one")

// service is what a Runner knows of the parts that it works on.
type service struct {
	began   chan struct{} // closed when calls can be made
	working sync.WaitGroup

	mu     sync.Mutex
	over   bool
	stints []*stint

	failed leftovers
}

// Serve makes the calls of the parts that Work is given, until stop ends: then no call is started any more, those in flight are
// saved, and every Work returns. When ctx ends too, calls in flight are given up. It is Run for a job with Parts, and Outcome
// and error are as there; a new answer is not judged before a judge's part finds it.
func (r *Runner) Serve(ctx, stop context.Context) (Outcome, error) {
	return r.answer(ctx, stop, func(starting context.Context, _ *sync.WaitGroup) {
		close(r.service.began)
		<-starting.Done()
		r.service.mu.Lock()
		r.service.over = true
		r.service.mu.Unlock()
		r.service.working.Wait()
	})
}

// Work asks for what is wanted and missing of a part, and returns when nothing of it can be asked for any more, or ctx has
// ended: then those of its calls that are in flight end and are saved first, and all else of it is left. It may be called from
// several goroutines, before Serve too, which it waits for. What failed for now is left to the next Runner. Errors are
// ErrNotServing, ErrNoPart, ctx's if it ended before anything was looked at, and those that end Serve as well.
func (r *Runner) Work(ctx context.Context, p Part) (PartResult, error) {
	s, c, err := r.stageOf(p)
	if err != nil {
		return PartResult{}, err
	}
	return r.work(ctx, p, s, c)
}

// Look is Work that asks for nothing: it counts, and Left is what Work would ask for.
func (r *Runner) Look(ctx context.Context, p Part) (PartResult, error) {
	s, _, err := r.stageOf(p)
	if err != nil {
		return PartResult{}, err
	}
	return r.work(ctx, p, s, nil)
}

func (r *Runner) work(ctx context.Context, p Part, s stage, c *callee) (PartResult, error) {
	select {
	case <-r.service.began:
	case <-ctx.Done():
		return PartResult{}, ctx.Err()
	}
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	defer context.AfterFunc(r.starting, cancel)()
	st := &stint{run: r, callee: c, part: p, span: p.span(), ctx: ctx, asked: map[string]bool{}, done: make(chan struct{})}
	if err := r.service.enter(st); err != nil {
		return PartResult{}, err
	}
	defer r.service.leave(st)
	if err := st.work(s); err != nil {
		if cause := context.Cause(r.calling); cause != nil {
			err = cause
		}
		return st.result, fmt.Errorf("part %s–%s of %s: %w", p.From, p.To, p.Who, err)
	}
	return st.result, nil
}

// stageOf is what works on a part; of answers that come from files, which are only counted, there is no callee.
func (r *Runner) stageOf(p Part) (stage, *callee, error) {
	for _, c := range r.callees {
		switch s := c.stage.(type) {
		case *generateStage:
			if !p.Judge && s.contestant.ID == p.Who {
				return s, c, nil
			}
		case *judgeStage:
			if p.Judge && s.judge.ID == p.Who {
				return s, c, nil
			}
		}
	}
	if m := r.arena.contestant(p.Who); !p.Judge && m != nil && m.Answers != nil {
		return &generateStage{run: r, contestant: m}, nil, nil
	}
	return nil, nil, fmt.Errorf("%w: %s", ErrNoPart, p.Who)
}

// enter waits until nobody else works on prompts of the same range for the same model: else both would ask for the same.
func (s *service) enter(st *stint) error {
	for {
		other, err := s.tryEnter(st)
		if other == nil {
			return err
		}
		select {
		case <-other.done:
		case <-st.ctx.Done():
			return st.ctx.Err()
		}
	}
}

// tryEnter returns who is in the way.
func (s *service) tryEnter(st *stint) (*stint, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.over {
		return nil, ErrNotServing
	}
	for _, other := range s.stints {
		if other.meets(st) {
			return other, nil
		}
	}
	s.stints = append(s.stints, st)
	s.working.Add(1)
	return nil, nil
}

func (s *service) leave(st *stint) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for i, other := range s.stints {
		if other == st {
			s.stints = append(s.stints[:i], s.stints[i+1:]...)
			break
		}
	}
	close(st.done)
	s.working.Done()
}

// yield ends the stints of a model whose server wants no call of it for long: others may need the time.
func (s *service) yield(m *served) {
	s.mu.Lock()
	var resting []*stint
	for _, st := range s.stints {
		if st.callee != nil && st.callee.served == m {
			resting = append(resting, st)
		}
	}
	s.mu.Unlock()
	for _, st := range resting {
		st.end()
	}
}

func (st *stint) meets(other *stint) bool {
	return st.callee != nil && st.callee == other.callee &&
		bytes.Compare(st.span.from[:], other.span.to[:]) <= 0 && bytes.Compare(other.span.from[:], st.span.to[:]) <= 0
}

// leftovers are tasks that failed for now, by key: the next run's. When there are too many to remember they are forgotten, and some
// of them are tried once more.
type leftovers struct {
	mu  sync.Mutex
	set map[string]bool
}

const mostLeftovers = 1 << 16

func (l *leftovers) add(key string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.set == nil || len(l.set) >= mostLeftovers {
		l.set = map[string]bool{}
	}
	l.set[key] = true
}

func (l *leftovers) has(key string) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.set[key]
}
