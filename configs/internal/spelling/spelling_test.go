package spelling

import "testing"

func TestNearest(t *testing.T) {
	keys := []string{"temperature", "timeout", "url", "kind", "model_id"}
	for _, c := range []struct{ why, typed, want string }{
		{"a letter is missing", "temprature", "temperature"},
		{"two letters are swapped", "timeuot", "timeout"},
		{"a letter too many", "modell_id", "model_id"},
		{"a short word with one wrong letter", "urk", "url"},
		{"nothing is near", "colour", ""},
		{"a short word is not replaced whole", "x", ""},
		{"an endless word is not looked at", string(make([]byte, 65)), ""},
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
