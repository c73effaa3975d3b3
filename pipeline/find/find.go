// Package find finds a text in others, whatever the case of its letters, by Unicode's simple case folding: k is K and the Kelvin
// sign, σ is ς. Other letters, such as those with accents, are what they are.
package find

import (
	"bytes"
	"unicode"
	"unicode/utf8"
)

// Finder finds one text. It is for one goroutine; Clone makes one for another.
type Finder struct {
	needle []byte // folded
	folded []byte // of the text that was looked at last
}

// New is a finder of a text, which must not be empty.
func New(text string) *Finder { return &Finder{needle: fold(nil, []byte(text))} }

// Clone is a finder of the same text.
func (f *Finder) Clone() *Finder { return &Finder{needle: f.needle} }

// In is where the text stands first, in bytes from and to.
func (f *Finder) In(text []byte) (from, to int, ok bool) {
	f.folded = fold(f.folded[:0], text)
	at := bytes.Index(f.folded, f.needle)
	if at < 0 || len(f.needle) == 0 {
		return 0, 0, false
	}
	from = unfold(text, at)
	return from, from + unfold(text[from:], len(f.needle)), true
}

// mostKept is the room that a finder keeps for the next text.
const mostKept = 1 << 20

// Has reports whether the text stands in another.
func (f *Finder) Has(text []byte) bool {
	f.folded = fold(f.folded[:0], text)
	found := bytes.Contains(f.folded, f.needle)
	if cap(f.folded) > mostKept {
		f.folded = nil
	}
	return found
}

// fold appends a text with each letter as the first of those that differ from it in case only.
func fold(to, text []byte) []byte {
	for i := 0; i < len(text); {
		if c := text[i]; c < utf8.RuneSelf {
			to = append(to, upper[c])
			i++
			continue
		}
		r, size := utf8.DecodeRune(text[i:])
		to = utf8.AppendRune(to, first(r))
		i += size
	}
	return to
}

// unfold is how many bytes of a text become n when it is folded.
func unfold(text []byte, n int) int {
	i := 0
	for i < len(text) && n > 0 {
		r, size := utf8.DecodeRune(text[i:])
		n -= utf8.RuneLen(first(r))
		i += size
	}
	return i
}

var upper = func() (t [utf8.RuneSelf]byte) {
	for i := range t {
		t[i] = byte(first(rune(i)))
	}
	return t
}()

// first is the first of the letters that differ from r in case only.
func first(r rune) rune {
	if r >= 0x2e80 && r < 0xa640 || r >= 0xac00 && r < 0xd800 { // CJK, kana, Hangul: none has a case
		return r
	}
	least := r
	for next := unicode.SimpleFold(r); next != r; next = unicode.SimpleFold(next) {
		least = min(least, next)
	}
	return least
}
