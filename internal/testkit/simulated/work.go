package simulated

import (
	"math"
	"math/rand/v2"
	"time"
)

// Work is how long calls take on an idle server and how many tokens they write. Not safe for concurrent use.
type Work struct {
	rand *rand.Rand
	mean time.Duration
}

// NewWork draws from a seed; the same seed gives the same calls. Times are lognormal with this mean.
func NewWork(seed uint64, mean time.Duration) *Work {
	return &Work{rand.New(rand.NewPCG(seed, 7)), mean}
}

// Next is the next call: its time, with a sigma of 0.8, and its tokens, one in 20 ms, with 15 % of noise.
func (w *Work) Next() (work time.Duration, tokens int64) {
	const sigma, perToken, noise = 0.8, 0.020, 0.15
	seconds := w.mean.Seconds() * math.Exp(sigma*w.rand.NormFloat64()-sigma*sigma/2)
	tokens = max(1, int64(seconds/perToken*math.Exp(noise*w.rand.NormFloat64())))
	return time.Duration(seconds * float64(time.Second)), tokens
}
