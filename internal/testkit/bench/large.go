//go:build linux

package bench

import (
	"context"
	"fmt"
)

// A database of a million records takes a while to make, so these are measured by benchmarks beside the code that can
// write one without any call; what they time is the built program.

func measureCommands(ctx context.Context, b *Bench) ([]Figure, error) {
	figures, err := b.started(ctx)
	if err != nil {
		return figures, err
	}
	metrics, err := b.benchmark(ctx, "pipeline", "^BenchmarkCommands$", "3x")
	if err != nil {
		return figures, err
	}
	for _, command := range []struct {
		name  string
		limit float64
	}{{"status", 1}, {"rate", 3}} {
		v, err := pick(metrics, fmt.Sprintf("Commands/%s s", command.name))
		if err != nil {
			return figures, err
		}
		figures = append(figures, atMost(fmt.Sprintf("`%s` on 10⁶ records", command.name), " s", command.limit, v))
	}
	return figures, nil
}

func measureExport(ctx context.Context, b *Bench) ([]Figure, error) {
	metrics, err := b.benchmark(ctx, "pipeline", "^BenchmarkExport$", "3x")
	if err != nil {
		return nil, err
	}
	v, err := pick(metrics, "Export x/memory")
	if err != nil {
		return nil, err
	}
	return []Figure{atLeast("jsonl of `ranked`, whole command from a warm database / encoding the same rows from memory", "", 0.25, v)}, nil
}
