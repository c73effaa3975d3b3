//go:build linux

package bench

import (
	"context"
	"fmt"
	"time"
)

const threeEndpoints = `endpoints:
  left: {url: %s, concurrency: 32}
  right: {url: %s, concurrency: 32}
  bench: {url: %s, concurrency: %d}
models:
  - {name: A, model_id: a, endpoint: left}
  - {name: B, model_id: b, endpoint: left}
  - {name: C, model_id: c, endpoint: right}
  - {name: D, model_id: d, endpoint: right}
judges: [{name: Judge, model_id: judge, endpoint: bench}]
datasets: [{path: prompts.jsonl}]
`

// measureEndpoints has contestants and judge on servers of their own. All answer in 1 s on average, so that 192 slots of
// the judge are as busy as those of the contestants, and 64 are the bottleneck.
func measureEndpoints(ctx context.Context, b *Bench) ([]Figure, error) {
	latency := "1s"
	if b.Quick {
		latency = "100ms"
	}
	var figures []Figure
	for _, side := range []struct {
		slots  int
		what   string
		target float64
	}{
		{192, "two contestant endpoints of 32 slots, one judge endpoint of 192 (balanced): wall / lower bound", 1.35},
		{64, "the same with a judge endpoint of 64 (judge-bound)", 1.15},
	} {
		ratio, err := b.three(ctx, side.slots, latency)
		if err != nil {
			return figures, err
		}
		figures = append(figures, atMost(side.what, "", side.target, ratio))
	}
	return figures, nil
}

// three is the wall of an arena on three servers over its lower bound: the busiest server's work over its slots, or the
// longest chain, of one answer and one judgment, where that is more.
func (b *Bench) three(ctx context.Context, judgeSlots int, latency string) (float64, error) {
	slots := []int{32, 32, judgeSlots}
	var all []*server
	for range slots {
		s, err := b.serve(ctx, "-latency", latency, "-sigma", "0.5")
		if err != nil {
			return 0, err
		}
		defer s.stop()
		all = append(all, s)
	}
	dir, err := b.arena(fmt.Sprintf(threeEndpoints, all[0].url, all[1].url, all[2].url, judgeSlots), workPrompts)
	if err != nil {
		return 0, err
	}
	r, err := b.run(ctx, dir, nil, "run", "--quiet")
	if err != nil {
		return 0, err
	}
	least := time.Duration(0)
	for i, s := range all {
		stats, err := s.stats(ctx)
		if err != nil {
			return 0, err
		}
		least = max(least, bound(stats, slots[i]))
	}
	return r.wall.Seconds() / least.Seconds(), nil
}
