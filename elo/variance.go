package elo

import (
	"cmp"
	"fmt"
)

// Interval says what the bounds of ratings rest on.
type Interval uint8

const (
	// Clustered trusts only that clusters are independent: the default. With fewer than about 30 clusters it is itself
	// uncertain, and with one cluster there is none.
	Clustered Interval = iota
	// Sandwich trusts that battles are independent, but not that outcomes scatter as the model says: ties scatter less.
	Sandwich
	// ModelBased trusts the model. Too wide where there are ties, but never zero.
	ModelBased
	// Bootstrap draws whole clusters again and again, with replacement, and rates what came: it trusts what Clustered does,
	// and that what was seen is what might have been; the bounds need not lie evenly about the rating.
	Bootstrap
	// BootstrapBattles draws single battles, and trusts what Sandwich does.
	BootstrapBattles
)

func (iv Interval) String() string {
	switch iv {
	case Clustered:
		return "clustered"
	case Sandwich:
		return "sandwich"
	case ModelBased:
		return "model-based"
	case Bootstrap:
		return "bootstrap"
	case BootstrapBattles:
		return "bootstrap of battles"
	}
	return fmt.Sprintf("Interval(%d)", uint8(iv))
}

// variance is the covariance of strengths about their mean, n×n, in natural units, and what it rests on.
type variance struct {
	v        []float64
	rests    Interval
	clusters int // number of clusters; 0 unless they were asked for

	lower, upper []float64 // of strengths about their mean; nil: 1.96 standard errors around them
	lopsided     int       // rounds of a bootstrap in which virtual ties stood in
}

// spread estimates the variance at the maximum m. Where all residuals vanish, such as among nothing but ties, or in a
// single cluster, the estimate asked for would claim certainty: then the next one that does not is taken.
func (t *table) spread(m maximum, c *Counts, battles []Battle, o Options) variance {
	bread := m.h.inverse()
	n := m.h.n
	out := variance{rests: o.Interval}
	if from := t.resampler(c, battles, o.Interval); from != nil {
		if drawn, ok := t.bootstrap(m, from, cmp.Or(o.Rounds, usualRounds), o.Seed); ok && credible(drawn.v, bread, n) {
			drawn.rests = o.Interval
			return drawn
		}
	}
	if out.rests == Clustered {
		var meat []float64
		meat, out.clusters = t.clusterScatter(m.t, battles)
		if out.v = sandwich(bread, meat, n); credible(out.v, bread, n) {
			return out
		}
		out.rests = Sandwich
	}
	if out.rests == Sandwich {
		if out.v = sandwich(bread, t.scatter(m.t), n); credible(out.v, bread, n) {
			return out
		}
	}
	out.rests, out.v = ModelBased, bread
	return out
}

// credible reports whether no variance is nothing beside what the model expects.
func credible(v, bread []float64, n int) bool { return credibleFor(v, bread, n, n) }

// credibleFor looks at the first few of size variances only.
func credibleFor(v, bread []float64, size, few int) bool {
	const nothing = 1e-9
	for i := range few {
		if !(v[i*size+i] > nothing*bread[i*size+i]) {
			return false
		}
	}
	return true
}

// scatter is the sum over battles of the squared weighted residual times (e_a-e_b)(e_a-e_b)ᵀ, n×n.
func (t *table) scatter(strengths []float64) []float64 {
	n := len(t.active)
	meat := make([]float64, n*n)
	for k := range t.pairs {
		pr := &t.pairs[k]
		i, j := int(pr.i), int(pr.j)
		p, q := chances(strengths[i] - strengths[j])
		sq := max(0, pr.sqI*q*q-2*pr.mixed*p*q+pr.sqJ*p*p) // score_i - p = score_i·q - score_j·p
		meat[i*n+i] += sq
		meat[j*n+j] += sq
		meat[i*n+j] -= sq
		meat[j*n+i] -= sq
	}
	return meat
}

// sandwich returns bread · meat · bread for symmetric n×n matrices.
func sandwich(bread, meat []float64, n int) []float64 {
	return product(product(bread, meat, n), bread, n)
}

func product(a, b []float64, n int) []float64 {
	c := make([]float64, n*n)
	for i := range n {
		row := c[i*n : (i+1)*n]
		for k := range n {
			f := a[i*n+k]
			for j, x := range b[k*n : (k+1)*n] {
				row[j] += f * x
			}
		}
	}
	return c
}
