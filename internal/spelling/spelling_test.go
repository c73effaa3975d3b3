package spelling

import (
	"strings"
	"testing"
)

func TestNearest(t *testing.T) {
	keys := []string{"temperature", "timeout", "url", "kind", "model_id", "größe", "k", strings.Repeat("x", 65)}
	for _, c := range []struct{ why, typed, want string }{
		{"a letter is missing", "temprature", "temperature"},
		{"two letters are swapped", "timeuot", "timeout"},
		{"a letter too many", "modell_id", "model_id"},
		{"a short word with one wrong letter", "urk", "url"},
		{"nothing is near", "colour", ""},
		{"a short word is not replaced whole", "z", ""},
		{"a word of one letter, twice", "kk", "k"},
		{"capitals do not matter", "Timeout", "timeout"},
		{"letters are counted, not bytes", "groesse", ""},
		{"a letter of two bytes is one", "grüße", "größe"},
		{"an endless word is not looked at", strings.Repeat("x", 65), ""},
		{"nor is one suggested", strings.Repeat("x", 64), ""},
	} {
		if got, _ := Nearest(c.typed, keys); got != c.want {
			t.Errorf("%s: Nearest(%q) = %q; want %q", c.why, c.typed, got, c.want)
		}
	}
}

func TestHintOfTheFirstOfEquals(t *testing.T) {
	if got, want := Hint("bat", []string{"cat", "hat"}), `; did you mean "cat"?`; got != want {
		t.Errorf("Hint = %q; want %q", got, want)
	}
	if got := Hint("zebra", []string{"cat"}); got != "" {
		t.Errorf("Hint = %q; want none", got)
	}
}

func TestDistance(t *testing.T) {
	for _, c := range []struct {
		why, from, to string
		want          int
	}{
		{"equal texts", "llama3", "llama3", 0},
		{"to put in all", "", "abc", 3},
		{"to take out all", "abc", "", 3},
		{"one of each", "mistrel-7", "misstral7", 3},
		{"a swap is one", "ouptut", "output", 1},
		{"letters, not bytes", "日本", "日", 1},
	} {
		if got := Distance(c.from, c.to); got != c.want {
			t.Errorf("%s: Distance(%q, %q) = %d; want %d", c.why, c.from, c.to, got, c.want)
		}
	}
}
