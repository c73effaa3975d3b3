//go:build linux

package bench

import "context"

// measureViewer has the built program show a database of a million judgments, and reads it as one browser does.
func measureViewer(ctx context.Context, b *Bench) ([]Figure, error) {
	prompts, size := "83334", "10⁶ judgments"
	if b.Quick {
		prompts, size = "2000", "24,000 judgments"
	}
	metrics, err := b.benchmark(ctx, "pipeline", "^BenchmarkServe$", "3x", "OPENARENA_BENCH_SERVE="+prompts)
	if err != nil {
		return nil, err
	}
	var figures []Figure
	for _, x := range []struct {
		what, unit, metric string
		limit              float64
	}{
		{"`serve` on " + size + ": first page, warm, as a client sees it", " ms", "first-ms", 150},
		{"the same: a list of battles with filters none of which was asked for before, and its last page", " ms", "list-ms", 50},
		{"the same: RssAnon", " MB", "anon-MB", 120},
		{"the same: the columns in memory, for each judgment", " B", "B/judgment", 32},
		{"text search through all of it: the first hit of a frequent word", " ms", "hit-ms", 1000},
		{"the same: a phrase that one prompt of all has", " ms", "needle-ms", 1000},
		{"the same: until the server is idle when the reader goes away", " ms", "cancel-ms", 1000},
	} {
		v, err := pick(metrics, "Serve "+x.metric)
		if err != nil {
			return figures, err
		}
		figures = append(figures, atMost(x.what, x.unit, x.limit, v))
	}
	return figures, nil
}
