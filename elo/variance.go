package elo

import (
	"cmp"
	"fmt"
	"math"
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
	alone    []float64 // where v rests on clusters: the same were all battles independent
	rests    Interval
	clusters int // number of clusters; 0 unless they were asked for

	lower, upper []float64 // of strengths about their mean; nil: 1.96 standard errors around them
	lopsided     int       // rounds of a bootstrap in which virtual ties stood in
}

// drawn reports whether an interval is a bootstrap's.
func (iv Interval) drawn() bool { return iv == Bootstrap || iv == BootstrapBattles }

// spread estimates the variance at the maximum m.
func (t *table) spread(m maximum[*laplacian], c *Counts, battles []Battle, o Options) variance {
	var rounds func() func(int) found
	if o.Interval.drawn() {
		rounds = t.rounds(m, t.resampler(c, battles, o.Interval), o.Seed)
	}
	return o.spread(m.curve.inverse(), m.curve.n, rounds, func(clustered bool) ([]float64, int) {
		if clustered {
			return t.clusterScatter(m.x, battles)
		}
		return t.scatter(m.x), 0
	})
}

// spread is the covariance that options ask for: by rounds of a bootstrap, or trusted.
func (o Options) spread(bread []float64, n int, rounds func() func(int) found, scatter func(clustered bool) ([]float64, int)) variance {
	if !o.Interval.drawn() {
		return trusted(o.Interval, bread, n, scatter)
	}
	if v, ok := bootstrap(n, cmp.Or(o.Rounds, usualRounds), rounds); ok && credible(v.v, bread, n) {
		if v.rests = o.Interval; v.rests == Bootstrap {
			v.alone = trusted(Sandwich, bread, n, scatter).v
		}
		return v
	}
	return trusted(o.Interval.instead(), bread, n, scatter)
}

// instead trusts what a bootstrap does that cannot be had.
func (iv Interval) instead() Interval {
	if iv == Bootstrap {
		return Clustered
	}
	return Sandwich
}

// trusted is the covariance that rests on want. Where all residuals vanish, such as among nothing but ties, or in a single
// cluster, it would claim certainty: then the next one of Clustered, Sandwich and ModelBased that does not is taken. bread is
// the model-based covariance of n strengths, and of covariates behind them; scatter is the residuals' and the number of clusters.
func trusted(want Interval, bread []float64, n int, scatter func(clustered bool) ([]float64, int)) (out variance) {
	for out.rests = want; out.rests < ModelBased; out.rests++ {
		meat, clusters := scatter(out.rests == Clustered)
		if out.rests == Clustered {
			out.clusters = clusters
		}
		if out.v = sandwich(bread, meat); credible(out.v, bread, n) {
			if out.rests == Clustered {
				out.alone = trusted(Sandwich, bread, n, scatter).v
			}
			return out
		}
	}
	out.rests, out.v = ModelBased, bread
	return out
}

// credible reports whether none of the first n variances is nothing beside what the model expects.
func credible(v, bread []float64, n int) bool {
	const nothing = 1e-9
	size := side(v)
	for i := range n {
		if !(v[i*size+i] > nothing*bread[i*size+i]) {
			return false
		}
	}
	return true
}

// side is n of an n×n matrix.
func side(v []float64) int { return int(math.Round(math.Sqrt(float64(len(v))))) }

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

// sandwich returns bread · meat · bread for symmetric matrices.
func sandwich(bread, meat []float64) []float64 {
	n := side(bread)
	return product(product(bread, meat, n), bread, n)
}

// product is a·b, n×n; four rows of b at a time, which spares most of the walks over the result.
func product(a, b []float64, n int) []float64 {
	c := make([]float64, n*n)
	for i := range n {
		row, from := c[i*n:(i+1)*n], a[i*n:(i+1)*n]
		k := 0
		for ; k+4 <= n; k += 4 {
			f0, f1, f2, f3 := from[k], from[k+1], from[k+2], from[k+3]
			b0, b1, b2, b3 := b[k*n:(k+1)*n], b[(k+1)*n:(k+2)*n], b[(k+2)*n:(k+3)*n], b[(k+3)*n:(k+4)*n]
			for j := range row {
				row[j] += f0*b0[j] + f1*b1[j] + f2*b2[j] + f3*b3[j]
			}
		}
		for ; k < n; k++ {
			f := from[k]
			for j, x := range b[k*n : (k+1)*n] {
				row[j] += f * x
			}
		}
	}
	return c
}
