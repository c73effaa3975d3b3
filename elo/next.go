package elo

import (
	"math/rand/v2"
)

// Of all battles chosen, this part is drawn evenly from all pairs: a rating that went wrong early is so found out.
const even = 0.1

// Next chooses the pairs of the next n battles, those that tell most about the open comparisons; fewer where there is no
// more room. room is how many more battles two contestants can have, a < b. The choice is the same for the same fit,
// room and seed.
//
// A battle of k and l lowers the variance of the difference of i and j, in natural units, by
//
//	h (u_k - u_l)² / (1 + h Var(k-l)),   u = V (e_i - e_j),   h = p (1-p)
//
// with V the inverse of the information. The weight of a pair is the sum of that over Var(i-j), over all open (i, j).
// Each time the pair of the greatest weight is taken, and V put right as if its battle had been fought, so that a batch
// spreads by itself. Drawing in proportion to weights that stay, as is said of this rule elsewhere, needs 40 % more
// battles.
func (f *Fit) Next(open []Comparison, n int, room func(a, b int) int, seed uint64) [][2]int {
	d := f.newDesign(open, room)
	dice := rand.New(rand.NewPCG(seed, uint64(f.battles())))
	var chosen [][2]int
	for len(chosen) < n && len(d.options) > 0 {
		k := dice.IntN(len(d.options))
		if dice.Float64() >= even {
			k = d.best(k)
		}
		chosen = append(chosen, [2]int{d.options[k].a, d.options[k].b})
		d.take(k)
	}
	return chosen
}

// option is a pair that may battle.
type option struct {
	a, b int
	i, j int     // places; -1: without battles
	h    float64 // information of one battle
	room int
}

// design is what is known, and what could be asked.
type design struct {
	n       int
	v       []float64 // covariance of strengths, n×n
	w       []float64 // v·m·v, where m is the sum over open comparisons of (e_i-e_j)(e_i-e_j)ᵀ / Var(i-j)
	options []option  // with room
	u, y    []float64
}

func (f *Fit) newDesign(open []Comparison, room func(a, b int) int) *design {
	t := f.strengths()
	n := len(t)
	d := &design{n: n, u: make([]float64, n), y: make([]float64, n)}
	if n > 0 {
		d.v = f.expected(t)
		d.w = product(product(d.v, f.wanting(d.v, open), n), d.v, n)
	}
	for a := range f.Contestants {
		for b := a + 1; b < len(f.Contestants); b++ {
			o := option{a: a, b: b, i: int(f.table.place[a]), j: int(f.table.place[b]), room: room(a, b)}
			if o.room <= 0 {
				continue
			}
			if o.i >= 0 && o.j >= 0 {
				p, q := chances(t[o.i] - t[o.j])
				o.h = p * q
			}
			d.options = append(d.options, o)
		}
	}
	return d
}

// wanting is m of a design.
func (f *Fit) wanting(v []float64, open []Comparison) []float64 {
	n := len(f.table.active)
	m := make([]float64, n*n)
	for _, c := range open {
		i, j := int(f.table.place[c.Better]), int(f.table.place[c.Worse])
		x := 1 / between(v, n, i, j)
		m[i*n+i] += x
		m[j*n+j] += x
		m[i*n+j] -= x
		m[j*n+i] -= x
	}
	return m
}

// weight is that of an option.
func (d *design) weight(o option) float64 {
	if o.h == 0 {
		return 0
	}
	return o.h * between(d.w, d.n, o.i, o.j) / (1 + o.h*between(d.v, d.n, o.i, o.j))
}

// best is the option of the greatest weight; otherwise, where none has any, that one.
func (d *design) best(otherwise int) int {
	at, top := otherwise, 0.0
	for k, o := range d.options {
		if w := d.weight(o); w > top {
			at, top = k, w
		}
	}
	return at
}

// take makes v and w what they would be after a battle of option k, in n² steps: with u = v·(e_i-e_j), y = w·(e_i-e_j)
// and c = h / (1 + h Var(i-j)), v loses c·u·uᵀ and w loses c·(u·yᵀ + y·uᵀ) - c²·(y_i-y_j)·u·uᵀ.
func (d *design) take(k int) {
	o := &d.options[k]
	if o.h > 0 {
		d.learn(*o)
	}
	if o.room--; o.room == 0 {
		d.options = append(d.options[:k], d.options[k+1:]...)
	}
}

func (d *design) learn(o option) {
	n := d.n
	c := o.h / (1 + o.h*between(d.v, n, o.i, o.j))
	for x := range n {
		d.u[x] = d.v[x*n+o.i] - d.v[x*n+o.j]
		d.y[x] = d.w[x*n+o.i] - d.w[x*n+o.j]
	}
	e := c * c * (d.y[o.i] - d.y[o.j])
	for x := range n {
		for z := range n {
			d.v[x*n+z] -= c * d.u[x] * d.u[z]
			d.w[x*n+z] += e*d.u[x]*d.u[z] - c*(d.u[x]*d.y[z]+d.y[x]*d.u[z])
		}
	}
}
