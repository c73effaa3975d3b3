package elo

import (
	"math"
	"math/rand/v2"
)

// binomial draws how many of n independent trials succeed, each with probability p.
func binomial(rng *rand.Rand, n int, p float64) int {
	switch {
	case n <= 0 || p <= 0:
		return 0
	case p >= 1:
		return n
	case p > 0.5:
		return n - binomial(rng, n, 1-p)
	case float64(n)*p < 10:
		return inverted(rng, n, p)
	}
	return rejected(rng, float64(n), p)
}

// inverted counts the probabilities of 0, 1, 2 … up to a uniform number: quick where few trials succeed.
func inverted(rng *rand.Rand, n int, p float64) int {
	q := 1 - p
	s := p / q
	a, r := float64(n+1)*s, math.Exp(float64(n)*math.Log1p(-p))
	u := rng.Float64()
	for x := 0; ; x++ {
		if u <= r || x == n {
			return x
		}
		u -= r
		r *= a/float64(x+1) - s
	}
}

// rejected is algorithm BTRS of W. Hörmann, "The generation of binomial random variates", Journal of Statistical Computation and
// Simulation 46 (1993): a transformed uniform number, rejected now and then. It needs n·p ≥ 10 and p ≤ ½.
func rejected(rng *rand.Rand, n, p float64) int {
	q := 1 - p
	sd := math.Sqrt(n * p * q)
	b := 1.15 + 2.53*sd
	a := -0.0873 + 0.0248*b + 0.01*p
	centre := n*p + 0.5
	quick := 0.92 - 4.2/b
	alpha := (2.83 + 5.1/b) * sd
	odds := p / q
	mode := math.Floor((n + 1) * p)
	for {
		u, v := rng.Float64()-0.5, rng.Float64()
		us := 0.5 - math.Abs(u)
		k := math.Floor((2*a/us+b)*u + centre)
		if us >= 0.07 && v <= quick {
			return int(k)
		}
		if k < 0 || k > n {
			continue
		}
		bound := (mode+0.5)*math.Log((mode+1)/(odds*(n-mode+1))) + (n+1)*math.Log((n-mode+1)/(n-k+1)) +
			(k+0.5)*math.Log(odds*(n-k+1)/(k+1)) + beyondStirling(mode) + beyondStirling(n-mode) - beyondStirling(k) - beyondStirling(n-k)
		if math.Log(v*alpha/(a/(us*us)+b)) <= bound {
			return int(k)
		}
	}
}

// beyondStirling is ln k! - (½ ln 2π + (k + ½) ln(k + 1) - (k + 1)).
func beyondStirling(k float64) float64 {
	if k < float64(len(smallBeyond)) {
		return smallBeyond[int(k)]
	}
	x := 1 / (k + 1)
	return x * (1./12 - x*x*(1./360-x*x/1260))
}

var smallBeyond = func() (table [10]float64) {
	for k := range table {
		x := float64(k)
		lnFactorial, _ := math.Lgamma(x + 1)
		table[k] = lnFactorial - (0.5*math.Log(2*math.Pi) + (x+0.5)*math.Log(x+1) - (x + 1))
	}
	return table
}()
