// Command swarm is many workers in one process, as far as a PostgreSQL sees them: each is a fleet.Rehearsal with connections of its
// own, and does what a real worker does but call models and store what they say. It prints "ready" when all have
// started, then the number of slices worked for each line that it reads, and ends with its standard input.
package main

import (
	"bufio"
	"context"
	"encoding/binary"
	"flag"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"time"

	"golang.org/x/sync/errgroup"

	"openarena/configs"
	"openarena/fleet"
	"openarena/internal/secret"
	"openarena/pipeline"
	"openarena/store/postgres"
)

// settings are what a worker's load on the server depends on.
type settings struct {
	url            string
	clients, first int
	all            int
	models, parts  int
	slice, ramp    time.Duration
	prepare        bool
}

func main() {
	var s settings
	flag.StringVar(&s.url, "url", "", "server and schema")
	flag.IntVar(&s.clients, "clients", 250, "workers in this process")
	flag.IntVar(&s.first, "first", 0, "number of the first of them")
	flag.IntVar(&s.all, "all", 1000, "workers of all processes together")
	flag.IntVar(&s.models, "models", 16, "models; a worker serves one, as beside a GPU")
	flag.IntVar(&s.parts, "parts", 256, "parts of each model")
	flag.DurationVar(&s.slice, "slice", 10*time.Second, "how long a part is worked on")
	flag.DurationVar(&s.ramp, "ramp", 0, "over how long they start, one after the other")
	flag.BoolVar(&s.prepare, "prepare", false, "make the arena, and end")
	flag.Parse()
	run := s.work
	if s.prepare {
		run = s.publish
	}
	if err := run(context.Background()); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// all parts of the arena.
func (s settings) arena() (all []pipeline.Part) {
	for m := range s.models {
		for i := range s.parts {
			var p pipeline.Part
			p.Who[0] = byte(m + 1)
			binary.BigEndian.PutUint32(p.From[:], uint32(i))
			binary.BigEndian.PutUint32(p.To[:], uint32(i))
			all = append(all, p)
		}
	}
	return all
}

// open is one worker's way to the server.
func (s settings) open(ctx context.Context) (*postgres.DB, *fleet.Fleet, error) {
	db, err := postgres.Open(ctx, secret.New(s.url), postgres.Options{Application: "openarena worker"})
	if err != nil {
		return nil, nil, err
	}
	f, err := fleet.Open(ctx, db)
	return db, f, err
}

const arenaFile = `default_endpoint: {url: "http://localhost:1/v1"}
models: [{name: A, model_id: a}, {name: B, model_id: b}]
judges: [{name: J, model_id: j}]
datasets: [{path: prompts.jsonl}]
`

func (s settings) publish(ctx context.Context) error {
	dir, err := os.MkdirTemp("", "openarena-swarm-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	path := filepath.Join(dir, "arena.yaml")
	if err := os.WriteFile(path, []byte(arenaFile), 0o600); err != nil {
		return err
	}
	c, err := configs.Load(path, os.LookupEnv)
	if err != nil {
		return err
	}
	db, f, err := s.open(ctx)
	if err != nil {
		return err
	}
	defer db.Close()
	if _, err := f.Publish(ctx, c, fleet.Options{}, "rehearsal"); err != nil {
		return err
	}
	return f.RehearseOn(ctx, s.arena())
}

func (s settings) work(ctx context.Context) error {
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	workers := make([]*fleet.Rehearsal, s.clients)
	var all errgroup.Group
	all.SetLimit(8)
	each := time.NewTicker(max(s.ramp/time.Duration(s.clients), time.Millisecond))
	defer each.Stop()
	for i := range workers {
		<-each.C
		all.Go(func() (err error) {
			workers[i], err = s.start(ctx, s.first+i)
			return err
		})
	}
	if err := all.Wait(); err != nil {
		return err
	}
	fmt.Println("ready")
	for lines := bufio.NewScanner(os.Stdin); lines.Scan(); {
		var n int64
		for _, w := range workers {
			n += w.Slices()
		}
		fmt.Println(n)
	}
	return nil
}

var quiet = slog.New(slog.NewTextHandler(os.Stderr, &slog.HandlerOptions{Level: slog.LevelError}))

// start starts one worker.
func (s settings) start(ctx context.Context, n int) (*fleet.Rehearsal, error) {
	_, f, err := s.open(ctx)
	if err != nil {
		return nil, err
	}
	e, err := f.Epoch(ctx)
	if err != nil {
		return nil, err
	}
	parts := s.arena()
	own := parts[n%s.models*s.parts].Who
	w := &fleet.Rehearsal{
		Fleet: f, ID: fmt.Sprintf("worker-%d", n), Serve: func(p pipeline.Part) bool { return p.Who == own },
		Parts: parts, Epoch: e, Slice: s.slice, Many: int64(s.all), Log: quiet,
	}
	return w, w.Start(ctx)
}
