package web

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"go.etcd.io/bbolt"

	"openarena/store"
)

// TestTrouble: whatever is the matter with an arena, each page says so and what to do, and shows the arena again as soon as
// it is mended, without the server being started anew.
func TestTrouble(t *testing.T) {
	for _, c := range []struct {
		why    string
		spoil  func(w *world) error
		status int
		want   []string
	}{
		{"no database", func(w *world) error { return os.Remove(w.db()) }, 503, []string{"Nothing has run yet", "openarena run"}},
		{"an empty file in its place", func(w *world) error { return os.Truncate(w.db(), 0) }, 500, []string{"openarena db check"}},
		{"half a database", func(w *world) error { return os.Truncate(w.db(), 5000) }, 500, []string{"damaged", "openarena db repair"}},
		{"a newer version", newerDatabase, 500, []string{"newer than this program", "install a newer openarena", "openarena version"}},
		{"something else", func(w *world) error { return os.WriteFile(w.db(), []byte(strings.Repeat("else", 5000)), 0o600) }, 500, []string{"damaged"}},
		{"a folder", func(w *world) error { return errors.Join(os.Remove(w.db()), os.Mkdir(w.db(), 0o700)) }, 500, []string{"regular file"}},
		{"mistakes in the file", func(w *world) error {
			return os.WriteFile(w.path("arena.yaml"), []byte("modells: []\n"+small), 0o600)
		}, 503, []string{"has mistakes", "Line 1, column 1", "modells"}},
		{"no file", func(w *world) error { return os.Remove(w.path("arena.yaml")) }, 503, []string{"arena.yaml is not there"}},
		{"a broken prompt file", func(w *world) error {
			return os.WriteFile(w.path("poems.jsonl"), []byte("<script>alert(1)</script>\n"), 0o600)
		}, 503, []string{"A file cannot be read", "poems.jsonl"}},
	} {
		t.Run(c.why, func(t *testing.T) {
			w := newWorld(t)
			w.page("/")
			saved := t.TempDir()
			if err := os.CopyFS(saved, os.DirFS(w.dir)); err != nil {
				t.Fatal(err)
			}
			if err := c.spoil(w); err != nil {
				t.Fatal(err)
			}
			for _, l := range navigation() {
				status, text := w.get(l.Path)
				if status != c.status {
					t.Errorf("%s is %d; want %d\n%s", l.Path, status, c.status, text)
				}
				for _, want := range append(c.want, "live.js") {
					if !strings.Contains(text, want) {
						t.Errorf("%s lacks %q:\n%s", l.Path, want, text)
					}
				}
				if strings.Contains(text, "<script>alert") {
					t.Errorf("%s runs what stands in a file", l.Path)
				}
			}
			if err := os.RemoveAll(w.dir); err != nil {
				t.Fatal(err)
			}
			if err := os.CopyFS(w.dir, os.DirFS(saved)); err != nil {
				t.Fatal(err)
			}
			w.page("/")
		})
	}
}

// newerDatabase has the schema of the database be one of later.
func newerDatabase(w *world) error {
	db, err := bbolt.Open(w.db(), 0o600, nil)
	if err != nil {
		return err
	}
	return errors.Join(db.Update(func(tx *bbolt.Tx) error {
		return tx.Bucket([]byte{0xff}).Put([]byte("version"), []byte{0, 0, 0, 99})
	}), db.Close())
}

func (w *world) path(name string) string { return filepath.Join(w.dir, name) }
func (w *world) db() string              { return w.arena.Config.StorePath() }

