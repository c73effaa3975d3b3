//go:build linux

package bench

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"regexp"
	"strconv"
)

// figureLine is what a test logs of a figure: its name, the median, the least and the most.
var figureLine = regexp.MustCompile(`figure "([^"]+)" ([0-9.]+), ([0-9.]+) to ([0-9.]+)`)

// simulate runs tests of a package in virtual time, in full size, and returns the figures they log.
func (b *Bench) simulate(ctx context.Context, pkg, tests string) (map[string][]float64, error) {
	cmd := exec.CommandContext(ctx, "go", "test", "-count=1", "-v", "-run", tests, "./"+pkg)
	cmd.Dir, cmd.Env = b.Root, os.Environ()
	if !b.Quick {
		cmd.Env = append(cmd.Env, "OPENARENA_SIMULATE=1")
	}
	out, err := cmd.CombinedOutput()
	figures := map[string][]float64{}
	for _, m := range figureLine.FindAllStringSubmatch(string(out), -1) {
		for _, s := range []string{m[3], m[2], m[4]} { // so that the median is in the middle
			if v, err := strconv.ParseFloat(s, 64); err == nil {
				figures[m[1]] = append(figures[m[1]], v)
			}
		}
	}
	if err != nil && len(figures) == 0 {
		return nil, fmt.Errorf("%v: %w\n%s", cmd.Args, err, out)
	}
	return figures, nil // a figure that misses its target fails its test, and is shown as a miss
}

// measureLimits is how near to a server's limits its gate gets. Everything is in virtual time, so that it comes out the same on
// any machine.
func measureLimits(ctx context.Context, b *Bench) ([]Figure, error) {
	got, err := b.simulate(ctx, "providers", "^(TestSimulatedEndpoints|TestScatteredRefusals|TestStatedLimits)$")
	if err != nil {
		return nil, err
	}
	others, err := b.simulate(ctx, "pipeline", "^TestSlowAndDeadEndpoint$")
	if err != nil {
		return nil, err
	}
	var all []Figure
	for _, e := range []struct {
		name string
		most float64
	}{
		{"200 slots, 429 above 256", 1.15},
		{"20 calls a second", 1.15},
		{"200, 50, 200 slots, 429 above 1.25 times that", 1.35},
		{"shared by 200, no 429", 1.5},
	} {
		all = append(all,
			atMost("`concurrency: auto`, simulated endpoint ("+e.name+"): time / steady ideal", "", e.most, got[e.name+": time / ideal"]...),
			atMost("the same: share of calls refused", "", 0.07, got[e.name+": refused"]...))
	}
	for _, name := range []string{"auto", "64 stated"} {
		all = append(all, atMost("5 % scattered 429s, "+name+": time / without", "", 1.2, got["5 % scattered 429s, "+name+": time / without"]...))
	}
	for _, name := range []string{"short calls: requests", "long prompts: tokens", "long answers: tokens"} {
		all = append(all,
			atLeast("600 rpm, 40,000 tpm stated, any 60 s counted, 29 minutes ("+name+"): throughput / limit", "", 0.97, got["stated limits, "+name+": throughput / limit"]...),
			atMost("the same: calls refused", "", 0, got["stated limits, "+name+": refusals"]...))
	}
	const dead = "one dead and one slow endpoint of five: throughput of the others / undisturbed"
	all = append(all, atLeast(dead, "", 0.95, others[dead]...))
	for _, f := range all {
		if f.Got == "" {
			return nil, fmt.Errorf("no test logs the figure %q", f.What)
		}
	}
	return all, nil
}
