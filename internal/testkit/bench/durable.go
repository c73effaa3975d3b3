//go:build linux

package bench

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os/exec"
	"syscall"
	"time"
)

// flight is how many calls are in flight at once, of 1 s each.
const flight = 2000

// answersOnly is an arena in which only one model has much to do.
func answersOnly(url string, slots int) string {
	return fmt.Sprintf(`default_endpoint: {url: %s, concurrency: %d}
models: [{name: A, model_id: a}]
judges: [{name: Judge, model_id: judge}]
datasets: [{path: prompts.jsonl}]
`, url, slots)
}

// measureDurable keeps calls of 1 s in flight, from an arena as large as the window needs and from one ten times as large.
func measureDurable(ctx context.Context, b *Bench) ([]Figure, error) {
	window, prompts := 15*time.Second, 60_000
	if b.Quick {
		window, prompts = 3*time.Second, 20_000
	}
	limit := 60 + 0.07*flight
	small, err := b.steady(ctx, window, prompts, flight)
	if err != nil {
		return nil, err
	}
	large, err := b.steady(ctx, window, 10*prompts, flight)
	if err != nil {
		return nil, err
	}
	ratio := func(s steady) float64 { return float64(s.answers) / s.window.Seconds() / flight }
	what := fmt.Sprintf("durable answers per second / (in flight ÷ latency), 1 s × %d in flight, window of %s", flight, window)
	return []Figure{
		atLeast(what, "", 0.98, ratio(small)),
		atMost("peak RssAnon meanwhile (60 MB + 70 KB × in flight)", " MB", limit, float64(small.anonymous)/1e6),
		atMost(fmt.Sprintf("the same of an arena of %s prompts", number(float64(10*prompts))), " MB", limit, float64(large.anonymous)/1e6),
	}, nil
}

// steady is what became durable in a window of a run.
type steady struct {
	answers   int64
	window    time.Duration
	anonymous int64
}

// steady waits until every slot is in use, then counts durable answers at both ends of the window.
func (b *Bench) steady(ctx context.Context, window time.Duration, prompts, flight int) (s steady, err error) {
	server, err := b.serve(ctx, "-latency", "1s")
	if err != nil {
		return s, err
	}
	defer server.stop()
	dir, err := b.arena(answersOnly(server.url, flight), prompts)
	if err != nil {
		return s, err
	}
	cmd := exec.CommandContext(ctx, b.program, "generate", "--quiet")
	r, err := b.watch(ctx, cmd, dir, []int{130}, func(cmd *exec.Cmd) error {
		defer cmd.Process.Signal(syscall.SIGINT)
		if err := server.filled(ctx, int64(flight)); err != nil {
			return err
		}
		first, at, err := b.durable(ctx, dir)
		if err != nil {
			return err
		}
		select {
		case <-time.After(window):
		case <-ctx.Done():
			return ctx.Err()
		}
		last, until, err := b.durable(ctx, dir)
		s.answers, s.window = last-first, until-at
		return err
	})
	if r != nil {
		s.anonymous = r.anonymous
	}
	return s, err
}

// filled waits until so many calls have been answered that the start is over.
func (s *server) filled(ctx context.Context, slots int64) error {
	tick := time.NewTicker(100 * time.Millisecond)
	defer tick.Stop()
	for {
		stats, err := s.stats(ctx)
		if err != nil {
			return err
		}
		if stats.Replies > 2*slots {
			return nil
		}
		select {
		case <-tick.C:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

// durable is how many answers the run says are in the database, and at what time of its own it says so.
func (b *Bench) durable(ctx context.Context, dir string) (n int64, at time.Duration, err error) {
	cmd := exec.CommandContext(ctx, b.program, "status", "--json")
	cmd.Dir = dir
	out, err := cmd.Output()
	if err != nil {
		return 0, 0, err
	}
	var status struct {
		Running *struct {
			Elapsed  time.Duration `json:"elapsed_ns"`
			Generate struct{ Done int64 }
		}
	}
	if err := json.Unmarshal(out, &status); err != nil {
		return 0, 0, err
	}
	if status.Running == nil {
		return 0, 0, errors.New("the run has ended; it needs more prompts")
	}
	return status.Running.Generate.Done, status.Running.Elapsed, nil
}
