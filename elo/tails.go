package elo

import "math"

// beyondT is the chance that a value of Student's distribution with ν degrees of freedom is as far from 0 as t, on either
// side. ν may be +Inf.
func beyondT(t, nu float64) float64 { return beyondF(t*t, 1, nu) }

// beyondF is the chance that a value of the F distribution with p and ν degrees of freedom is f or more. With ν +Inf it is
// that of χ² with p degrees of freedom to be p·f or more.
//
// Abramowitz & Stegun, Handbook of Mathematical Functions (1964), 26.6.2.
func beyondF(f, p, nu float64) float64 {
	nu = min(nu, manyFreedoms)
	if !(f > 0) {
		return 1
	}
	return incompleteBeta(nu/(nu+p*f), nu/2, p/2)
}

// manyFreedoms is beyond how many degrees of freedom there is no difference in seven digits.
const manyFreedoms = 1e7

// halfT is how many standard errors each half of a 95 % interval has with ν degrees of freedom, 1.96 with many.
func halfT(nu float64) float64 {
	if nu >= manyFreedoms {
		return z95
	}
	low, high := 0.0, 1.0
	for beyondT(high, nu) > 0.05 && high < 1e9 {
		high *= 2
	}
	for range 60 {
		if middle := (low + high) / 2; beyondT(middle, nu) > 0.05 {
			low = middle
		} else {
			high = middle
		}
	}
	return high
}

// incompleteBeta is the regularised incomplete beta function I_x(a, b), by the continued fraction of DLMF 8.17.22, taken from
// the side on which it converges quickly, as Lentz (1976) evaluates such.
func incompleteBeta(x, a, b float64) float64 {
	switch {
	case x <= 0:
		return 0
	case x >= 1:
		return 1
	case x > (a+1)/(a+b+2):
		return 1 - incompleteBeta(1-x, b, a)
	}
	front := math.Exp(a*math.Log(x) + b*math.Log1p(-x) - logBeta(a, b))
	const tiny, steps = 1e-300, 100_000
	c, d := 1.0, 1-(a+b)*x/(a+1)
	if math.Abs(d) < tiny {
		d = tiny
	}
	d = 1 / d
	h := d
	for m := 1.0; m < steps; m++ {
		for _, k := range [...]float64{
			m * (b - m) * x / ((a + 2*m - 1) * (a + 2*m)),
			-(a + m) * (a + b + m) * x / ((a + 2*m) * (a + 2*m + 1)),
		} {
			if d = 1 + k*d; math.Abs(d) < tiny {
				d = tiny
			}
			if c = 1 + k/c; math.Abs(c) < tiny {
				c = tiny
			}
			d = 1 / d
			h *= d * c
		}
		if math.Abs(d*c-1) < 1e-15 {
			break
		}
	}
	return min(1, front*h/a)
}

func logBeta(a, b float64) float64 {
	x, _ := math.Lgamma(a)
	y, _ := math.Lgamma(b)
	z, _ := math.Lgamma(a + b)
	return x + y - z
}
