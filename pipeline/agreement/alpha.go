package agreement

// Panel counts how any number of raters put the same items into the classes 0 to classes-1. Not everyone needs to have
// rated every item.
type Panel struct {
	classes     int
	coincidence []float64 // o_ck: pairs of ratings c and k of one item, in both orders
	items       int64     // with two ratings or more
}

// NewPanel returns counts of nothing yet.
func NewPanel(classes int) *Panel {
	return &Panel{classes: classes, coincidence: make([]float64, classes*classes)}
}

// Add counts one item: ratings holds how many raters put it into each class. An item with fewer than two says nothing
// about agreement.
func (p *Panel) Add(ratings []int) {
	m := 0
	for _, n := range ratings {
		m += n
	}
	if m < 2 {
		return
	}
	p.items++
	for c, x := range ratings {
		for k, y := range ratings {
			pairs := x * y
			if c == k {
				pairs -= x
			}
			p.coincidence[c*p.classes+k] += float64(pairs) / float64(m-1)
		}
	}
}

// N is the number of items that two or more have rated.
func (p *Panel) N() int64 { return p.items }

// Nominal is Krippendorff's alpha for classes without an order,
//
//	α = 1 − D_o / D_e = 1 − (n − 1) · Σ_{c<k} o_ck δ²_ck / Σ_{c<k} n_c n_k δ²_ck,  δ²_ck = 1.
//
// 1 is agreement on everything, 0 no more than if all ratings were dealt out again by chance. It is false where there is
// but one class in all ratings.
//
// K. Krippendorff, Computing Krippendorff's alpha-reliability, University of Pennsylvania (2011).
func (p *Panel) Nominal() (float64, bool) {
	return p.alpha(func([]float64, int, int) float64 { return 1 })
}

// Ordinal is alpha for classes in an order: how far two of them are apart is how many ratings lie between them,
//
//	δ²_ck = (Σ_{g=c..k} n_g − (n_c + n_k) / 2)².
func (p *Panel) Ordinal() (float64, bool) {
	return p.alpha(func(totals []float64, c, k int) float64 {
		between := (totals[c] + totals[k]) / 2
		for _, n := range totals[c+1 : k] {
			between += n
		}
		return between * between
	})
}

// alpha takes δ² of two classes, the first before the second, given how often each class was chosen.
func (p *Panel) alpha(distance func(totals []float64, c, k int) float64) (float64, bool) {
	totals, n := make([]float64, p.classes), 0.0
	for c := range totals {
		for k := range p.classes {
			totals[c] += p.coincidence[c*p.classes+k]
		}
		n += totals[c]
	}
	var observed, expected float64
	for c := range totals {
		for k := c + 1; k < p.classes; k++ {
			d := distance(totals, c, k)
			observed += p.coincidence[c*p.classes+k] * d
			expected += totals[c] * totals[k] * d
		}
	}
	if expected == 0 {
		return 0, false
	}
	return 1 - (n-1)*observed/expected, true
}
