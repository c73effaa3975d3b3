package judge

import (
	"fmt"
	"slices"
	"strings"
	"testing"
)

// A text is looked at once as long as it is remembered, and what is remembered is bounded.
func TestFlaggedRemembers(t *testing.T) {
	looks := 0
	look := func(text string) []string { looks++; return []string{text[:1]} }
	f := flagged{by: map[string][]string{}}
	for range 3 {
		for _, text := range []string{"a", "b"} {
			if got := f.flags(text, look); !slices.Equal(got, []string{text}) {
				t.Fatalf("flags(%q) = %q", text, got)
			}
		}
	}
	if looks != 2 {
		t.Errorf("two texts were looked at %d times; want once each", looks)
	}
	for i := range 3 * mostFlagged {
		f.flags(fmt.Sprint(i), look)
	}
	f.flags(strings.Repeat("x", longestFlagged+1), look)
	if len(f.by) > mostFlagged {
		t.Errorf("%d texts are remembered; want at most %d", len(f.by), mostFlagged)
	}
	for text := range f.by {
		if len(text) > longestFlagged {
			t.Errorf("a text of %d bytes is remembered", len(text))
		}
	}
}
