//go:build linux

package bench

import (
	"context"
	"fmt"
	"time"

	"openarena/internal/testkit/fakellm"
)

// times is how often a row of under half a minute is measured.
func (b *Bench) times() int {
	if b.Quick {
		return 1
	}
	return 3
}

// whole runs the arena of the table once against a server with these flags.
func (b *Bench) whole(ctx context.Context, slots int, allowed []int, flags ...string) (*ran, fakellm.Stats, string, error) {
	s, err := b.serve(ctx, flags...)
	if err != nil {
		return nil, fakellm.Stats{}, "", err
	}
	defer s.stop()
	dir, err := b.arena(oneEndpoint(s.url, slots), workPrompts)
	if err != nil {
		return nil, fakellm.Stats{}, dir, err
	}
	r, err := b.run(ctx, dir, allowed, "run", "--quiet")
	if err != nil {
		return r, fakellm.Stats{}, dir, err
	}
	stats, err := s.stats(ctx)
	return r, stats, dir, err
}

// bound is the least time in which slots can serve what the server counted.
func bound(s fakellm.Stats, slots int) time.Duration { return s.Held / time.Duration(slots) }

func measureWall(ctx context.Context, b *Bench) ([]Figure, error) {
	var walls, cpus, memory []float64
	for range b.times() {
		r, stats, _, err := b.whole(ctx, 64, nil, "-latency", "200ms")
		if err != nil {
			return nil, err
		}
		walls = append(walls, r.wall.Seconds()/bound(stats, 64).Seconds())
		cpus = append(cpus, r.cpu.Seconds())
		memory = append(memory, float64(r.anonymous)/1e6)
	}
	what := fmt.Sprintf("%d prompts × %d models × 6 pairs × 2 orders, 200 ms, 64 slots: ", workPrompts, workModels)
	return []Figure{
		atMost(what+"wall / lower bound", "", 1.10, walls...),
		atMost("the same: CPU", " s", 3, cpus...),
		atMost("the same: RssAnon", " MB", 60, memory...),
	}, nil
}

func measureLognormal(ctx context.Context, b *Bench) ([]Figure, error) {
	var walls []float64
	for range b.times() {
		r, stats, _, err := b.whole(ctx, 64, nil, "-latency", "200ms", "-sigma", "0.5")
		if err != nil {
			return nil, err
		}
		walls = append(walls, r.wall.Seconds()/bound(stats, 64).Seconds())
	}
	return []Figure{atMost("the same with lognormal latency (σ 0.5)", "", 1.15, walls...)}, nil
}

func measureRate(ctx context.Context, b *Bench) ([]Figure, error) {
	var rates []float64
	for range b.times() {
		r, stats, _, err := b.whole(ctx, 256, nil, "-latency", "20ms")
		if err != nil {
			return nil, err
		}
		rates = append(rates, float64(stats.Replies)/r.wall.Seconds())
	}
	return []Figure{atLeast("the same work at 20 ms and 256 slots: calls per second", "", 2500, rates...)}, nil
}
