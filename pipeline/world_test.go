package pipeline

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"go.uber.org/goleak"

	"openarena/configs"
	"openarena/internal/testkit/fakellm"
	"openarena/store"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// world is a folder with an arena, and the server its models live on.
type world struct {
	t      testing.TB
	dir    string
	server *fakellm.Server
}

// newWorld starts a server like o and writes prompts of that number.
func newWorld(t testing.TB, o fakellm.Options, prompts int) *world {
	t.Helper()
	w := &world{t: t, dir: t.TempDir(), server: fakellm.New(o)}
	if err := w.server.Start("127.0.0.1:0"); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := w.server.Close(); err != nil {
			t.Error(err)
		}
	})
	w.write("prompts.jsonl", promptLines(0, prompts))
	return w
}

// question is the prompt of that number.
func question(i int) string { return fmt.Sprintf("Question %d: what is it?", i) }

// promptLines are jsonl rows with the prompts from one number to another.
func promptLines(from, to int) string {
	var b strings.Builder
	for i := from; i < to; i++ {
		fmt.Fprintf(&b, "{\"prompt\": %q}\n", question(i))
	}
	return b.String()
}

func (w *world) write(name, text string) {
	w.t.Helper()
	if err := os.WriteFile(filepath.Join(w.dir, name), []byte(text), 0o600); err != nil {
		w.t.Fatal(err)
	}
}

// plain is an arena of three models and one judge over prompts.jsonl; URL stands for the server's.
const plain = `default_endpoint: {url: URL, concurrency: 16}
models: [{name: Alpha, model_id: alpha}, {name: Beta, model_id: beta}, {name: Gamma, model_id: gamma}]
judges: [{name: Judge, model_id: judge, reask: 1}]
datasets: [{path: prompts.jsonl}]
`

// arena parses a configuration that lies in the world's folder.
func (w *world) arena(yaml string) *Arena { w.t.Helper(); return w.trial(yaml, Trial{}) }

func (w *world) trial(yaml string, trial Trial) *Arena {
	w.t.Helper()
	url := "http://127.0.0.1:1/v1"
	if w.server != nil {
		url = w.server.URL()
	}
	return parseArena(w.t, w.dir, strings.ReplaceAll(yaml, "URL", url), trial)
}

func parseArena(t testing.TB, dir, yaml string, trial Trial) *Arena {
	t.Helper()
	c, err := configs.Parse(filepath.Join(dir, "arena.yaml"), []byte(yaml), func(string) (string, bool) { return "", false })
	if err != nil {
		t.Fatal(err)
	}
	a, err := New(c, trial)
	if err != nil {
		t.Fatal(err)
	}
	return a
}

// open opens the world's database until the test ends.
func (w *world) open() *store.DB {
	w.t.Helper()
	db, err := store.Open(w.t.Context(), filepath.Join(w.dir, "arena.db"), store.Options{})
	if err != nil {
		w.t.Fatal(err)
	}
	w.t.Cleanup(func() {
		if err := db.Close(); err != nil {
			w.t.Error(err)
		}
	})
	return db
}

func mustSync(t testing.TB, a *Arena, s store.Store) []Synced {
	t.Helper()
	all, err := a.Sync(t.Context(), s)
	if err != nil {
		t.Fatal(err)
	}
	return all
}

// both is a whole run.
var both = Job{Generate: true, Judge: true}

// run syncs and runs to the end.
func run(t testing.TB, a *Arena, s store.Store, job Job) Outcome {
	t.Helper()
	return runUntil(t, a, s, job, t.Context(), t.Context())
}

func runUntil(t testing.TB, a *Arena, s store.Store, job Job, ctx, stop context.Context) Outcome {
	t.Helper()
	mustSync(t, a, s)
	r, err := NewRunner(t.Context(), a, s, job)
	if err != nil {
		t.Fatal(err)
	}
	o, err := r.Run(ctx, stop)
	if err != nil {
		t.Fatal(err)
	}
	return o
}

func status(t testing.TB, a *Arena, r store.Reader) *Status {
	t.Helper()
	st, err := a.Status(t.Context(), r, false)
	if err != nil {
		t.Fatal(err)
	}
	return st
}

// wantDone fails unless all work of the arena is done.
func wantDone(t testing.TB, a *Arena, r store.Reader, answers, judgments int64) {
	t.Helper()
	st := status(t, a, r)
	if got, want := st.Generate, (Count{Wanted: answers, Done: answers}); got != want {
		t.Errorf("generate is at %+v; want %+v", got, want)
	}
	if got, want := st.Judge.Count, (Count{Wanted: judgments, Done: judgments}); got != want {
		t.Errorf("judge is at %+v; want %+v", got, want)
	}
}

func dump(t testing.TB, r store.Reader) string {
	t.Helper()
	var b bytes.Buffer
	if err := Dump(t.Context(), &b, r); err != nil {
		t.Fatal(err)
	}
	return b.String()
}
