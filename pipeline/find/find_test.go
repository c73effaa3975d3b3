package find

import (
	"strings"
	"testing"
	"unicode/utf8"
)

func TestIn(t *testing.T) {
	for _, c := range []struct{ why, needle, text, want string }{
		{"as it is", "owl", "an owl flies", "owl"},
		{"another case", "OWL", "an Owl flies", "Owl"},
		{"umlauts", "söhne", "GAMMA & SÖHNE", "SÖHNE"},
		{"Greek, with the sigma that ends words", "ΟΔΟΣ", "η οδός, οδος", "οδος"},
		{"Cyrillic", "привет", "ПРИВЕТ!", "ПРИВЕТ"},
		{"the Kelvin sign has more bytes than k", "300 k", "at 300 \u212a it melts", "300 \u212a"},
		{"behind letters that have other lengths when folded", "melts", "\u212a\u212aſ it melts", "melts"},
		{"the long s", "so", "ſo", "ſo"},
		{"an accent is a letter", "cafe", "café", ""},
		{"right to left", "سؤال", "هذا سؤال صعب", "سؤال"},
		{"CJK", "北京", "我在北京", "北京"},
		{"an emoji", "🦉", "an 🦉!", "🦉"},
		{"bytes that are no text", "x", "\xff\xfeX", "X"},
		{"not there", "owl", "an eagle", ""},
		{"a prefix only", "owls", "an owl", ""},
		{"nothing to find", "", "text", ""},
		{"nothing to look at", "owl", "", ""},
	} {
		from, to, ok := New(c.needle).In([]byte(c.text))
		if got := c.text[from:to]; got != c.want || ok != (c.want != "") {
			t.Errorf("%s: %q in %q is %q, %t; want %q", c.why, c.needle, c.text, got, ok, c.want)
		}
		if has := New(c.needle).Has([]byte(c.text)); has != ok && c.needle != "" {
			t.Errorf("%s: Has(%q) = %t; In finds it: %t", c.why, c.text, has, ok)
		}
	}
}

func TestFinderIsUsedAgain(t *testing.T) {
	f := New("needle")
	long := strings.Repeat("hay ", 1<<19) + "NEEDLE"
	for _, text := range []string{long, "no", long, "a needle"} {
		if got, want := f.Has([]byte(text)), strings.Contains(strings.ToLower(text), "needle"); got != want {
			t.Errorf("Has(%.10q…) = %t; want %t", text, got, want)
		}
	}
}

func FuzzIn(f *testing.F) {
	f.Add("owl", "an OWL")
	f.Add("K", "300 \u212a")
	f.Add("\xff", "a\xffb")
	f.Fuzz(func(t *testing.T, needle, text string) {
		from, to, ok := New(needle).In([]byte(text))
		if ok && (from > to || to > len(text) || utf8.ValidString(text) && utf8.ValidString(needle) && !strings.EqualFold(text[from:to], needle)) {
			t.Errorf("%q in %q is said to be at %d to %d", needle, text, from, to)
		}
		if !ok && needle != "" && strings.Contains(text, needle) && utf8.ValidString(text) && utf8.ValidString(needle) {
			t.Errorf("%q in %q is not found", needle, text)
		}
	})
}
