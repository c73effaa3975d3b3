package agreement

import "math"

// Paired adds up differences between two raters of the same items. Its zero value has none.
type Paired struct {
	n            int64
	sum, squares float64
}

// Add counts one difference.
func (p *Paired) Add(difference float64) {
	p.n++
	p.sum += difference
	p.squares += difference * difference
}

// N is the number of differences.
func (p *Paired) N() int64 { return p.n }

// Mean is their mean. False: there are none.
func (p *Paired) Mean() (float64, bool) {
	if p.n == 0 {
		return 0, false
	}
	return p.sum / float64(p.n), true
}

// Interval is the 95 % interval of the mean,
//
//	d̄ ± z·s/√n,  s² = Σ(d − d̄)² / (n − 1).
//
// False: there are fewer than two.
func (p *Paired) Interval() (lower, upper float64, ok bool) {
	if p.n < 2 {
		return 0, 0, false
	}
	n := float64(p.n)
	mean := p.sum / n
	half := z95 * math.Sqrt(max(0, p.squares/n-mean*mean)/(n-1))
	return mean - half, mean + half, true
}