// TestArenaFileIsReadAnew: a model that is renamed has its new name at once.
func TestArenaFileIsReadAnew(t *testing.T) {
	w := newWorld(t)
	w.page("/")
	text, err := os.ReadFile(w.path("arena.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(w.path("arena.yaml"), []byte(strings.Replace(string(text), "name: Alpha", "name: Omega the Last", 1)), 0o600); err != nil {
		t.Fatal(err)
	}
	if text := w.page("/"); !strings.Contains(text, "Omega the Last") || strings.Contains(text, "Alpha") {
		t.Errorf("after an edit the leaderboard is\n%s", text)
	}
}

// TestEditedPromptsAreReadOnce: prompts that were edited since the run count as they are now, are read by the first request
// only, and what they were read into is gone with the server.
func TestEditedPromptsAreReadOnce(t *testing.T) {
	temp := t.TempDir()
	t.Setenv("TMPDIR", temp)
	t.Setenv("TMP", temp)
	w := newWorld(t)
	places := func() []string {
		found, err := filepath.Glob(filepath.Join(temp, "openarena-*"))
		if err != nil {
			t.Fatal(err)
		}
		return found
	}
	w.page("/run")
	if found := places(); len(found) > 0 {
		t.Errorf("prompts were read that nobody edited: %v", found)
	}
	if err := os.WriteFile(w.path("poems.jsonl"), []byte("{\"prompt\": \"A new one.\"}\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if text := w.page("/run"); !strings.Contains(text, `<td class="num">1</td>`) {
		t.Errorf("the run does not show the one prompt of the edited file:\n%s", text)
	}
	first := places()
	for range 3 {
		w.page("/run")
	}
	if again := places(); len(first) != 1 || len(again) != 1 || again[0] != first[0] {
		t.Errorf("they were read into %v, then into %v; want one place", first, again)
	}
	if err := os.WriteFile(w.path("poems.jsonl"), []byte("{\"prompt\": \"A new one.\"}\n{\"prompt\": \"And another.\"}\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	w.page("/run")
	if again := places(); len(again) != 1 || again[0] == first[0] {
		t.Errorf("edited again they were read into %v; want one place, another than %v", again, first)
	}
	if err := w.site.source.(*Local).Close(); err != nil {
		t.Error(err)
	}
	if left := places(); len(left) > 0 {
		t.Errorf("left are %v", left)
	}
}

// TestPagesOfOneWhoDied: that a run was killed is said with what to type.
func TestPagesOfOneWhoDied(t *testing.T) {
	w := newWorld(t)
	left := `{"pid": 4242, "command": "openarena run", "since": "2026-01-02T03:04:05Z", "socket": "` + w.db() + `.sock", "token": "x"}`
	if err := os.WriteFile(w.db()+".owner", []byte(left), 0o600); err != nil {
		t.Fatal(err)
	}
	text := w.page("/run")
	for _, want := range []string{"died", "openarena run", "4242"} {
		if !strings.Contains(text, want) {
			t.Errorf("the page of the run lacks %q:\n%s", want, text)
		}
	}
}

// TestLiveRun: pages are read through a run that goes on, say so, and are whole when it ends meanwhile.
func TestLiveRun(t *testing.T) {
	w := newWorld(t)
	db, err := store.Open(t.Context(), w.db(), store.Options{Command: "openarena run", Info: func() any { return nil }})
	if err != nil {
		t.Fatal(err)
	}
	for _, l := range navigation() {
		if text := w.page(l.Path); !strings.Contains(text, `id="live">running`) {
			t.Errorf("%s does not say that a run goes on:\n%s", l.Path, text)
		}
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	if text := w.page("/run"); !strings.Contains(text, "No run is active") {
		t.Errorf("after the run its page is\n%s", text)
	}
}

// TestGiveWay: a page that takes long ends when a run waits for it, and not when one has waited for a moment.
func TestGiveWay(t *testing.T) {
	for _, c := range []struct {
		why          string
		from, to     time.Duration // when a run waits
		after, least time.Duration
	}{
		{"it waits for good", 10 * time.Second, time.Hour, 12 * time.Second, 10*time.Second + (yieldAfter-1)*yieldLook},
		{"it waited for a moment", 10 * time.Second, 10*time.Second + 2*yieldLook, 0, 0},
	} {
		synctest.Test(t, func(t *testing.T) {
			began := time.Now()
			ctx, cancel := context.WithCancelCause(t.Context())
			defer cancel(nil)
			go giveWay(ctx, cancel, func() bool { d := time.Since(began); return d >= c.from && d < c.to })
			select {
			case <-ctx.Done():
				if took := time.Since(began); c.after == 0 || took > c.after || took < c.least || !errors.Is(context.Cause(ctx), errYield) {
					t.Errorf("%s: it gave way after %v, for %v", c.why, took, context.Cause(ctx))
				}
			case <-time.After(time.Minute):
				if c.after != 0 {
					t.Errorf("%s: it did not give way", c.why)
				}
			}
		})
	}
}
