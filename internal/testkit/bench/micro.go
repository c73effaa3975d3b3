//go:build linux

package bench

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"os/exec"
	"strconv"
	"strings"
)

// benchmark runs Go benchmarks of a package and returns what they report, by benchmark and unit: "Writer/waiters=64 x/single".
func (b *Bench) benchmark(ctx context.Context, pkg, pattern, benchtime string, env ...string) (map[string]float64, error) {
	cmd := exec.CommandContext(ctx, "go", "test", "-run", "^$", "-bench", pattern, "-benchtime", benchtime, "-timeout", "0", "./"+pkg)
	cmd.Dir, cmd.Env = b.Root, append(os.Environ(), env...)
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		return nil, fmt.Errorf("%v: %w\n%s%s", cmd.Args, err, out, stderr.Bytes())
	}
	metrics := map[string]float64{}
	for line := range strings.Lines(string(out)) {
		fields := strings.Fields(line)
		if len(fields) < 4 || !strings.HasPrefix(fields[0], "Benchmark") {
			continue
		}
		name := strings.TrimPrefix(fields[0], "Benchmark")
		if i := strings.LastIndexByte(name, '-'); i > 0 {
			name = name[:i] // the number of cores
		}
		for i := 2; i+1 < len(fields); i += 2 {
			if v, err := strconv.ParseFloat(fields[i], 64); err == nil {
				metrics[name+" "+fields[i+1]] = v
			}
		}
	}
	return metrics, nil
}

// pick returns one metric that a benchmark must have reported.
func pick(metrics map[string]float64, name string) (float64, error) {
	v, ok := metrics[name]
	if !ok {
		return 0, fmt.Errorf("no benchmark reports %q", name)
	}
	return v, nil
}

// repeat runs benchmarks several times and collects each metric's values.
func (b *Bench) repeat(ctx context.Context, pkg, pattern, benchtime string, names ...string) ([][]float64, error) {
	values := make([][]float64, len(names))
	for range b.times() {
		metrics, err := b.benchmark(ctx, pkg, pattern, benchtime)
		if err != nil {
			return nil, err
		}
		for i, name := range names {
			v, err := pick(metrics, name)
			if err != nil {
				return nil, err
			}
			values[i] = append(values[i], v)
		}
	}
	return values, nil
}

func measureWriter(ctx context.Context, b *Bench) ([]Figure, error) {
	v, err := b.repeat(ctx, "store", "^BenchmarkWriter$", "2s", "Writer/waiters=64 x-single", "Writer/waiters=1000 x-single")
	if err != nil {
		return nil, err
	}
	return []Figure{
		atLeast("group writer / one transaction per put, 4 KB, in pipeline key order: 64 waiters", "", 7, v[0]...),
		atLeast("the same: 1,000 waiters", "", 18, v[1]...),
	}, nil
}

func measureGrowth(ctx context.Context, b *Bench) ([]Figure, error) {
	what, env := "µs per index record (≤ 100 B) at 10⁷ / at 10⁵, pipeline order", "OPENARENA_BENCH_LARGE=1"
	if b.Quick {
		what, env = "µs per index record (≤ 100 B) at 10⁶ / at 10⁵, pipeline order", "OPENARENA_BENCH_LARGE="
	}
	metrics, err := b.benchmark(ctx, "store", "^BenchmarkGrowth$", "1x", env)
	if err != nil {
		return nil, err
	}
	v, err := pick(metrics, "Growth x-small")
	if err != nil {
		return nil, err
	}
	return []Figure{atMost(what, "", 1.3, v)}, nil
}

func measureMissing(ctx context.Context, b *Bench) ([]Figure, error) {
	metrics, err := b.benchmark(ctx, "pipeline", "^BenchmarkMissing$", "10x")
	if err != nil {
		return nil, err
	}
	var v [4]float64
	for i, name := range []string{"Missing/Judge x/walk", "Missing/D x/walk", "Missing/Judge heap-MB", "Missing/D heap-MB"} {
		if v[i], err = pick(metrics, name); err != nil {
			return nil, err
		}
	}
	return []Figure{
		atMost("finding which judgments are missing at 10⁶ records / one bare walk of the same keys", "", 2, v[0]),
		atMost("the same: which answers of one model", "", 2, v[1]),
		atMost("the same: heap meanwhile", " MB", 32, max(v[2], v[3])),
	}, nil
}
