package terminal

import (
	"strings"
	"testing"
)

// FuzzTruncate holds a line to the columns that it was given, whatever stands in it.
func FuzzTruncate(f *testing.F) {
	for _, s := range []string{"plain words", "世界 😀", "👨\u200d👩\u200d👧", "a\u0301\u0301\u0301b", "🇩🇪🇫🇷", "❤\ufe0f", "한국", "\x1b[31mred", "a\tb\nc", "\xff", ""} {
		for _, columns := range []int{0, 1, 2, 3, 5} {
			f.Add(s, columns)
		}
	}
	f.Fuzz(func(t *testing.T, s string, columns int) {
		line := SanitizeLine(s)
		if strings.ContainsAny(line, "\n\r\t\x1b") || SanitizeLine(line) != line {
			t.Errorf("SanitizeLine(%q) = %q; want one line that it leaves as it is", s, line)
		}
		columns %= 1000
		got := Truncate(line, columns)
		if w := Width(got); w > max(columns, 0) {
			t.Errorf("Truncate(%q, %d) = %q, which takes %d columns", line, columns, got, w)
		}
		if kept, cut := strings.CutSuffix(got, ellipsis); got != line && (columns > 0 && !cut || !strings.HasPrefix(line, kept)) {
			t.Errorf("Truncate(%q, %d) = %q; want a beginning of it and …", line, columns, got)
		}
	})
}
