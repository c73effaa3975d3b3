package plot

import (
	"math"
	"strconv"
)

// scale maps numbers to places, evenly or by their logarithms.
type scale struct {
	from, to    float64 // at both ends: numbers, or their decimal logarithms
	left, right float64 // the same ends on the page
	log         bool
	zero        float64 // with log: where 0 is
	marks       []float64
}

// wideSpread is how many times the least of numbers the greatest is from which on they are drawn by their logarithms.
const wideSpread = 30

// zeroRoom is left of a scale of logarithms, which have no place for 0.
const zeroRoom = 44.0

// newScale holds all numbers, none of which is below 0, with about so many ticks.
func newScale(all []float64, left, right, parts float64) scale {
	lo, hi, none := math.Inf(1), 0.0, false
	for _, x := range all {
		if x > 0 {
			lo = min(lo, x)
		} else {
			none = true
		}
		hi = max(hi, x)
	}
	if hi == 0 { // nothing, or zeros alone
		lo, hi = 0, 1
	}
	if lo > 0 && hi/lo > wideSpread {
		return logarithmic(lo, hi, left, right, none)
	}
	if none || lo < hi/2 {
		lo = 0
	}
	return even(lo, hi, left, right, parts)
}

// even begins and ends at a tick.
func even(lo, hi, left, right, parts float64) scale {
	s := scale{left: left, right: right}
	if hi-lo < hi/100 {
		lo, hi = 0.9*hi, 1.1*hi
	}
	step := niceStep((hi - lo) / parts)
	first, last := math.Floor(lo/step), math.Ceil(hi/step)
	s.from, s.to = step*first, step*last
	for k := first; k <= last; k++ {
		s.marks = append(s.marks, tidy(step*k))
	}
	return s
}

// logarithmic begins and ends at 1, 2 or 5 times a power of ten.
func logarithmic(lo, hi, left, right float64, zeros bool) scale {
	s := scale{left: left, right: right, log: true, zero: left}
	if zeros {
		s.left += zeroRoom
		s.marks = append(s.marks, 0)
	}
	far := math.Log10(hi/lo) > 3 // ticks at powers of ten alone
	var inner []float64
	for e := math.Floor(math.Log10(lo)); e <= math.Ceil(math.Log10(hi)); e++ {
		for _, m := range [...]float64{1, 2, 5} {
			if !far || m == 1 {
				inner = append(inner, tidy(m*math.Pow(10, e)))
			}
		}
	}
	first, last := 0, len(inner)-1
	for first+1 < len(inner) && inner[first+1] <= lo*(1+1e-9) {
		first++
	}
	for last > first+1 && inner[last-1] >= hi*(1-1e-9) {
		last--
	}
	inner = inner[first : last+1]
	s.from, s.to = math.Log10(inner[0]), math.Log10(inner[len(inner)-1])
	s.marks = append(s.marks, inner...)
	return s
}

func (s scale) at(x float64) float64 {
	if s.log {
		if x <= 0 {
			return s.zero
		}
		x = math.Log10(x)
	}
	return s.left + float64((x-s.from)/(s.to-s.from)*(s.right-s.left))
}

// niceStep is the least of 1, 2 and 5 times a power of ten that is not below x.
func niceStep(x float64) float64 {
	unit := math.Pow(10, math.Floor(math.Log10(x)))
	for _, m := range [...]float64{1, 2, 5} {
		if m*unit >= x*(1-1e-9) {
			return tidy(m * unit)
		}
	}
	return tidy(10 * unit)
}

// tidy is x without what binary fractions add behind its twelfth digit.
func tidy(x float64) float64 {
	t, err := strconv.ParseFloat(strconv.FormatFloat(x, 'g', 12, 64), 64)
	if err != nil {
		return x
	}
	return t
}

// short is a tick's number: 0.002, 1.5, 20, 4,000 as 4k.
func short(x float64) string {
	for _, u := range [...]struct {
		of   float64
		name string
	}{{1e12, "T"}, {1e9, "G"}, {1e6, "M"}, {1e3, "k"}} {
		if x >= u.of {
			return strconv.FormatFloat(tidy(x/u.of), 'g', 6, 64) + u.name
		}
	}
	return strconv.FormatFloat(x, 'f', -1, 64)
}
