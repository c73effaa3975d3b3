package agreement

import "math"

// surest is how sure a forecast is taken to be at most, so that one that was certain and wrong costs much, and not everything.
const surest = 1 - 1e-3

// Forecasts scores probabilities against what came true. Its zero value has none.
type Forecasts struct {
	n           int64
	squares     float64
	information float64
}

// Add counts a forecast p of an outcome y, both from 0 to 1; a tie is y = 1/2.
func (f *Forecasts) Add(p, y float64) {
	f.n++
	f.squares += (p - y) * (p - y)
	p = min(max(p, 1-surest), surest)
	f.information -= y*math.Log(p) + (1-y)*math.Log(1-p)
}

// N is the number of forecasts.
func (f *Forecasts) N() int64 { return f.n }

// Brier is the mean of (p − y)²: 0 is perfect, 0.25 whoever always says 1/2, ties aside. False: there are none.
//
// G. W. Brier, Verification of forecasts expressed in terms of probability, Monthly Weather Review 78 (1950), 1–3.
func (f *Forecasts) Brier() (float64, bool) {
	if f.n == 0 {
		return 0, false
	}
	return f.squares / float64(f.n), true
}

// LogLoss is the mean of −y·ln p − (1−y)·ln(1−p): ln 2 ≈ 0.693 is whoever always says 1/2. A p beyond 0.001 and 0.999 counts
// as that. False: there are none.
//
// I. J. Good, Rational decisions, Journal of the Royal Statistical Society B 14 (1952), 107–114.
func (f *Forecasts) LogLoss() (float64, bool) {
	if f.n == 0 {
		return 0, false
	}
	return f.information / float64(f.n), true
}
