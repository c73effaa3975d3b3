// Package neardup finds texts that are nearly the same.
//
// Two texts are as alike as their sets of shingles: the resemblance |A∩B| / |A∪B| of Broder, "On the resemblance and
// containment of documents" (1997), which is Jaccard's index. To find who is alike without comparing everybody, each text
// gets a signature whose places agree with exactly that chance (Broder's minima; drawn by the fast similarity sketching of
// Dahlgaard, Knudsen and Thorup, 2017, which hashes a text of n shingles some n + k log k times instead of n·k). Signatures
// are cut into bands (Leskovec, Rajaraman and Ullman, "Mining of Massive Datasets", chapter 3); who shares one is a
// candidate, and candidates are compared exactly. So nothing is called alike that is not, and of the pairs that lie at the
// threshold at most one in a hundred is missed, of closer ones far fewer.
//
// What will hurt: a changed constant changes which prompts an arena has. All of them are fixed for ever.
package neardup

import (
	"cmp"
	"math"
	"slices"
)

const (
	bands       = 16   // of a signature
	mostRows    = 8    // of a band: its key is a word
	missed      = 0.01 // of the pairs at the threshold, by banding
	mostWalked  = 64   // of one bucket, the latest first, so that a million texts from one template take no million steps each
	mostVerify  = 8    // candidates compared exactly, those first whose signatures are most alike
	deviations  = 4    // by which an estimate may fall short of the threshold: one in 30,000 falls further
	LeastUseful = 0.5  // a lower threshold makes everybody a candidate
)

// Index holds texts of which no two are near-duplicates. It keeps their signatures and not the texts: about 260 bytes each
// at a threshold of 0.8, 300 at most. It is not safe for use from several goroutines.
type Index struct {
	threshold float64
	rows      int // of a band
	least     int // places of two signatures that agree, at least, for an exact look

	signatures []byte   // bands·rows of each text
	next       []uint32 // entry of the same bucket that came before, + 1
	heads      table    // the last entry of each bucket

	reader  reader
	set     []uint64 // shingles of the text at hand
	minima  []uint64
	sketch  []byte
	near    []candidate
	another []uint64
}

// candidate is a text that shares a band with the one at hand.
type candidate struct{ id, agree int }

// Match is a text of an index that another is nearly the same as.
type Match struct {
	ID         int // the place at which it was added, from 0
	Similarity float64
}

// New returns an index for texts whose similarity is below a threshold, which lies in [LeastUseful, 1].
func New(threshold float64) *Index {
	x := &Index{threshold: threshold, rows: rowsFor(threshold)}
	k := float64(bands * x.rows)
	x.least = int(math.Floor(k*threshold - deviations*math.Sqrt(k*threshold*(1-threshold))))
	x.minima = make([]uint64, bands*x.rows)
	x.sketch = make([]byte, bands*x.rows)
	return x
}

// rowsFor is how long bands may be: a pair at threshold t shares one of b bands of r rows with the chance 1-(1-t^r)^b.
func rowsFor(t float64) int {
	r := 1
	for r < mostRows && math.Pow(1-math.Pow(t, float64(r+1)), bands) <= missed {
		r++
	}
	return r
}

// Len is how many texts were added.
func (x *Index) Len() int { return len(x.next) / bands }

// Admit looks for a text of the index whose similarity reaches the threshold. If there is none it adds this one, under the
// number x.Len() had before. kept returns the text of a number, to be compared exactly; its errors are passed on.
func (x *Index) Admit(text string, kept func(id int) (string, error)) (m Match, found bool, err error) {
	x.read(text)
	x.gather()
	if len(x.near) > 0 {
		x.set = unique(x.set)
	}
	for _, c := range x.near {
		other, err := kept(c.id)
		if err != nil {
			return Match{}, false, err
		}
		x.another = unique(x.reader.shingles(x.another[:0], other))
		if s := jaccard(x.set, x.another); s >= x.threshold {
			return Match{c.id, s}, true, nil
		}
	}
	x.insert()
	return Match{}, false, nil
}

// Add adds a text that is known to be admitted.
func (x *Index) Add(text string) {
	x.read(text)
	x.insert()
}

func (x *Index) read(text string) {
	x.set = x.reader.shingles(x.set[:0], text)
	sketch(x.minima, x.set)
	for i, m := range x.minima {
		x.sketch[i] = byte(mix(m))
	}
}

// gather finds the texts to compare, those first whose signatures agree most.
func (x *Index) gather() {
	x.near = x.near[:0]
	for b := range bands {
		entry := x.heads.find(x, x.key(x.sketch, b), b)
		for step := 0; entry > 0 && step < mostWalked; step++ {
			x.near = append(x.near, candidate{id: int(entry-1) / bands})
			entry = x.next[entry-1]
		}
	}
	slices.SortFunc(x.near, func(a, b candidate) int { return a.id - b.id })
	x.near = slices.Compact(x.near)
	alike := x.near[:0]
	for _, c := range x.near {
		if c.agree = x.agree(c.id); c.agree >= x.least {
			alike = append(alike, c)
		}
	}
	slices.SortStableFunc(alike, func(a, b candidate) int { return cmp.Compare(b.agree, a.agree) })
	x.near = alike[:min(len(alike), mostVerify)]
}

// agree counts the places at which a signature is that of the text at hand.
func (x *Index) agree(id int) (n int) {
	for i, b := range x.signature(id) {
		if b == x.sketch[i] {
			n++
		}
	}
	return n
}

func (x *Index) signature(id int) []byte {
	k := bands * x.rows
	return x.signatures[id*k : (id+1)*k]
}

// insert adds the text at hand.
func (x *Index) insert() {
	id := x.Len()
	x.signatures = append(x.signatures, x.sketch...)
	for b := range bands {
		entry := uint32(id*bands+b) + 1
		x.next = append(x.next, x.heads.put(x, x.key(x.sketch, b), entry))
	}
}

// key is a band as one word.
func (x *Index) key(signature []byte, band int) (key uint64) {
	for _, b := range signature[band*x.rows : (band+1)*x.rows] {
		key = key<<8 | uint64(b)
	}
	return key
}

// Similarity is the resemblance of two texts, from 0 to 1.
func Similarity(a, b string) float64 {
	var r reader
	return jaccard(unique(r.shingles(nil, a)), unique(r.shingles(nil, b)))
}

// unique sorts a set and removes what is in it twice.
func unique(set []uint64) []uint64 {
	slices.Sort(set)
	return slices.Compact(set)
}

// jaccard is |a∩b| / |a∪b| of sorted sets, which are never empty.
func jaccard(a, b []uint64) float64 {
	both := 0
	for i, j := 0, 0; i < len(a) && j < len(b); {
		switch {
		case a[i] < b[j]:
			i++
		case a[i] > b[j]:
			j++
		default:
			both++
			i++
			j++
		}
	}
	return float64(both) / float64(len(a)+len(b)-both)
}
