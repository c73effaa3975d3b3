//go:build linux

package bench

import (
	"context"
	"fmt"
)

func measureFaults(ctx context.Context, b *Bench) ([]Figure, error) {
	var ratios, lost []float64
	for range b.times() {
		clean, _, _, err := b.whole(ctx, 64, nil, "-latency", "200ms")
		if err != nil {
			return nil, err
		}
		r, _, dir, err := b.whole(ctx, 64, []int{3}, "-latency", "200ms",
			"-faults", `{"too_many": 0.05, "retry_after": 1000000000, "internal": 0.02, "cut": 0.01}`)
		if err != nil {
			return nil, err
		}
		p, err := b.progress(ctx, dir)
		if err != nil {
			return nil, err
		}
		ratios = append(ratios, r.wall.Seconds()/clean.wall.Seconds())
		lost = append(lost, float64(p.lost()))
	}
	return []Figure{
		atMost("with 5 % 429 (Retry-After 1 s), 2 % 500, 1 % cut bodies: wall / clean wall", "", 1.3, ratios...),
		atMost("the same: answers and judgments lost", "", 0, lost...),
	}, nil
}

func measureDead(ctx context.Context, b *Bench) ([]Figure, error) {
	r, stats, dir, err := b.whole(ctx, 64, []int{3}, "-latency", "200ms", "-broken", "d")
	if err != nil {
		return nil, err
	}
	p, err := b.progress(ctx, dir)
	if err != nil {
		return nil, err
	}
	wasted := atMost("one model of four always answers 500: wasted calls", "", 100, float64(stats.Models["d"].Arrivals))
	const others = workPrompts * (workModels - 1)
	whole := p.Generate.Done == others && p.Judge.Done == workPrompts*3*2
	got := fmt.Sprintf("%d of %d answers, %d of %d judgments, exit %d", p.Generate.Done, others, p.Judge.Done, workPrompts*3*2, r.exit)
	return []Figure{wasted, {"the same: the other three", "whole, exit 3", got, whole && r.exit == 3}}, nil
}
