//go:build linux

package bench

import (
	"context"
	"fmt"
	"os/exec"
	"strconv"

	"golang.org/x/sync/errgroup"

	"openarena/internal/testkit/pgtest"
)

// roomy are the settings that docs/scale.md advises for a server with many workers.
var roomy = []string{"shared_buffers=512MB", "max_wal_size=4GB"}

// measureStored has two processes store answers in one PostgreSQL, and reads them back in order.
func measureStored(ctx context.Context, b *Bench) ([]Figure, error) {
	each := 40_000
	if b.Quick {
		each = 2000
	}
	server, err := pgtest.New(pgtest.Options{Settings: roomy})
	if err != nil {
		return nil, err
	}
	defer server.Close()
	binary, err := b.build(ctx, "./internal/testkit/cmd/pgload")
	if err != nil {
		return nil, err
	}
	var stored, scanned []float64
	for i := range b.times() {
		url := server.Schema(fmt.Sprintf("stored_%d", i))
		rate, err := store(ctx, binary, url, each)
		if err != nil {
			return nil, err
		}
		out, err := exec.CommandContext(ctx, binary, "-url", url, "-scan").Output()
		if err != nil {
			return nil, fmt.Errorf("scan: %w", err)
		}
		var size, seconds float64
		if _, err := fmt.Sscan(string(out), &size, &seconds); err != nil {
			return nil, err
		}
		stored, scanned = append(stored, rate), append(scanned, size/1e6/seconds)
	}
	return []Figure{
		atLeast("PostgreSQL: answers of 4 KB that two processes with 500 calls in flight each store in a second, models that cost nothing", "", 5000, stored...),
		atLeast("the same: read again in order", " MB/s", 150, scanned...),
	}, nil
}

// store returns how many answers a second two processes store together, from the first one's start to the last one's end.
func store(ctx context.Context, binary, url string, each int) (float64, error) {
	const workers = 2
	var total, began, ended [workers]float64
	all, ctx := errgroup.WithContext(ctx)
	for w := range workers {
		all.Go(func() error {
			out, err := exec.CommandContext(ctx, binary, "-url", url, "-n", strconv.Itoa(each), "-worker", strconv.Itoa(w), "-of", strconv.Itoa(workers)).CombinedOutput()
			if err != nil {
				return fmt.Errorf("pgload: %w\n%s", err, out)
			}
			_, err = fmt.Sscan(string(out), &total[w], &began[w], &ended[w])
			return err
		})
	}
	if err := all.Wait(); err != nil {
		return 0, err
	}
	return (total[0] + total[1]) / (max(ended[0], ended[1]) - min(began[0], began[1])), nil
}
