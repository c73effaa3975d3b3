package elo

import (
	"math"
	"math/rand/v2"
)

// multinomial draws with replacement from things of several kinds, as many as there are, and counts the kinds. Poisson numbers
// of the kinds are, given their sum, just that; so a few less are drawn as such, and what is missing one by one. Poisson
// numbers add up, so that a table for each value of each hexadecimal digit of a count is enough for all counts.
type multinomial struct {
	kinds  []int // how many things there are of each
	total  int
	digits [16][16]alias // by place of the digit, then by digit
	one    alias         // the kind of a single thing
}

func newMultinomial(kinds []int) *multinomial {
	m := &multinomial{kinds: kinds}
	weights := make([]float64, len(kinds))
	for k, n := range kinds {
		m.total += n
		weights[k] = float64(n)
	}
	m.one = newAlias(0, weights)
	// Five standard deviations less: that the sum of Poisson numbers is too great anyhow comes once in three million rounds.
	less := max(0, 1-5/math.Sqrt(float64(m.total)))
	for _, n := range kinds {
		for place := 0; n > 0; place, n = place+1, n/16 {
			if of := &m.digits[place][n%16]; n%16 > 0 && less > 0 && of.slots == nil {
				*of = poisson(less * float64(n%16) * math.Pow(16, float64(place)))
			}
		}
	}
	return m
}

// draw puts into times how many of each kind came.
func (m *multinomial) draw(rng *rand.PCG, times []int) {
	missing := -1
	for missing < 0 {
		missing = m.total
		for k, n := range m.kinds {
			times[k] = 0
			for place := 0; n > 0; place, n = place+1, n/16 {
				if of := &m.digits[place][n%16]; of.slots != nil {
					times[k] += of.draw(rng)
				}
			}
			missing -= times[k]
		}
	}
	for range missing {
		times[m.one.draw(rng)]++
	}
}
