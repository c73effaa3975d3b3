package terminal

import (
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"openarena/internal/testkit/tty"
)

func TestSanitize(t *testing.T) {
	tests := []struct{ name, in, want string }{
		{"plain text stays as it is", "The answer is 42.\n\tQ.E.D.", "The answer is 42.\n\tQ.E.D."},
		{"all scripts stay", "Grüße, 你好, שלום, नमस्ते, 👍🏽", "Grüße, 你好, שלום, नमस्ते, 👍🏽"},
		{"an escape sequence is written out", "\x1b[31mred", `\x1b[31mred`},
		{"so is the one-byte CSI of C1", "\u009b31m", `\u009b31m`},
		{"and DEL, NUL and bell", "a\x7f\x00\a", `a\x7f\x00\x07`},
		{"a lone CR could overwrite the line", "ok\rEVIL", `ok\x0dEVIL`},
		{"a CR at the end is lone too", "ok\r", `ok\x0d`},
		{"CRLF is a newline", "a\r\nb", "a\nb"},
		{"BiDi overrides turn text round", "abc\u202edef\u2066", `abc\u202edef\u2066`},
		{"tag characters hide text", "a\U000e0041", `a\U000e0041`},
		{"variation selectors above 16 hide bytes", "a\U000e0100", `a\U000e0100`},
		{"the emoji selector is kept", "❤️", "❤️"},
		{"joiners of emoji and Indic words are kept", "👩\u200d👩\u200d👧 क्\u200dष", "👩\u200d👩\u200d👧 क्\u200dष"},
		{"a zero-width space or BOM is shown", "a\u200bb\ufeff", `a\u200bb\ufeff`},
		{"line and paragraph separators are shown", "a\u2028b\u2029", `a\u2028b\u2029`},
		{"bytes that are no UTF-8 are shown", "a\xff\xc3", `a\xff\xc3`},
		{"an encoded surrogate is no UTF-8", "\xed\xa0\x80", `\xed\xa0\x80`},
		{"U+FFFD itself is a character", "\ufffd", "\ufffd"},
		{"a private code point has no known width", "\ue000", `\ue000`},
		{"Arabic number signs have a glyph", "\u0600", "\u0600"},
		{"eight marks may stand on a letter, the ninth is shown", "a" + strings.Repeat("\u0301", 9), "a" + strings.Repeat("\u0301", 8) + `\u0301`},
		{"empty stays empty", "", ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got := Sanitize(tt.in); got != tt.want {
				t.Errorf("Sanitize(%q) = %q; want %q", tt.in, got, tt.want)
			}
		})
	}
}

func TestSanitizeLine(t *testing.T) {
	tests := []struct{ name, in, want string }{
		{"newlines and tabs become one blank", "a\n\n\tb  c\r\nd", "a b c d"},
		{"blanks at the ends go", " a\n", "a"},
		{"what is hostile is written out", "a\n\x1b[2J", `a \x1b[2J`},
		{"nothing but blanks is empty", "\n \t", ""},
	}
	for _, tt := range tests {
		if got := SanitizeLine(tt.in); got != tt.want {
			t.Errorf("%s: SanitizeLine(%q) = %q; want %q", tt.name, tt.in, got, tt.want)
		}
	}
}

// hostile is what texts are tried with.
var hostile = tty.Payloads()

func TestSanitizeHostile(t *testing.T) {
	if len(hostile) < 60 {
		t.Fatalf("%d payloads; want 60 or more", len(hostile))
	}
	for _, s := range hostile {
		if got := Sanitize(s); got == s {
			t.Errorf("Sanitize(%q) changed nothing", s)
		} else {
			checkSafe(t, s, got)
		}
		checkSafe(t, s, SanitizeLine(s))
	}
}

func FuzzSanitize(f *testing.F) {
	for _, s := range hostile {
		f.Add(s)
	}
	f.Add("plain")
	f.Fuzz(func(t *testing.T, s string) {
		got := Sanitize(s)
		checkSafe(t, s, got)
		if again := Sanitize(got); again != got {
			t.Errorf("Sanitize(Sanitize(%q)) = %q; want %q", s, again, got)
		}
		if len(got) > 4*len(s) {
			t.Errorf("Sanitize(%q) is %d bytes long; want at most %d", s, len(got), 4*len(s))
		}
		if line := SanitizeLine(s); strings.ContainsAny(line, "\n\t") {
			t.Errorf("SanitizeLine(%q) = %q; want one line", s, line)
		}
		for columns := range 6 {
			if cut := Truncate(got, columns); Width(cut) > columns {
				t.Errorf("Width(Truncate(%q, %d)) = %d", got, columns, Width(cut))
			}
		}
	})
}

// checkSafe reports what a terminal could obey or hide in got, which came from in.
func checkSafe(t *testing.T, in, got string) {
	t.Helper()
	if !utf8.ValidString(got) {
		t.Errorf("of %q: %q is not UTF-8", in, got)
	}
	for _, r := range got {
		hidden := unicode.Is(unicode.Cf, r) && r != zeroWidthJoiner && r != zeroWidthNonJoiner && !unicode.Is(unicode.Prepended_Concatenation_Mark, r)
		if hidden || unicode.IsControl(r) && r != '\n' && r != '\t' || unicode.In(r, unicode.Zl, unicode.Zp) {
			t.Errorf("of %q: %q holds %U", in, got, r)
		}
	}
}
