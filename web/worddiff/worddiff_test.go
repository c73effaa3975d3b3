package worddiff

import (
	"fmt"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// marked writes pieces with brackets around what one text has alone.
func marked(pieces []Piece) string {
	var b strings.Builder
	for _, p := range pieces {
		if p.Only {
			fmt.Fprintf(&b, "[%s]", p.Text)
		} else {
			b.WriteString(p.Text)
		}
	}
	return b.String()
}

func TestOf(t *testing.T) {
	for _, c := range []struct{ what, a, b, wantA, wantB string }{
		{"the same", "a b c", "a b c", "a b c", "a b c"},
		{"a word", "the cat sat", "the dog sat", "the [cat ]sat", "the [dog ]sat"},
		{"a word more", "the cat sat", "the old cat sat", "the cat sat", "the [old ]cat sat"},
		{"blanks do not matter", "the  cat sat", "the cat   sat", "the  cat sat", "the cat   sat"},
		{"line breaks do", "one\ntwo three", "one two three", "one[\n]two three", "one two three"},
		{"indentation does", "a\n  b c d", "a\n    b c d", "a[\n  ]b c d", "a[\n    ]b c d"},
		{"capitals do", "The cat sat", "the cat sat", "[The ]cat sat", "[the ]cat sat"},
		{"a comma among changes is marked", "one, two four five six", "uno, due four five six", "[one, two ]four five six", "[uno, due ]four five six"},
		{"a text without blanks", "我喜欢苹果", "我喜欢香蕉", "我喜欢[苹果]", "我喜欢[香蕉]"},
		{"from right to left", "نص طويل جدا", "نص قصير جدا", "نص [طويل ]جدا", "نص [قصير ]جدا"},
		{"nothing", "", "", "", ""},
		{"one is empty", "", "a b", "", "a b"},
		{"bytes that are no text", "a \xff b c d", "a \xfe b c d", "a [\xff ]b c d", "a [\xfe ]b c d"},
	} {
		d := Of(c.a, c.b)
		if a, b := marked(d.A), marked(d.B); a != c.wantA || b != c.wantB {
			t.Errorf("%s: Of(%q, %q) = %q, %q; want %q, %q", c.what, c.a, c.b, a, b, c.wantA, c.wantB)
		}
	}
}

func TestTextsThatAreNotMarked(t *testing.T) {
	if d := Of("alpha beta gamma", "one two three"); !d.Unlike || marked(d.A) != "alpha beta gamma" {
		t.Errorf("texts without a common word give %+v", d)
	}
	x, y := strings.Repeat("a b ", 2000), strings.Repeat("c d ", 2000)
	if d := Of(x, y); !d.TooLong || marked(d.A) != x || marked(d.B) != y {
		t.Errorf("%d words beside %d others are compared", 4000, 4000)
	}
	if d := Of(x+"e "+y, x+"f "+y); d.TooLong || d.Common != 8000 || !strings.Contains(marked(d.A), "[e ]") {
		t.Errorf("long texts that differ in a word have %d words in common, too long: %t", d.Common, d.TooLong)
	}
}

// TestNothingIsLost: the pieces are the texts, and what is common is the same on both sides but for blanks.
func TestNothingIsLost(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		word := rapid.SampledFrom([]string{"a ", "b ", "c", ", ", "\n", "\n  ", "我", "é", "\xff", "👩‍👧", "  "})
		text := rapid.Map(rapid.SliceOfN(word, 0, 30), func(s []string) string { return strings.Join(s, "") })
		a, b := text.Draw(t, "a"), text.Draw(t, "b")
		d := Of(a, b)
		join := func(pieces []Piece) (s string) {
			for _, p := range pieces {
				s += p.Text
			}
			return s
		}
		if join(d.A) != a || join(d.B) != b {
			t.Fatalf("Of(%q, %q) holds %q and %q", a, b, join(d.A), join(d.B))
		}
	})
}
