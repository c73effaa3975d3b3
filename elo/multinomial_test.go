package elo

import (
	"math"
	"math/rand/v2"
	"testing"
)

// chiSquare compares how often 0, 1, 2 … were seen with what is expected, bunched so that none is expected less than ten times.
// It is in standard deviations: nearly normal for a right sampler, hundreds for a wrong one.
func chiSquare(seen map[int]float64, expected func(k int) float64, last int) float64 {
	var chi2, freedom, want, got float64
	for k := range last + 1 {
		want += expected(k)
		got += seen[k]
		if want >= 10 || k == last && want > 0 {
			chi2 += (got - want) * (got - want) / want
			freedom++
			want, got = 0, 0
		}
	}
	return (chi2 - freedom) / math.Sqrt(2*freedom)
}

// lnFactorial of numbers that count.
func lnFactorial(k int) float64 { x, _ := math.Lgamma(float64(k) + 1); return x }

// Each kind by itself is binomial, the kinds together are always as many as there are, and what one has more another has less.
func TestMultinomial(t *testing.T) {
	const draws = 8000
	for what, kinds := range map[string][]int{
		"one thing":             {1},
		"few things":            {3, 0, 1, 2},
		"a kind that is rare":   {1, 4000, 7, 16},
		"counts of many digits": {3000, 5, 272, 30, 255},
	} {
		m := newMultinomial(kinds)
		rng, times := rand.NewPCG(1, 2), make([]int, len(kinds))
		seen, both := make([]map[int]float64, len(kinds)), 0.0
		for k := range seen {
			seen[k] = map[int]float64{}
		}
		first, second := float64(kinds[0]), float64(kinds[len(kinds)-1])
		for range draws {
			m.draw(rng, times)
			sum := 0
			for k, n := range times {
				seen[k][n]++
				sum += n
			}
			if sum != m.total {
				t.Fatalf("%s: %d things were drawn; want %d", what, sum, m.total)
			}
			both += (float64(times[0]) - first) * (float64(times[len(times)-1]) - second) / draws
		}
		for k, n := range kinds {
			p := float64(n) / float64(m.total)
			if p == 0 || p == 1 {
				if seen[k][n] != draws {
					t.Errorf("%s: what is certain is not certain: %v", what, seen[k])
				}
				continue
			}
			binomial := func(x int) float64 {
				return draws * math.Exp(lnFactorial(m.total)-lnFactorial(x)-lnFactorial(m.total-x)+float64(x)*math.Log(p)+float64(m.total-x)*math.Log1p(-p))
			}
			if z := chiSquare(seen[k], binomial, m.total); z > 5 {
				t.Errorf("%s: kind %d is %.0f standard deviations from binomial", what, k, z)
			}
		}
		if want := -first * second / float64(m.total); len(kinds) > 1 && math.Abs(both-want) > 0.1*math.Sqrt(first*second) {
			t.Errorf("%s: the covariance of the first and the last kind is %.3g; want %.3g", what, both, want)
		}
	}
}

func TestPoisson(t *testing.T) {
	const draws = 20_000
	for _, mean := range []float64{0.02, 1, 15, 240, 61_000} {
		of, rng, seen := poisson(mean), rand.NewPCG(3, 4), map[int]float64{}
		for range draws {
			seen[of.draw(rng)]++
		}
		by := func(k int) float64 { return draws * math.Exp(float64(k)*math.Log(mean)-mean-lnFactorial(k)) }
		if z := chiSquare(seen, by, int(mean+12*math.Sqrt(mean)+20)); z > 5 {
			t.Errorf("mean %v: %.0f standard deviations from Poisson", mean, z)
		}
	}
}
