//go:build linux

package bench

import "context"

// measureInFlight compares the client of providers with a loop around net/http, in one process, against a server that costs next
// to nothing.
func measureInFlight(ctx context.Context, b *Bench) ([]Figure, error) {
	benchtime := "20x"
	if b.Quick {
		benchtime = "2x"
	}
	v, err := b.repeat(ctx, "providers", "^BenchmarkInFlight$", benchtime, "InFlight x-bare")
	if err != nil {
		return nil, err
	}
	return []Figure{atLeast("client calls per second / a bare net/http loop with the same decoder, zero latency, 1,000 in flight", "", 0.85, v[0]...)}, nil
}
