// Package worddiff says which words two texts have in common, in order: for people who read both side by side.
package worddiff

import (
	"slices"
	"strings"
	"unicode"

	"github.com/clipperhouse/uax29/v2/words"
	"github.com/sergi/go-diff/diffmatchpatch"
)

// Piece is a run of words of one text.
type Piece struct {
	Text string
	Only bool // the other text does not have it there
}

// What two texts may ask for.
const (
	mostWork = 9_000_000 // words of one times words of the other, without what they begin and end with alike
	least    = 0.1       // of the words of the longer text must be common: else nothing is gained by marks
)

// Diff is how two texts compare.
type Diff struct {
	A, B    []Piece
	Common  int // words that both have
	TooLong bool
	Unlike  bool // hardly a word is common; A and B are not marked
}

// Of compares two texts by words as Unicode has them, so that texts without blanks have words, too. How words are parted by
// blanks does not matter, line breaks do.
func Of(a, b string) Diff {
	x, y := split(a), split(b)
	head := common(x, y)
	tail := common(reversed(x[head:]), reversed(y[head:]))
	n, m := len(x)-head-tail, len(y)-head-tail
	if n*m > mostWork {
		return Diff{A: whole(a), B: whole(b), TooLong: true}
	}
	same := matches(x[head:head+n], y[head:head+m])
	inX, inY := make([]bool, len(x)), make([]bool, len(y))
	for i := range head {
		inX[i], inY[i] = true, true
	}
	for i := range tail {
		inX[len(x)-1-i], inY[len(y)-1-i] = true, true
	}
	for _, s := range same {
		inX[head+s[0]], inY[head+s[1]] = true, true
	}
	d := Diff{Common: head + tail + len(same)}
	if float64(d.Common) < least*float64(max(len(x), len(y))) {
		d.A, d.B, d.Unlike = whole(a), whole(b), true
		return d
	}
	d.A, d.B = pieces(x, inX), pieces(y, inY)
	return d
}

func whole(text string) []Piece {
	if text == "" {
		return nil
	}
	return []Piece{{Text: text}}
}

// token is a word with the blanks behind it, or a run of blanks with a line break.
type token struct{ key, text string }

func split(text string) (all []token) {
	for of := words.FromString(text); of.Next(); {
		t := of.Value()
		n := len(all)
		blank := strings.TrimSpace(t) == ""
		switch {
		case blank && n > 0 && all[n-1].key[0] == '\n': // blanks behind a line break are its indentation
			all[n-1].text += t
			all[n-1].key += t
		case blank && strings.ContainsAny(t, "\n\r"):
			all = append(all, token{"\n" + t, t})
		case blank && n > 0:
			all[n-1].text += t
		default:
			all = append(all, token{t, t})
		}
	}
	return all
}

// common is how many tokens two texts begin with alike.
func common(x, y []token) (n int) {
	for n < len(x) && n < len(y) && x[n].key == y[n].key {
		n++
	}
	return n
}

func reversed(x []token) []token {
	r := slices.Clone(x)
	slices.Reverse(r)
	return r
}

// matches are the places of tokens that both have. Each different token is a letter to the library.
func matches(x, y []token) (same [][2]int) {
	letters := map[string]rune{}
	d := diffmatchpatch.New()
	d.DiffTimeout = 0 // the same every time
	i, k := 0, 0
	for _, part := range d.DiffMainRunes(spell(x, letters), spell(y, letters), false) {
		for range part.Text {
			switch part.Type {
			case diffmatchpatch.DiffDelete:
				i++
			case diffmatchpatch.DiffInsert:
				k++
			default:
				same = append(same, [2]int{i, k})
				i, k = i+1, k+1
			}
		}
	}
	return same
}

func spell(all []token, letters map[string]rune) []rune {
	text := make([]rune, len(all))
	for i, t := range all {
		r, known := letters[t.key]
		if !known {
			if r = rune(len(letters) + 1); r >= 0xd800 {
				r += 0x800 // halves of characters are none
			}
			letters[t.key] = r
		}
		text[i] = r
	}
	return text
}

// pieces joins tokens. What is common and says nothing, such as a comma between words that are not, is marked with them: a text
// in shreds cannot be read.
func pieces(all []token, common []bool) (p []Piece) {
	for i := 1; i+1 < len(all); i++ {
		if common[i] && !common[i-1] && !common[i+1] && !wordy(all[i].text) {
			common[i] = false
		}
	}
	for i, t := range all {
		if n := len(p); n > 0 && p[n-1].Only == !common[i] {
			p[n-1].Text += t.text
			continue
		}
		p = append(p, Piece{t.text, !common[i]})
	}
	return p
}

func wordy(text string) bool {
	return strings.ContainsFunc(text, func(r rune) bool { return unicode.IsLetter(r) || unicode.IsNumber(r) })
}
