package elo

import (
	"math"
	"testing"
)

// Chances beyond a value are those of closed forms, and of the tables that every textbook has.
func TestTails(t *testing.T) {
	for _, x := range []float64{0.1, 1, 3, 12.7062047364, 500} {
		if got, want := beyondT(x, 1), 1-2/math.Pi*math.Atan(x); math.Abs(got-want) > 1e-12 {
			t.Errorf("beyondT(%v, 1) = %v; want %v", x, got, want)
		}
		for _, nu := range []float64{1, 4, 30.5, 999} {
			if got, want := beyondF(x, 2, nu), math.Pow(1+2*x/nu, -nu/2); math.Abs(got-want) > 1e-11*(1+want) {
				t.Errorf("beyondF(%v, 2, %v) = %v; want %v", x, nu, got, want)
			}
		}
		if got, want := beyondF(x/2, 2, math.Inf(1)), math.Exp(-x/2); math.Abs(got-want) > 1e-7 {
			t.Errorf("beyondF(%v, 2, ∞) = %v; want %v", x/2, got, want)
		}
	}
	for _, c := range []struct{ f, p, nu, want float64 }{
		{2.866081, 4, 20, 0.05}, {10.04429, 1, 10, 0.01}, {5.409451, 3, 5, 0.05}, {11.070498 / 5, 5, math.Inf(1), 0.05},
		{26.216967 / 12, 12, math.Inf(1), 0.01}, {0, 3, 3, 1}, {math.Inf(1), 3, 3, 0},
	} {
		if got := beyondF(c.f, c.p, c.nu); math.Abs(got-c.want) > 1e-6 {
			t.Errorf("beyondF(%v, %v, %v) = %v; want %v", c.f, c.p, c.nu, got, c.want)
		}
	}
	for nu, want := range map[float64]float64{1: 12.706205, 5: 2.570582, 30: 2.042272, math.Inf(1): 1.959964} {
		if got := halfT(nu); math.Abs(got-want) > 1e-5 {
			t.Errorf("halfT(%v) = %v; want %v", nu, got, want)
		}
	}
}
