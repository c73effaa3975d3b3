//go:build linux

package bench

import (
	"context"
	"os/exec"
	"time"
)

// started are how long the program takes to say its version, and to send the first request of a run: on an arena that is
// new, and on one that a run has prepared.
func (b *Bench) started(ctx context.Context) ([]Figure, error) {
	var version, fresh, prepared []float64
	for range 4 * b.times() {
		start := time.Now()
		if err := exec.CommandContext(ctx, b.program, "--version").Run(); err != nil {
			return nil, err
		}
		version = append(version, milliseconds(time.Since(start)))
	}
	for range b.times() {
		first, second, err := b.firstRequests(ctx)
		if err != nil {
			return nil, err
		}
		fresh, prepared = append(fresh, milliseconds(first)), append(prepared, milliseconds(second))
	}
	return []Figure{
		atMost("`openarena --version`", " ms", 30, version...),
		atMost("first request after `run`, new arena of 300 prompts", " ms", 100, fresh...),
		atMost("first request after `run`, arena half done", " ms", 100, prepared...),
	}, nil
}

// firstRequests runs `generate`, then `run`, on one arena.
func (b *Bench) firstRequests(ctx context.Context) (first, second time.Duration, err error) {
	s, err := b.serve(ctx)
	if err != nil {
		return 0, 0, err
	}
	defer s.stop()
	dir, err := b.arena(oneEndpoint(s.url, 64), workPrompts)
	if err != nil {
		return 0, 0, err
	}
	for _, one := range []struct {
		command string
		took    *time.Duration
	}{{"generate", &first}, {"run", &second}} {
		if err := s.reset(ctx); err != nil {
			return 0, 0, err
		}
		r, err := b.run(ctx, dir, nil, one.command, "--quiet")
		if err != nil {
			return 0, 0, err
		}
		stats, err := s.stats(ctx)
		if err != nil {
			return 0, 0, err
		}
		*one.took = stats.First.Sub(r.start)
	}
	return first, second, nil
}

func milliseconds(d time.Duration) float64 { return d.Seconds() * 1000 }
