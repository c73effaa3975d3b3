//go:build linux

package bench

import (
	"context"
	"fmt"
	"os/exec"
	"strconv"
)

// measureClient compares the CPU of a durable answer of 2 KB with that of a client that only reads and decodes it.
func measureClient(ctx context.Context, b *Bench) ([]Figure, error) {
	const slots = 256
	answers := 40_000
	if b.Quick {
		answers = 4000
	}
	var ratios []float64
	for range b.times() {
		s, err := b.serve(ctx, "-latency", "20ms")
		if err != nil {
			return nil, err
		}
		defer s.stop()
		dir, err := b.arena(answersOnly(s.url, slots), answers)
		if err != nil {
			return nil, err
		}
		// The prompts are read by a command of their own, so that only answers are compared.
		read, err := b.run(ctx, dir, nil, "generate", "--quiet", "--limit", "1")
		if err != nil {
			return nil, err
		}
		ours, err := b.run(ctx, dir, nil, "generate", "--quiet")
		if err != nil {
			return nil, err
		}
		bare := exec.CommandContext(ctx, b.nothing, "-url", s.url, "-n", strconv.Itoa(answers), "-slots", strconv.Itoa(slots))
		theirs, err := b.watch(ctx, bare, dir, nil, nil)
		if err != nil {
			return nil, err
		}
		b.Logf("%d answers: %.2f s of CPU, bare client %.2f s, reading the prompts %.2f s", answers, ours.cpu.Seconds(), theirs.cpu.Seconds(), read.cpu.Seconds())
		ratios = append(ratios, ours.cpu.Seconds()/theirs.cpu.Seconds())
	}
	what := fmt.Sprintf("CPU per durable answer of 2 KB / a bare net/http + goccy/go-json client, %d slots", slots)
	return []Figure{atMost(what, "", 2, ratios...)}, nil
}
