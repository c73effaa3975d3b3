package web

import (
	"os"
	"strings"
	"testing"
)

// TestEveryPageOfTheNavigationIsThere: each has its heading, leads to all others and says which one it is.
func TestEveryPageOfTheNavigationIsThere(t *testing.T) {
	w := newWorld(t)
	for _, l := range navigation() {
		text := w.page(l.Path)
		for _, want := range []string{"<h1", `aria-current="page">` + l.Title, "<title>" + l.Title, `href="` + navigation()[0].Path + `"`} {
			if !strings.Contains(text, want) {
				t.Errorf("%s lacks %q:\n%s", l.Path, want, text)
			}
		}
	}
}

func TestLeaderboard(t *testing.T) {
	text := newWorld(t).page("/")
	for _, want := range []string{"Alpha", "Gamma &amp; Söhne", "دلتا"} {
		if !strings.Contains(text, want) {
			t.Errorf("the leaderboard lacks %q:\n%s", want, text)
		}
	}
}

// TestKeysAreOnNoPage: neither a key nor a header that goes to servers stands on a page, in a report, or beside a mistake in the
// line that has it.
func TestKeysAreOnNoPage(t *testing.T) {
	w := newWorld(t)
	const key, header = "sk-of-nobody-0123456789abcdef", "Bearer of-nobody-9876543210"
	edit := func(old, with string) {
		t.Helper()
		text, err := os.ReadFile(w.path("arena.yaml"))
		if err == nil {
			err = os.WriteFile(w.path("arena.yaml"), []byte(strings.Replace(string(text), old, with, 1)), 0o600)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	edit("concurrency: 16}", "concurrency: 16, api_key: "+key+", headers: {X-Key: "+header+"}}")
	hidden := func(where, text string) {
		t.Helper()
		if strings.Contains(text, key) || strings.Contains(text, header) {
			t.Errorf("%s shows a key:\n%s", where, text)
		}
	}
	paths := []string{"/whatif?weight.Judge=2", "/compare", "/now", w.battlePaths()[0]}
	for _, l := range navigation() {
		paths = append(paths, l.Path)
	}
	for _, path := range paths {
		hidden(path, w.page(path))
	}
	hidden("a report", w.report(ReportOptions{}))
	edit("concurrency: 16", "concurrency: many")
	for _, path := range paths {
		status, text := w.get(path)
		if hidden(path, text); path != "/now" && (status != 503 || !strings.Contains(text, "Line 1")) {
			t.Errorf("%s is %d, and does not tell of the mistake", path, status)
		}
	}
}
