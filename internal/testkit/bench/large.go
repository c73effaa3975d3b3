//go:build linux

package bench

import (
	"cmp"
	"context"
	"fmt"
	"os"
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
	encoders, err := b.encoders(ctx)
	if err != nil {
		return nil, err
	}
	figures := append(encoders, atLeast("jsonl of `ranked`, whole command from a warm database / encoding the same rows from memory", "", 0.25, v))
	pairs, err := b.pairs(ctx)
	return append(figures, pairs...), err
}

// pairs are whole commands that write preference rows of 2.2 KB from a warm database. OPENARENA_BENCH_PAIRS is how many, where a
// database of as many may take the time and the disk: a million are 4 GB.
func (b *Bench) pairs(ctx context.Context) (figures []Figure, err error) {
	rows := cmp.Or(os.Getenv("OPENARENA_BENCH_PAIRS"), "250000")
	if b.Quick {
		rows = "2000"
	}
	metrics, err := b.benchmark(ctx, "pipeline", "^BenchmarkPairs$", "1x", "OPENARENA_BENCH_PAIRS="+rows)
	if err != nil {
		return nil, err
	}
	for _, x := range []struct {
		format, other string
		least, memory float64
	}{{"jsonl", "goccy/go-json", 0.25, 80}, {"parquet", "parquet-go", 0.6, 150}} {
		var v [3]float64
		for i, unit := range []string{"x/memory", "x/cpu", "anon-MB"} {
			if v[i], err = pick(metrics, fmt.Sprintf("Pairs/%s %s", x.format, unit)); err != nil {
				return nil, err
			}
		}
		b.Logf("%s of pairs: by CPU %.2f", x.format, v[1])
		what := fmt.Sprintf("%s of %s preference rows of 2.2 KB, whole command from a warm database / %s from memory", x.format, rows, x.other)
		figures = append(figures, atLeast(what, "", x.least, v[0]), atMost("the same: RssAnon", " MB", x.memory, v[2]))
	}
	return figures, nil
}

// encoders are our writers of rows of 2.2 KB over those of libraries, both from memory.
func (b *Bench) encoders(ctx context.Context) (figures []Figure, err error) {
	metrics, err := b.benchmark(ctx, "pipeline/export", "^BenchmarkPairs$", "200000x")
	if err != nil {
		return nil, err
	}
	for _, x := range []struct {
		format, other string
		least         float64
	}{{"jsonl", "goccy", 0.8}, {"parquet", "parquet-go", 0.6}} {
		ours, err := pick(metrics, fmt.Sprintf("Pairs/%s/ours ns/op", x.format))
		if err != nil {
			return nil, err
		}
		theirs, err := pick(metrics, fmt.Sprintf("Pairs/%s/%s ns/op", x.format, x.other))
		if err != nil {
			return nil, err
		}
		figures = append(figures, atLeast(fmt.Sprintf("%s of preference rows, our encoder alone / %s", x.format, x.other), "", x.least, theirs/ours))
	}
	return figures, nil
}
