package elo

import (
	"math"
	"math/bits"
	"math/rand/v2"
)

// alias draws numbers with given probabilities, in the same time whatever they are: A. J. Walker, "An efficient method for
// generating discrete random variables with general distributions", ACM Transactions on Mathematical Software 3 (1977), with
// the table set up as by M. D. Vose (1991). Probabilities are kept to 2⁻⁶⁴.
type alias struct {
	first int // the number of the first slot
	slots []aliasSlot
}

// aliasSlot is drawn as often as any other; it gives its own number below keep, and another one from there on.
type aliasSlot struct {
	keep  uint64
	other int32
}

// newAlias draws first, first + 1 … in proportion to weights, one of which must be positive.
func newAlias(first int, weights []float64) alias {
	a := alias{first, make([]aliasSlot, len(weights))}
	sum := 0.0
	for _, w := range weights {
		sum += w
	}
	left := make([]float64, len(weights)) // in slots
	var small, large []int32
	for k, w := range weights {
		left[k] = w / sum * float64(len(weights))
		a.slots[k] = aliasSlot{math.MaxUint64, int32(k)}
		if left[k] < 1 {
			small = append(small, int32(k))
		} else {
			large = append(large, int32(k))
		}
	}
	for len(small) > 0 && len(large) > 0 {
		s, l := small[len(small)-1], large[len(large)-1]
		small = small[:len(small)-1]
		a.slots[s] = aliasSlot{uint64(left[s] * (1 << 63) * 2), l}
		if left[l] -= 1 - left[s]; left[l] < 1 {
			large = large[:len(large)-1]
			small = append(small, l)
		}
	}
	return a
}

func (a *alias) draw(rng *rand.PCG) int {
	k, rest := bits.Mul64(rng.Uint64(), uint64(len(a.slots)))
	s := &a.slots[k]
	if rest >= s.keep {
		k = uint64(s.other)
	}
	return a.first + int(k)
}

// poisson draws from a Poisson distribution. What lies ten standard deviations and more from the mean is left out: nobody
// would see it come.
func poisson(mean float64) alias {
	wide := 10*math.Sqrt(mean) + 20
	first, last := math.Max(0, math.Floor(mean-wide)), math.Ceil(mean+wide)
	weights := make([]float64, int(last-first)+1)
	for k := range weights {
		x := first + float64(k)
		lnFactorial, _ := math.Lgamma(x + 1)
		weights[k] = math.Exp(x*math.Log(mean) - mean - lnFactorial)
	}
	return newAlias(int(first), weights)
}
