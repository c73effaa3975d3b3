package web

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"go.uber.org/goleak"

	"openarena/configs"
	"openarena/internal/testkit/fakellm"
	"openarena/pipeline"
	"openarena/store"
)

func TestMain(m *testing.M) {
	goleak.VerifyTestMain(m, goleak.Cleanup(func(code int) {
		os.RemoveAll(played.dir)
		os.Exit(code)
	}))
}

// small is an arena of four models and two judges over two datasets, one of them with categories.
const small = `default_endpoint: {url: URL, concurrency: 16}
models:
  - {name: Alpha, model_id: alpha, price: {input: 1, output: 2}}
  - {name: Beta, model_id: beta, price: {input: 1, output: 4}}
  - {name: Gamma & Söhne, model_id: gamma, price: {input: 3, output: 6}}
  - {name: دلتا, model_id: delta, price: {input: 0.5, output: 1}}
judges:
  - {name: Judge, model_id: judge-one, price: {input: 1, output: 1}}
  - {name: Second, model_id: judge-two, price: {input: 1, output: 1}}
datasets:
  - {path: riddles.jsonl, category_field: topic}
  - {path: poems.jsonl}
`

// played is the small arena after a run: tests get copies.
var played struct {
	once sync.Once
	dir  string
	err  error
}

// world is a folder with an arena that was run, and a site over it.
type world struct {
	t     testing.TB
	dir   string
	arena *pipeline.Arena
	site  *Site
	url   string
}

// newWorld makes a world of its own for a test.
func newWorld(t testing.TB) *world {
	t.Helper()
	played.once.Do(func() { played.dir, played.err = play() })
	if played.err != nil {
		t.Fatal(played.err)
	}
	dir := filepath.Join(t.TempDir(), "small")
	if err := os.CopyFS(dir, os.DirFS(played.dir)); err != nil {
		t.Fatal(err)
	}
	return openWorld(t, dir)
}

// openWorld is the world of an arena in a folder.
func openWorld(t testing.TB, dir string) *world {
	t.Helper()
	a, err := openArena(dir)
	if err != nil {
		t.Fatal(err)
	}
	source := NewLocal(func() (*pipeline.Arena, error) { return openArena(dir) })
	t.Cleanup(func() {
		if err := source.Close(); err != nil {
			t.Error(err)
		}
	})
	site, err := New(Options{Source: source})
	if err != nil {
		t.Fatal(err)
	}
	server := httptest.NewServer(site)
	t.Cleanup(server.Close)
	return &world{t: t, dir: dir, arena: a, site: site, url: server.URL}
}

// play runs the small arena in a folder.
func play() (dir string, err error) {
	server := fakellm.New(fakellm.Options{AnswerBytes: 300})
	if err := server.Start("127.0.0.1:0"); err != nil {
		return "", err
	}
	defer server.Close()
	if dir, err = os.MkdirTemp("", "openarena-web-*"); err != nil {
		return "", err
	}
	var riddles, poems strings.Builder
	for i := range 8 {
		fmt.Fprintf(&riddles, "{\"prompt\": \"Riddle %d: what is it?\", \"topic\": %q}\n", i, []string{"logic", "words"}[i%2])
		fmt.Fprintf(&poems, "{\"prompt\": \"Write poem %d.\"}\n", i)
	}
	for name, text := range map[string]string{
		"arena.yaml": strings.ReplaceAll(small, "URL", server.URL()), "riddles.jsonl": riddles.String(), "poems.jsonl": poems.String(),
	} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			return dir, err
		}
	}
	return dir, run(dir)
}

// run does what is left to do for the arena in a folder.
func run(dir string) error {
	ctx := context.Background()
	a, err := openArena(dir)
	if err != nil {
		return err
	}
	db, err := store.Open(ctx, a.Config.StorePath(), store.Options{})
	if err != nil {
		return err
	}
	defer db.Close()
	if _, err = a.Sync(ctx, db); err != nil {
		return err
	}
	r, err := pipeline.NewRunner(ctx, a, db, pipeline.Job{Generate: true, Judge: true})
	if err != nil {
		return err
	}
	_, err = r.Run(ctx, ctx)
	return err
}

func openArena(dir string) (*pipeline.Arena, error) {
	c, err := configs.Load(filepath.Join(dir, "arena.yaml"), func(string) (string, bool) { return "", false })
	if err != nil {
		return nil, err
	}
	return pipeline.New(c, pipeline.Trial{})
}

// look opens the database; the caller closes it.
func (w *world) look() Look {
	w.t.Helper()
	l, err := w.site.source.Look(w.t.Context(), w.arena)
	if err != nil {
		w.t.Fatal(err)
	}
	return l
}

// get fetches a page, and returns its status and text.
func (w *world) get(path string) (int, string) {
	w.t.Helper()
	reply, err := http.Get(w.url + path)
	if err != nil {
		w.t.Fatal(err)
	}
	defer reply.Body.Close()
	text, err := io.ReadAll(reply.Body)
	if err != nil {
		w.t.Fatal(err)
	}
	return reply.StatusCode, string(text)
}

// page fetches a page that must be there.
func (w *world) page(path string) string {
	w.t.Helper()
	status, text := w.get(path)
	if status != http.StatusOK {
		w.t.Fatalf("%s is %d\n%s", path, status, text)
	}
	return text
}
