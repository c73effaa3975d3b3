package elo

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"
)

// Draws are compared with the probabilities of every outcome, bunched so that none is expected less than ten times.
func TestBinomial(t *testing.T) {
	for _, c := range []struct {
		n int
		p float64
	}{{1, 0.3}, {7, 0.5}, {40, 0.05}, {40, 0.5}, {100, 0.9}, {1000, 0.02}, {100_000, 0.0003}, {100_000, 0.37}} {
		t.Run(fmt.Sprintf("%d, %v", c.n, c.p), func(t *testing.T) {
			const draws = 20_000
			rng := rand.New(rand.NewPCG(1, uint64(c.n)))
			seen := map[int]float64{}
			for range draws {
				seen[binomial(rng, c.n, c.p)]++
			}
			var chi2, freedom, expected, got float64
			for k := range c.n + 1 {
				expected += draws * probability(c.n, k, c.p)
				got += seen[k]
				if expected >= 10 || k == c.n && expected > 0 {
					chi2 += (got - expected) * (got - expected) / expected
					freedom++
					expected, got = 0, 0
				}
			}
			// Chi-square is nearly normal about its degrees of freedom; a wrong sampler is off by hundreds.
			if z := (chi2 - freedom) / math.Sqrt(2*freedom); z > 5 {
				t.Errorf("chi-square %.0f over %.0f bins", chi2, freedom)
			}
		})
	}
	rng := rand.New(rand.NewPCG(1, 2))
	if binomial(rng, 0, 0.5) != 0 || binomial(rng, 9, 0) != 0 || binomial(rng, 9, 1) != 9 {
		t.Error("what is certain is not certain")
	}
}

func probability(n, k int, p float64) float64 {
	ln := func(x int) float64 { g, _ := math.Lgamma(float64(x) + 1); return g }
	return math.Exp(ln(n) - ln(k) - ln(n-k) + float64(k)*math.Log(p) + float64(n-k)*math.Log1p(-p))
}
