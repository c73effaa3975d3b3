package neardup

import (
	"math"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// A shingle is a run of characters, so that no language needs a list of words or a rule where they end: five, or three
// where it begins with a sign that stands for a syllable or a word (Chinese, Japanese, Korean).
const (
	letters = 5
	signs   = 3
)

// reader makes sets of shingles and keeps its buffers.
type reader struct {
	normal []byte
	runes  []rune
}

// shingles appends the hashes of a text's shingles, some of them perhaps twice. A text shorter than one is one.
func (r *reader) shingles(set []uint64, text string) []uint64 {
	r.normalise(text)
	n := len(r.runes)
	for i := range r.runes {
		if end := i + length(r.runes[i]); end <= n {
			set = append(set, hash(r.runes[i:end]))
		}
	}
	if len(set) == 0 {
		set = append(set, hash(r.runes))
	}
	return set
}

// normalise makes equal what people take for equal: upper and lower case, blanks of any kind and number, and the several
// forms that Unicode has for one character (NFKC, such as ﬁ and Ｆ). Punctuation stays, since code and formulas are made of
// it, and the similarity of longer texts hardly hears of it.
func (r *reader) normalise(text string) {
	r.runes = r.runes[:0]
	blank := false
	put := func(c rune) {
		if unicode.IsSpace(c) {
			blank = len(r.runes) > 0
			return
		}
		if blank {
			r.runes = append(r.runes, ' ')
			blank = false
		}
		r.runes = append(r.runes, unicode.ToLower(c))
	}
	if norm.NFKC.IsNormalString(text) {
		for _, c := range text {
			put(c)
		}
		return
	}
	r.normal = norm.NFKC.AppendString(r.normal[:0], text)
	for rest := r.normal; len(rest) > 0; {
		c, size := utf8.DecodeRune(rest)
		put(c)
		rest = rest[size:]
	}
}

// length is that of the shingle which begins with a character.
func length(c rune) int {
	if c >= 0x1100 && unicode.In(c, unicode.Han, unicode.Hiragana, unicode.Katakana, unicode.Hangul) {
		return signs
	}
	return letters
}

func hash(shingle []rune) uint64 {
	h := uint64(len(shingle))
	for _, c := range shingle {
		h = (h ^ uint64(c)) * 0x9E3779B97F4A7C15
		h ^= h >> 32
	}
	return mix(h)
}

// mix is the finaliser of SplitMix64 (Steele, Lea and Flood, 2014): a bijection after which every bit depends on every bit.
func mix(h uint64) uint64 {
	h = (h ^ h>>30) * 0xBF58476D1CE4E5B9
	h = (h ^ h>>27) * 0x94D049BB133111EB
	return h ^ h>>31
}

// sketch fills minima so that those of two sets agree at a place with the chance of their resemblance. In round i every
// element falls into one of k bins with a value in [i, i+1), and a bin keeps the least; the first rounds that fill all
// bins are enough. From round k on, bins that are still empty are filled in turn.
func sketch(minima, set []uint64) {
	k := uint64(len(minima))
	const empty = math.MaxUint64
	for i := range minima {
		minima[i] = empty
	}
	left := k
	for round := uint64(0); left > 0; round++ {
		for _, element := range set {
			h := mix(element + (round+1)*0x9E3779B97F4A7C15)
			bin := (h & 0xFFFFFFFF) * k >> 32
			if round >= k {
				bin = round - k
			}
			if minima[bin] == empty {
				left--
			}
			minima[bin] = min(minima[bin], round<<32|h>>32)
		}
	}
}
