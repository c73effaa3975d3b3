package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"openarena/configs"
	"openarena/fleet"
	"openarena/internal/secret"
	"openarena/internal/terminal"
	"openarena/internal/testkit/pgtest"
	"openarena/pipeline"
	"openarena/store"
	"openarena/store/postgres"
)

const crewArena = `models: [{name: Alpha, model_id: alpha}, {name: Beta, model_id: beta}]
judge_model: {name: Judge, model_id: judge}
datasets: [{path: prompts.txt}]
store: {url: "${STORE}"}
`

// manned is an arena on a server that two workers are at, of which one is not heard of any more, with parts that they counted.
func manned(t *testing.T) (*pipeline.Arena, *postgres.DB, *fleet.Fleet) {
	t.Helper()
	ctx, dir, url := t.Context(), t.TempDir(), pgtest.Start(t).URL(t)
	for name, text := range map[string]string{"arena.yaml": crewArena, "prompts.txt": "one\ntwo\n"} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	cfg, err := configs.Load(filepath.Join(dir, "arena.yaml"), func(string) (string, bool) { return url, true })
	if err != nil {
		t.Fatal(err)
	}
	a, err := newArena(cfg, pipeline.Trial{})
	if err != nil {
		t.Fatal(err)
	}
	db, err := postgres.Open(ctx, secret.New(url), postgres.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() })
	if _, err := a.Sync(ctx, db); err != nil {
		t.Fatal(err)
	}
	f, err := fleet.Open(ctx, db)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := f.Publish(ctx, cfg, fleet.Options{}, "run"); err != nil {
		t.Fatal(err)
	}
	cost := 0.5
	for _, m := range []struct {
		fleet.Member
		alive time.Duration
	}{
		{fleet.Member{ID: "w1", Host: "node-1", PID: 7, Command: "openarena worker", Labels: map[string]string{"gpu": "h100"},
			Info: fleet.Info{InFlight: 3, PerSecond: 2, Answers: 1, Judgments: 1, CostUSD: &cost, Notes: []string{"the GPU is busy"}}}, time.Hour},
		{fleet.Member{ID: "w2", Host: "node-2", PID: 8, Command: "openarena run"}, -time.Second},
	} {
		if _, err := f.Beat(ctx, m.Member, m.alive); err != nil {
			t.Fatal(err)
		}
	}
	for i, id := range []pipeline.ID{a.Contestants[0].ID, a.Contestants[1].ID, a.Judges[0].ID} {
		_, err := db.Pool().Exec(ctx, strings.ReplaceAll(`INSERT INTO @.oa_part (judge, who, lo, hi, queue, epoch, wanted, done, failed, looked)
			VALUES ($1, $2, '\x00', '\x7f', 'q', 1, 500, $3, 1, now()), ($1, $2, '\x80', '', 'q', 1, 500, $3, 0, now())`, "@", db.Schema()),
			i == 2, id[:], 100*(i+1))
		if err != nil {
			t.Fatal(err)
		}
	}
	_, err = db.Pool().Exec(ctx, strings.ReplaceAll(`INSERT INTO @.oa_rest VALUES ('gpu', '', now() + interval '1 hour')`, "@", db.Schema()))
	if err != nil {
		t.Fatal(err)
	}
	return a, db, f
}

