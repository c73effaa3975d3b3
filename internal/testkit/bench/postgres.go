//go:build linux

package bench

import (
	"context"
	"errors"
	"fmt"
	"os/exec"
	"path/filepath"
	"strconv"
	"syscall"
	"time"

	"github.com/jackc/pgx/v5"
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

// crewFlight is how many calls of 1 s each worker has in flight.
const crewFlight = 500

// measureCrew compares two workers on one PostgreSQL with one run on one machine with a file, of as many calls in flight each.
func measureCrew(ctx context.Context, b *Bench) ([]Figure, error) {
	window, prompts := 15*time.Second, 60_000
	if b.Quick {
		window, prompts = 5*time.Second, 20_000
	}
	var shares []float64
	for range b.times() {
		single, err := b.steady(ctx, window, prompts, crewFlight)
		if err != nil {
			return nil, err
		}
		two, err := b.crew(ctx, window, prompts)
		if err != nil {
			return nil, err
		}
		shares = append(shares, two*single.window.Seconds()/float64(single.answers))
	}
	return []Figure{atLeast(fmt.Sprintf("PostgreSQL: durable answers per second of two processes / of one run with a file, 1 s × %d in flight each", crewFlight),
		"", 1.9, shares...)}, nil
}

// crew is how many answers become durable in a second while a run and a worker are at work.
func (b *Bench) crew(ctx context.Context, window time.Duration, prompts int) (rate float64, err error) {
	server, err := pgtest.New(pgtest.Options{Settings: roomy})
	if err != nil {
		return 0, err
	}
	defer server.Close()
	models, err := b.serve(ctx, "-latency", "1s")
	if err != nil {
		return 0, err
	}
	defer models.stop()
	url := server.Schema("crew")
	dir, err := b.arena(answersOnly(models.url, crewFlight)+fmt.Sprintf("store: {url: %q}\n", url), prompts)
	if err != nil {
		return 0, err
	}
	worker := exec.CommandContext(ctx, b.program, "worker", "--store", url, "--quiet")
	worker.Dir = filepath.Dir(dir) // it has no file of its own
	if err := worker.Start(); err != nil {
		return 0, err
	}
	defer func() {
		err = errors.Join(err, worker.Process.Kill())
		_ = worker.Wait() // killed
	}()
	run := exec.CommandContext(ctx, b.program, "generate", "--quiet")
	_, err = b.watch(ctx, run, dir, []int{130}, func(run *exec.Cmd) error {
		defer run.Process.Signal(syscall.SIGINT)
		if err := models.filled(ctx, 3*crewFlight); err != nil {
			return err
		}
		first, began, err := answers(ctx, url)
		if err != nil {
			return err
		}
		if err := pause(ctx, window); err != nil {
			return err
		}
		last, ended, err := answers(ctx, url)
		rate = float64(last-first) / ended.Sub(began).Seconds()
		return err
	})
	return rate, err
}

// answers counts those in a database, and when it did.
func answers(ctx context.Context, url string) (n int64, at time.Time, err error) {
	conn, err := pgx.Connect(ctx, url)
	if err != nil {
		return 0, at, err
	}
	defer conn.Close(ctx)
	err = conn.QueryRow(ctx, "SELECT count(*), clock_timestamp() FROM oa_answers").Scan(&n, &at)
	return n, at, err
}

// measureAsked is what commands take that look at a large arena in PostgreSQL.
func measureAsked(ctx context.Context, b *Bench) ([]Figure, error) {
	metrics, err := b.benchmark(ctx, "pipeline", "^BenchmarkCommandsPG$", "5x", "OPENARENA_PG=1")
	if err != nil {
		return nil, err
	}
	v, err := pick(metrics, "CommandsPG/status ms")
	if err != nil {
		return nil, err
	}
	b.Logf("rate: %.0f ms", metrics["CommandsPG/rate ms"])
	return []Figure{atMost("PostgreSQL: `status` on 10⁶ answers and judgments, the whole command", " ms", 50, v)}, nil
}

// measureCopy moves answers of 4 KB from a file to a server, and back.
func measureCopy(ctx context.Context, b *Bench) ([]Figure, error) {
	var to, back []float64
	for range b.times() {
		metrics, err := b.benchmark(ctx, "store/postgres", "^BenchmarkCopy$", "1x", "OPENARENA_PG=1")
		if err != nil {
			return nil, err
		}
		there, err := pick(metrics, "Copy/to MB/s")
		if err != nil {
			return nil, err
		}
		again, err := pick(metrics, "Copy/back MB/s")
		if err != nil {
			return nil, err
		}
		to, back = append(to, there), append(back, again)
	}
	return []Figure{
		atLeast("PostgreSQL: `store copy` of 40,000 answers of 4 KB from a file to a server beside it", " MB/s", 20, to...),
		atLeast("the same: back into a file", " MB/s", 20, back...),
	}, nil
}
