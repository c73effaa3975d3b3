package plot

import "math"

// axis maps points of rating to places on the page.
type axis struct {
	from, to    float64 // in points, at both ends
	left, right float64 // the same ends on the page
	step        float64 // between ticks
}

// newAxis holds every rating and every bound of the chart, and begins and ends at a tick.
func newAxis(c Chart, left, right float64) axis {
	lo, hi := math.Inf(1), math.Inf(-1)
	for _, p := range c.Panels {
		for _, r := range p.Rows {
			for _, x := range []*float64{r.Rating, r.Lower, r.Upper} {
				if x != nil && r.Rating != nil {
					lo, hi = min(lo, *x), max(hi, *x)
				}
			}
		}
	}
	if lo > hi { // nothing to draw
		lo, hi = 1000, 1000
	}
	if hi-lo < 10 {
		lo, hi = lo-10, hi+10
	}
	parts := min(8, max(2, math.Floor(math.Abs(right-left)/50)))
	if len(number(lo))+len(number(hi)) > 12 { // else they would run into each other
		parts = min(3, parts)
	}
	a := axis{left: left, right: right, step: roundStep((hi - lo) / parts)}
	a.from, a.to = a.step*math.Floor(lo/a.step), a.step*math.Ceil(hi/a.step)
	return a
}

// roundStep is the least of 1, 2, 5, 10, 20 … that is not below x.
func roundStep(x float64) float64 {
	unit := 1.0
	for unit*10 <= x {
		unit *= 10
	}
	for _, m := range [...]float64{1, 2, 5} {
		if m*unit >= x {
			return m * unit
		}
	}
	return 10 * unit
}

// at is the place of a rating. The conversion keeps processors from rounding once where others round twice.
func (a axis) at(points float64) float64 {
	return a.left + float64((points-a.from)/(a.to-a.from)*(a.right-a.left))
}

func (a axis) ticks() (all []float64) {
	for i := range int(math.Round((a.to-a.from)/a.step)) + 1 {
		all = append(all, a.from+float64(float64(i)*a.step))
	}
	return all
}
