package browser

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"
)

// What all tests share is made once: the program, the browser, a model server and an arena that has run.
var (
	folder  string
	program = sync.OnceValues(func() (*Program, error) { return Build(context.Background(), root, folder) })
	browser = sync.OnceValues(func() (*Chromium, error) { return Start(context.Background()) })
	models  = sync.OnceValues(func() (*Process, error) {
		p, err := program()
		if err != nil {
			return nil, err
		}
		return p.Models(context.Background(), "-bytes", "700")
	})
)

func TestMain(m *testing.M) {
	if _, err := Find(); err != nil {
		fmt.Println("SKIPPED:", err)
		return
	}
	os.Exit(run(m))
}

func run(m *testing.M) int {
	var err error
	if folder, err = os.MkdirTemp("", "openarena-web-*"); err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	defer os.RemoveAll(folder)
	code := m.Run()
	if c, err := browser(); err == nil {
		if hosts := c.Strays(); len(hosts) > 0 {
			fmt.Println("FAIL: pages asked other hosts:", hosts)
			code = 1
		}
		c.Close()
	}
	if s, err := models(); err == nil {
		_ = s.Stop() // its counts were not asked for
	}
	return code
}

func must[T any](t *testing.T) func(T, error) T {
	return func(value T, err error) T {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return value
	}
}

func check(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// open opens a tab that takes part in the test: what goes wrong in it fails the test, with a picture.
func open(t *testing.T, origin string) *Tab {
	t.Helper()
	tab := must[*Tab](t)(must[*Chromium](t)(browser()).Open(origin))
	t.Cleanup(func() {
		clean(t, tab)
		if t.Failed() {
			keepPicture(t, tab)
		}
		tab.Close()
	})
	return tab
}

// clean fails the test by whatever went wrong in the tab since it was last asked.
func clean(t *testing.T, tab *Tab) {
	t.Helper()
	for _, wrong := range tab.Wrong() {
		t.Error(wrong)
	}
}

// unsafe are letters that no file's name should have.
var unsafe = regexp.MustCompile(`[^A-Za-z0-9.-]+`)

// keepPicture keeps how a page looked when its test failed.
func keepPicture(t *testing.T, tab *Tab) {
	to := os.Getenv("OPENARENA_WEB_PICTURES")
	if to == "" {
		return
	}
	png, err := tab.Picture(true)
	path := filepath.Join(to, unsafe.ReplaceAllString(t.Name(), "-")+".png")
	if err == nil {
		err = os.MkdirAll(to, 0o755)
	}
	if err == nil {
		err = os.WriteFile(path, png, 0o644)
	}
	if err != nil {
		t.Log("no picture:", err)
		return
	}
	t.Log("a picture of the page is in", path)
}

// newArena makes an arena of files. URL in them stands for the model server's address.
func newArena(t *testing.T, files map[string]string) *Arena {
	t.Helper()
	s := must[*Process](t)(models())
	for name, text := range files {
		files[name] = strings.ReplaceAll(text, "URL", s.URL)
	}
	return must[*Arena](t)(must[*Program](t)(program()).Arena(t.TempDir(), files))
}

// serve serves an arena until the test ends.
func serve(t *testing.T, a *Arena, args ...string) *Process {
	t.Helper()
	p := must[*Process](t)(a.Serve(context.WithoutCancel(t.Context()), args...))
	t.Cleanup(func() { _ = p.Stop() }) // how it ends does not matter
	return p
}
