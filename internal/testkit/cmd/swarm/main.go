// Command swarm is many workers in one process, as far as a PostgreSQL sees them: each is a River client with connections,
// queues and a heartbeat of its own, and works on jobs that do nothing for a while and then snooze. It prints "ready" when all have
// started, then the number of jobs done for each line that it reads, and ends with its standard input.
package main

import (
	"bufio"
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"log/slog"
	"os"
	"sync/atomic"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/riverqueue/river"
	"github.com/riverqueue/river/riverdriver/riverpgxv5"
	"github.com/riverqueue/river/rivermigrate"
	"golang.org/x/sync/errgroup"
)

// settings are what a worker's load on the server depends on.
type settings struct {
	url, schema       string
	clients, first    int
	queues, jobs      int
	work, poll, beat  time.Duration
	ramp              time.Duration
	leaders           int
	pollOnly, prepare bool
}

func main() {
	var s settings
	flag.StringVar(&s.url, "url", "", "server")
	flag.StringVar(&s.schema, "schema", "swarm", "schema of all tables")
	flag.IntVar(&s.clients, "clients", 250, "workers in this process")
	flag.IntVar(&s.first, "first", 0, "number of the first of them")
	flag.IntVar(&s.queues, "queues", 2, "queues of each")
	flag.IntVar(&s.jobs, "jobs", 0, "with -prepare: jobs in all queues together")
	flag.DurationVar(&s.work, "work", 10*time.Second, "how long a job takes, before it snoozes")
	flag.DurationVar(&s.poll, "poll", 10*time.Second, "how often a worker looks for jobs without being told")
	flag.DurationVar(&s.beat, "beat", 10*time.Second, "between two heartbeats")
	flag.DurationVar(&s.ramp, "ramp", 0, "over how long they start, one after the other")
	flag.IntVar(&s.leaders, "leaders", 16, "so many of the workers stand for election, as of real ones")
	flag.BoolVar(&s.pollOnly, "poll-only", false, "no LISTEN")
	flag.BoolVar(&s.prepare, "prepare", false, "make tables and jobs, and end")
	flag.Parse()
	if err := run(context.Background(), s); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run(ctx context.Context, s settings) error {
	if s.prepare {
		return s.makeJobs(ctx)
	}
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	var done atomic.Int64
	var all errgroup.Group
	all.SetLimit(8)
	each := time.NewTicker(max(s.ramp/time.Duration(s.clients), time.Millisecond))
	defer each.Stop()
	for i := range s.clients {
		<-each.C
		all.Go(func() error { return s.start(ctx, s.first+i, &done) })
	}
	if err := all.Wait(); err != nil {
		return err
	}
	fmt.Println("ready")
	for lines := bufio.NewScanner(os.Stdin); lines.Scan(); {
		fmt.Println(done.Load())
	}
	return nil
}

func (s settings) queue(i int) string { return fmt.Sprintf("q-%d", i%s.queues) }

// part is the arguments of a job; it is as large as a real one.
type part struct {
	Judge bool   `json:"judge"`
	Who   string `json:"who"`
	From  string `json:"from"`
	To    string `json:"to"`
}

func (part) Kind() string { return "part" }

type worker struct {
	river.WorkerDefaults[part]

	work time.Duration
	done *atomic.Int64
}

func (w *worker) Work(ctx context.Context, _ *river.Job[part]) error {
	select {
	case <-time.After(w.work):
		w.done.Add(1)
		return river.JobSnooze(0)
	case <-ctx.Done():
		return ctx.Err()
	}
}

var quiet = slog.New(slog.NewTextHandler(os.Stderr, &slog.HandlerOptions{Level: slog.LevelError}))

// start starts one worker, with a pool of its own and a heartbeat.
func (s settings) start(ctx context.Context, n int, done *atomic.Int64) error {
	config, err := pgxpool.ParseConfig(s.url)
	if err != nil {
		return err
	}
	config.MaxConns = 2
	pool, err := pgxpool.NewWithConfig(ctx, config)
	if err != nil {
		return err
	}
	workers := river.NewWorkers()
	river.AddWorker(workers, &worker{work: s.work, done: done})
	c := &river.Config{
		Schema: s.schema, ID: fmt.Sprintf("worker-%d", n), Logger: quiet, Workers: workers, Queues: map[string]river.QueueConfig{},
		FetchPollInterval: s.poll, PollOnly: s.pollOnly, LeaderElectionDisabled: n >= s.leaders,
		JobTimeout: 2*s.work + time.Minute, RescueStuckJobsAfter: 2*s.work + 2*time.Minute,
	}
	for q := range s.queues {
		c.Queues[s.queue(q)] = river.QueueConfig{MaxWorkers: 1}
	}
	client, err := river.NewClient(riverpgxv5.New(pool), c)
	if err != nil {
		return err
	}
	if err := client.Start(ctx); err != nil {
		return err
	}
	go s.live(ctx, pool, n)
	return nil
}

// live keeps a worker's row alive.
func (s settings) live(ctx context.Context, pool *pgxpool.Pool, n int) {
	tick := time.NewTicker(s.beat)
	defer tick.Stop()
	for {
		_, err := pool.Exec(ctx, "INSERT INTO "+s.table("heartbeat")+" AS h VALUES ($1, now(), '{}') ON CONFLICT (id) DO UPDATE SET seen = now()", n)
		if err != nil && !errors.Is(err, context.Canceled) {
			fmt.Fprintln(os.Stderr, err)
		}
		select {
		case <-tick.C:
		case <-ctx.Done():
			return
		}
	}
}

func (s settings) table(name string) string { return pgx.Identifier{s.schema, name}.Sanitize() }

// makeJobs makes the tables and jobs without end.
func (s settings) makeJobs(ctx context.Context) error {
	pool, err := pgxpool.New(ctx, s.url)
	if err != nil {
		return err
	}
	defer pool.Close()
	if _, err := pool.Exec(ctx, "CREATE SCHEMA "+pgx.Identifier{s.schema}.Sanitize()); err != nil {
		return err
	}
	if _, err := pool.Exec(ctx, "CREATE TABLE "+s.table("heartbeat")+" (id int PRIMARY KEY, seen timestamptz, info jsonb) WITH (fillfactor = 50)"); err != nil {
		return err
	}
	m, err := rivermigrate.New(riverpgxv5.New(pool), &rivermigrate.Config{Schema: s.schema, Logger: slog.New(slog.NewTextHandler(io.Discard, nil))})
	if err != nil {
		return err
	}
	if _, err := m.Migrate(ctx, rivermigrate.DirectionUp, nil); err != nil {
		return err
	}
	client, err := river.NewClient(riverpgxv5.New(pool), &river.Config{Schema: s.schema, Logger: quiet})
	if err != nil {
		return err
	}
	var all []river.InsertManyParams
	for i := range s.jobs {
		all = append(all, river.InsertManyParams{
			Args:       part{Who: fmt.Sprintf("%064x", i), From: fmt.Sprintf("%032x", i), To: fmt.Sprintf("%032x", i+1)},
			InsertOpts: &river.InsertOpts{Queue: s.queue(i)},
		})
	}
	_, err = client.InsertManyFast(ctx, all)
	return err
}
