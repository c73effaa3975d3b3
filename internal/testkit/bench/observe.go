//go:build linux

package bench

import (
	"context"
	"fmt"
)

// measureObserved compares the CPU of a durable answer with a log and metrics on with that of one without. Both sides read the
// prompts beforehand.
func measureObserved(ctx context.Context, b *Bench) ([]Figure, error) {
	const slots = 256
	answers := 40_000
	if b.Quick {
		answers = 4000
	}
	s, err := b.serve(ctx, "-latency", "20ms")
	if err != nil {
		return nil, err
	}
	defer s.stop()
	var ratios []float64
	for range b.times() {
		var cpu []float64
		for _, more := range [][]string{nil, {"--log", "run.log", "--metrics-addr", ":0"}} {
			dir, err := b.arena(answersOnly(s.url, slots), answers)
			if err != nil {
				return nil, err
			}
			if _, err := b.run(ctx, dir, nil, "generate", "--quiet", "--limit", "1"); err != nil {
				return nil, err
			}
			r, err := b.run(ctx, dir, nil, append([]string{"generate", "--quiet"}, more...)...)
			if err != nil {
				return nil, err
			}
			cpu = append(cpu, r.cpu.Seconds())
		}
		b.Logf("%d answers: %.2f s of CPU unobserved, %.2f s with log and metrics", answers, cpu[0], cpu[1])
		ratios = append(ratios, cpu[1]/cpu[0])
	}
	return []Figure{atMost(fmt.Sprintf("CPU per durable answer of 2 KB with --log and --metrics-addr / without, %d slots", slots), "", 1.1, ratios...)}, nil
}
