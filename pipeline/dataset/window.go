package dataset

import (
	"math/bits"
	"math/rand/v2"

	"openarena/configs"
)

// window chooses rows by their place: from offset on, at most limit of them, or sample of those at random.
type window struct {
	offset int64
	limit  int64 // < 0: all
	sample int64 // > 0: this many at random
	seed   int64
}

func windowOf(d configs.Dataset) window {
	return window{offset: int64(d.Offset), limit: int64(d.Limit), sample: int64(d.Sample), seed: d.Seed}
}

// every is the window of all rows.
var every = window{limit: -1}

// span is how much of the files a walk reads.
func (w window) span() span {
	if w.limit < 0 || w.sample > 0 {
		return everything
	}
	return beginning
}

// chooser walks through the places of all rows in order and says which are wanted.
type chooser struct {
	window
	place int64 // of the row that comes next, from 0
	rest  int64 // sample: rows from place on that may be chosen
	open  int64 // sample: how many are still to be chosen
	draw  *rand.PCG
	want  bool // the row that comes next
}

// chooser starts a walk over total rows; total counts only where a sample is taken.
func (w window) chooser(total int64) *chooser {
	c := &chooser{window: w}
	if w.sample > 0 {
		c.rest = max(total-w.offset, 0)
		if w.limit >= 0 {
			c.rest = min(c.rest, w.limit)
		}
		c.open = min(w.sample, c.rest)
		c.draw = rand.NewPCG(uint64(w.seed), 0x6f70656e6172656e) // any constant will do, for ever the same
	}
	c.decide()
	return c
}

// step moves behind the row that came next.
func (c *chooser) step() {
	c.place++
	c.decide()
}

// done says that no further row is wanted.
func (c *chooser) done() bool {
	if c.sample > 0 {
		return c.open == 0 && !c.want
	}
	return c.limit >= 0 && c.place-c.offset >= c.limit
}

func (c *chooser) decide() {
	c.want = c.place >= c.offset && !c.done()
	if c.sample <= 0 || c.place < c.offset {
		return
	}
	// Selection sampling: a row is taken with the probability open/rest, which gives every set of rows the same
	// chance, in one walk, in order and without memory.
	if c.want = c.open > 0 && below(c.draw, uint64(c.rest)) < uint64(c.open); c.want {
		c.open--
	}
	c.rest--
}

// below draws a number in [0, n), n > 0, all equally likely. It is written out here so that a seed chooses the same
// rows under every version of Go.
func below(src *rand.PCG, n uint64) uint64 {
	hi, lo := bits.Mul64(src.Uint64(), n)
	if lo < n {
		for limit := -n % n; lo < limit; {
			hi, lo = bits.Mul64(src.Uint64(), n)
		}
	}
	return hi
}
