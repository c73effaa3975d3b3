package neardup

import (
	"slices"
	"strings"
	"unicode"
)

// leastRun is how many words a text must have to be found inside another. Brown et al., "Language Models are Few-Shot
// Learners" (2020, appendix C), whose rule this is, take a text for contaminated that shares a run of N words with a
// benchmark, N between 8 and 13 as the benchmark's texts are short or long.
const leastRun = 8

// Runs finds texts that share a run of words with one of a given set. A word is what letters, marks and digits stand
// together, in lower case and NFKC; each sign of Chinese and Japanese is one of its own. A text of the set that is
// shorter than a run counts where it stands whole inside the other, if it has eight words; and whatever its length, where
// it is all that the other says. It takes some 40 bytes for each word of the set. It is not safe for use from several
// goroutines.
type Runs struct {
	words   int
	runs    map[uint64]uint32 // hash of a run to the place of its text
	lengths []int             // of the runs, ascending
	whole   map[uint64]uint32 // hash of a normalised text
	places  []string

	reader reader
	spans  []span
	sums   []uint64 // of the words before each, and of all
}

type span struct{ from, to int } // in runes of the normalised text

// NewRuns returns an empty set that looks for runs of so many words.
func NewRuns(words int) *Runs {
	return &Runs{words: words, runs: map[uint64]uint32{}, whole: map[uint64]uint32{}}
}

// Shared is what a text has in common with one of a set.
type Shared struct {
	Place string // as it was added
	Words int    // of the run; 0: the whole text is the same
	Run   string // in lower case
}

// Add adds a text, which place names in messages. Of several with the same run the first is named.
func (r *Runs) Add(text, place string) {
	at := uint32(len(r.places))
	r.places = append(r.places, place)
	r.reader.normalise(text)
	note(r.whole, hash(r.reader.runes), at)
	r.split()
	n := min(r.words, len(r.spans))
	if n < min(leastRun, r.words) {
		return
	}
	if i, known := slices.BinarySearch(r.lengths, n); !known {
		r.lengths = slices.Insert(r.lengths, i, n)
	}
	for i := range len(r.spans) - n + 1 {
		note(r.runs, r.run(i, n), at)
	}
}

func note(in map[uint64]uint32, key uint64, at uint32) {
	if _, known := in[key]; !known {
		in[key] = at
	}
}

// Find looks for a text of the set that this one shares a run with.
func (r *Runs) Find(text string) (Shared, bool) {
	r.reader.normalise(text)
	if at, ok := r.whole[hash(r.reader.runes)]; ok {
		return Shared{Place: r.places[at]}, true
	}
	r.split()
	for i := range r.spans {
		for _, n := range r.lengths {
			if i+n > len(r.spans) {
				break
			}
			if at, ok := r.runs[r.run(i, n)]; ok {
				run := r.reader.runes[r.spans[i].from:r.spans[i+n-1].to]
				return Shared{Place: r.places[at], Words: n, Run: strings.TrimSpace(string(run))}, true
			}
		}
	}
	return Shared{}, false
}

// base is that of the polynomial whose value is the hash of a run, modulo 2^64 (Rabin and Karp, 1987). Words are hashed
// before, so that its weakness for regular sequences of small numbers does not matter.
const base = 0x9E3779B97F4A7C15

// split finds the words of the normalised text, and the sums by which runs are hashed.
func (r *Runs) split() {
	r.spans, r.sums = r.spans[:0], append(r.sums[:0], 0)
	runes := r.reader.runes
	add := func(from, to int) {
		r.spans = append(r.spans, span{from, to})
		r.sums = append(r.sums, r.sums[len(r.sums)-1]*base+hash(runes[from:to]))
	}
	from := -1 // of the word that is open
	for i, c := range runes {
		sign := c >= 0x2E80 && unicode.In(c, unicode.Han, unicode.Hiragana, unicode.Katakana)
		inside := !sign && (unicode.IsLetter(c) || unicode.IsDigit(c) || unicode.IsMark(c))
		if from >= 0 && !inside {
			add(from, i)
			from = -1
		}
		switch {
		case sign:
			add(i, i+1)
		case inside && from < 0:
			from = i
		}
	}
	if from >= 0 {
		add(from, len(runes))
	}
}

// run is the hash of n words from word i on.
func (r *Runs) run(i, n int) uint64 {
	return mix(r.sums[i+n]-r.sums[i]*power(n)) + uint64(n)
}

// power is base to the n.
func power(n int) uint64 {
	p := uint64(1)
	for range n {
		p *= base
	}
	return p
}
