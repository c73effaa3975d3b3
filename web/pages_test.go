package web

import (
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
