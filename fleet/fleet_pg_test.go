package fleet

import (
	"context"
	"errors"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"openarena/configs"
	"openarena/internal/testkit/pgtest"
	"openarena/pipeline"
	"openarena/store"
)

// database is an empty schema.
type database struct {
	pool   *pgxpool.Pool
	schema string
}

func (d database) Pool() *pgxpool.Pool { return d.pool }
func (d database) Schema() string      { return d.schema }

func emptySchema(t *testing.T) database {
	t.Helper()
	text := pgtest.Start(t).URL(t)
	u, err := url.Parse(text)
	if err != nil {
		t.Fatal(err)
	}
	pool, err := pgxpool.New(t.Context(), text)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(pool.Close)
	d := database{pool, u.Query().Get("search_path")}
	if _, err := pool.Exec(t.Context(), "CREATE SCHEMA "+pgx.Identifier{d.schema}.Sanitize()); err != nil {
		t.Fatal(err)
	}
	return d
}

func openFleet(t *testing.T) *Fleet {
	t.Helper()
	f, err := Open(t.Context(), emptySchema(t))
	if err != nil {
		t.Fatal(err)
	}
	return f
}

func TestPGManyOpenAtOnce(t *testing.T) {
	db := emptySchema(t)
	if _, ok, err := Known(t.Context(), db); ok || err != nil {
		t.Errorf("Known = %t, %v before anybody has worked; want false, nil", ok, err)
	}
	var all sync.WaitGroup
	for range 8 {
		all.Go(func() {
			if _, err := Open(t.Context(), db); err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	if _, ok, err := Known(t.Context(), db); !ok || err != nil {
		t.Errorf("Known = %t, %v; want true, nil", ok, err)
	}
}

// A program refuses tables of a later one, whether it works or only looks.
func TestPGNewerTables(t *testing.T) {
	db := emptySchema(t)
	f, err := Open(t.Context(), db)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := f.pool.Exec(t.Context(), f.sql(`UPDATE {schema}.oa_fleet SET version = $1`), version+1); err != nil {
		t.Fatal(err)
	}
	if _, err := Open(t.Context(), db); !errors.Is(err, store.ErrNewer) {
		t.Errorf("Open = %v; want %v", err, store.ErrNewer)
	}
	if _, ok, err := Known(t.Context(), db); ok || !errors.Is(err, store.ErrNewer) {
		t.Errorf("Known = %t, %v; want %v", ok, err, store.ErrNewer)
	}
}

const arenaFile = `default_endpoint: {url: "http://localhost:1/v1", api_key: "${FLEET_KEY}"}
models: [{name: A, model_id: a}, {name: B, model_id: b}]
judges: [{name: J, model_id: j, template: ../words/own.tmpl}]
datasets: [{path: prompts.jsonl, field: prompt}]
`

const ownWords = "Compare.\n{{.Prompt}}\n{{.A}}\n{{.B}}\n"

func writeArena(t *testing.T, text string) *configs.Config {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "arena")
	for name, text := range map[string]string{"arena.yaml": text, "../words/own.tmpl": ownWords} {
		path := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	c, err := configs.Load(filepath.Join(dir, "arena.yaml"), withKey)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func withKey(name string) (string, bool) { return "CANARY-" + name, name == "FLEET_KEY" }

func TestPGPublish(t *testing.T) {
	f, ctx := openFleet(t), t.Context()
	if _, err := f.Epoch(ctx); err != ErrUnpublished {
		t.Errorf("Epoch() = %v before anything is published; want %v", err, ErrUnpublished)
	}
	c := writeArena(t, arenaFile)
	first, err := f.Publish(ctx, c, Options{AllowUnknownCost: true}, "run")
	if err != nil {
		t.Fatal(err)
	}
	again, err := f.Publish(ctx, c, Options{AllowUnknownCost: true}, "run")
	if err != nil || again.Number != first.Number+1 || again.Config != first.Config || !again.Since.Equal(first.Since) {
		t.Errorf("the same file once more: %+v, %v; want the configuration of %+v in the next epoch", again, err, first)
	}
	other, err := f.Publish(ctx, c, Options{}, "run")
	if err != nil || other.Config == first.Config || !other.Since.After(first.Since) {
		t.Errorf("other options: %+v, %v; want another configuration than %+v", other, err, first)
	}
	read, o, err := f.Configuration(ctx, first, withKey)
	if err != nil || !o.AllowUnknownCost {
		t.Fatalf("Configuration = %+v, %v", o, err)
	}
	if _, err := pipeline.New(read, pipeline.Trial{}); err == nil || !strings.Contains(err.Error(), "own.tmpl") {
		// The words lack what a template needs: that this is said means that they were read.
		t.Errorf("New = %v; want what is wrong with the template", err)
	}
	var stored string
	if err := f.pool.QueryRow(ctx, f.sql(`SELECT string_agg(files::text, '') FROM {schema}.oa_config`)).Scan(&stored); err != nil || strings.Contains(stored, "CANARY") {
		t.Errorf("the database holds a key, or cannot be read: %v", err)
	}
	_, _, err = f.Configuration(ctx, first, func(string) (string, bool) { return "", false })
	if err == nil || !strings.Contains(err.Error(), "FLEET_KEY") || !strings.Contains(err.Error(), "arena.yaml:1:") {
		t.Errorf("without the variable: %v; want its name and its place", err)
	}
}

func TestPGPublishRefusesKeys(t *testing.T) {
	f := openFleet(t)
	c := writeArena(t, strings.Replace(arenaFile, "${FLEET_KEY}", "sk-CANARY-0123456789abcdef", 1))
	_, err := f.Publish(t.Context(), c, Options{}, "run")
	if err == nil || !strings.Contains(err.Error(), "arena.yaml:1:59") || strings.Contains(err.Error(), "CANARY") {
		t.Errorf("Publish = %v; want the place of the key, and not the key", err)
	}
	if _, err := f.Epoch(t.Context()); err != ErrUnpublished {
		t.Errorf("Epoch() = %v; want %v", err, ErrUnpublished)
	}
}

func TestPGMembers(t *testing.T) {
	f, ctx := openFleet(t), t.Context()
	m := Member{ID: "w1", Host: "h", PID: 7, Command: "openarena worker", Labels: map[string]string{"gpu": "h100"}, Queues: []string{"g-1"}, Info: Info{InFlight: 3}}
	n, err := f.Beat(ctx, m, time.Hour)
	if err != nil || !n.Fresh || n.Epoch != 0 || n.Order != 0 || n.Now.IsZero() {
		t.Errorf("the first beat: %+v, %v", n, err)
	}
	id, err := f.Give(ctx, "me@here", pipeline.Directive{Do: pipeline.DoPause})
	if err != nil {
		t.Fatal(err)
	}
	m.Info.InFlight = 4
	if n, err = f.Beat(ctx, m, -time.Second); err != nil || n.Fresh || n.Order != id {
		t.Errorf("the second beat: %+v, %v; want order %d", n, err, id)
	}
	all, err := f.Members(ctx)
	if err != nil || len(all) != 1 || all[0].Alive || all[0].Info.InFlight != 4 || all[0].Labels["gpu"] != "h100" || all[0].Queues[0] != "g-1" {
		t.Errorf("Members = %+v, %v; want w1, expired", all, err)
	}
	orders, err := f.Orders(ctx, 0)
	if err != nil || len(orders) != 1 || orders[0].Directive.Do != pipeline.DoPause || orders[0].By != "me@here" {
		t.Errorf("Orders = %+v, %v", orders, err)
	}
	if err := f.Leave(ctx, "w1"); err != nil {
		t.Fatal(err)
	}
	if all, err := f.Members(context.WithoutCancel(ctx)); err != nil || len(all) != 0 {
		t.Errorf("Members = %+v, %v after it left; want none", all, err)
	}
	if counts, err := f.Counts(ctx); err != nil || len(counts) != 0 {
		t.Errorf("Counts = %+v, %v; want none", counts, err)
	}
}

// What an arena's tables of version 1 lack is added by who opens them next.
func TestPGFirstVersion(t *testing.T) {
	db, ctx := emptySchema(t), t.Context()
	f, err := Open(ctx, db)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := f.pool.Exec(ctx, f.sql(`ALTER TABLE {schema}.oa_part DROP COLUMN wanted_now, DROP COLUMN done_now, DROP COLUMN failed_now; UPDATE {schema}.oa_fleet SET version = 1`)); err != nil {
		t.Fatal(err)
	}
	if _, err := Open(ctx, db); err != nil {
		t.Fatal(err)
	}
	if _, err := f.Counts(ctx); err != nil {
		t.Error(err)
	}
}