// TestPGStatusCountsNothing: where workers count, status adds up what they counted, and says who they are.
func TestPGStatusCountsNothing(t *testing.T) {
	a, db, _ := manned(t)
	e := &environment{}
	st, live, err := e.look(t.Context(), a)
	if err != nil || !live {
		t.Fatalf("look = live %v, %v; want a worker that is alive", live, err)
	}
	if st.Prompts != 1000 || st.Generate.Done != 600 || st.Generate.Failed != 2 || st.Judge.Done != 600 || st.Judge.Pending != 399 {
		t.Errorf("status counts %d prompts, %+v, %+v; want the sums of the parts", st.Prompts, st.Generate, st.Judge)
	}
	if st.crew == nil || len(st.Workers) != 2 || !st.Workers[0].Alive || st.Workers[1].Alive || st.PerSecond != 2 || st.AsOf.Counts == nil || st.AsOf.Ratings != nil {
		t.Fatalf("crew %+v; want w1 at it and w2 silent, counts of now and no ratings", st.crew)
	}
	if due := time.Duration(2000-602+399) * time.Second / 2; st.ETA != due {
		t.Errorf("eta %v; want %v", st.ETA, due)
	}
	text, err := json.Marshal(st)
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{`"schema_version":1`, `"workers":[{"id":"w1"`, `"rescued_jobs":0`, `"blocked":[{"endpoint":"gpu"`, `"as_of":{"counts":"20`, `"generate":{"wanted":2000`, `"running":{"elapsed_ns"`} {
		if !bytes.Contains(text, []byte(want)) {
			t.Errorf("status --json lacks %s:\n%s", want, text)
		}
	}
	if err := keepRatings(t.Context(), a, db); err != nil {
		t.Fatal(err)
	}
	again, _, err := e.look(t.Context(), a)
	if err != nil || again.AsOf.Ratings == nil || len(again.Ratings) != 2 {
		t.Errorf("after the ratings were computed: %+v, %v; want their time", again.crew, err)
	}
	for _, columns := range []int{30, 80, 200} {
		var out strings.Builder
		if err := printStatus(page{&out, columns, terminal.Palette{}}, again); err != nil {
			t.Fatal(err)
		}
		for _, want := range []string{"w1", "(lost)", "1 worker, 1 not heard of", "gpu: ", "to go"} {
			if !strings.Contains(out.String(), want) {
				t.Errorf("%d columns: status says nothing of %q:\n%s", columns, want, out.String())
			}
		}
		if columns == 80 && !strings.Contains(out.String(), "node-1") {
			t.Errorf("80 columns: the host is left out:\n%s", out.String())
		}
	}
}

// TestPGUnattended: what takes work away is left alone while a worker is at it; what puts work back begins a new epoch.
func TestPGUnattended(t *testing.T) {
	a, db, f := manned(t)
	e := &environment{}
	if _, err := e.unattended(t.Context(), a, "openarena redo"); !errors.Is(err, store.ErrLocked) || exitCode(err) != exitLocked || !strings.Contains(err.Error(), "node-1") {
		t.Errorf("unattended = %v; want store.ErrLocked with the worker's host", err)
	}
	before, err := f.Epoch(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if err := anew(t.Context(), db, "failures --retry"); err != nil {
		t.Fatal(err)
	}
	if after, err := f.Epoch(t.Context()); err != nil || after.Number != before.Number+1 {
		t.Errorf("after a retry the epoch is %+v, %v; want the one after %+v", after, err, before)
	}
	if err := f.Leave(t.Context(), "w1"); err != nil {
		t.Fatal(err)
	}
	s, err := e.unattended(t.Context(), a, "openarena redo")
	if err != nil {
		t.Fatalf("with no worker alive: %v", err)
	}
	s.Close()
}

// TestPGFindsWorkers: pages hear of workers as of a run.
func TestPGFindsWorkers(t *testing.T) {
	a, _, f := manned(t)
	w, err := a.Database.FindRunning(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer w.Close()
	facts, err := w.Info(t.Context())
	var p pipeline.Progress
	if err != nil || json.Unmarshal(facts, &p) != nil || p.Generate.InFlight != 3 || p.Judge.Done != 600 {
		t.Errorf("Info = %s, %v; want what both stages have done, and calls in flight", facts, err)
	}
	if err := f.Leave(t.Context(), "w1"); err != nil {
		t.Fatal(err)
	}
	if _, err := w.Info(t.Context()); !errors.Is(err, store.ErrIdle) {
		t.Errorf("Info after they left = %v; want store.ErrIdle", err)
	}
	if _, err := a.Database.FindRunning(context.Background()); !errors.Is(err, store.ErrIdle) {
		t.Errorf("FindRunning after they left = %v; want store.ErrIdle", err)
	}
}

// TestPGServerExitCodes: what a server's state means for scripts.
func TestPGServerExitCodes(t *testing.T) {
	a, db, _ := manned(t)
	read := func() error {
		r, err := a.Database.OpenReader(t.Context())
		if err == nil {
			r.Close()
		}
		return err
	}
	if err := read(); err != nil {
		t.Fatal(err)
	}
	other := newServer(a.Config.Store.URL) // which has no connection yet that was let in
	if _, err := db.Pool().Exec(t.Context(), strings.ReplaceAll(`UPDATE @.oa_schema SET schema_version = 99`, "@", db.Schema())); err != nil {
		t.Fatal(err)
	}
	if err := other.Exists(t.Context()); !errors.Is(err, store.ErrNewer) || exitCode(err) != exitNewer {
		t.Errorf("of a newer schema: %v (exit %d); want store.ErrNewer", err, exitCode(err))
	}
	if f := schema(t.Context(), other); f.Reason != reasonNewer || codeOf(f.Reason) != exitNewer {
		t.Errorf("doctor on a newer schema: %+v; want its own code", f)
	}
}
