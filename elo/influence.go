package elo

// influence is how far each cluster moves the ratings: H⁻¹u, where u is what the cluster adds to the gradient and H the
// curvature. Fitted without the cluster the ratings would be about that much lower; the clustered covariance of a fit is the
// sum of its outer products. So it is what two fits that share clusters have in common.
//
// Influence functions are from Hampel (1974); that sums over clusters make a sandwich from Liang & Zeger (1986).
type influence struct {
	clusters []int32     // ascending
	moves    [][]float64 // by cluster, then by place in table.active: points about their mean
}

// influences walks battles at the maximum x, strengths and what covariates do behind them. bread is the inverse of the
// curvature there.
func (t *table) influences(battles []Battle, covariates [][]float64, x, bread []float64) *influence {
	n, size := len(t.active), side(bread)
	all, u, in := &influence{}, make([]float64, size), newMarks(size)
	var here []int32
	end := func() {
		here = in.take(here[:0])
		moved := make([]float64, n)
		for _, i := range here {
			row := bread[int(i)*size:][:n]
			for k, b := range row {
				moved[k] += scale * u[i] * b
			}
			u[i] = 0
		}
		all.moves = append(all.moves, moved)
	}
	add := func(i int32, surplus float64) {
		in.add(i)
		u[i] += surplus
	}
	for k, starts := range byCluster(battles).all() {
		b := &battles[k]
		if starts {
			if len(all.clusters) > 0 {
				end()
			}
			all.clusters = append(all.clusters, b.Cluster)
		}
		i, j := t.place[b.A], t.place[b.B]
		d := x[i] - x[j]
		for c, of := range covariates {
			d += x[n+c] * of[k]
		}
		surplus := b.Weight * b.surplus(chances(d))
		add(i, surplus)
		add(j, -surplus)
		for c, of := range covariates {
			add(int32(n+c), surplus*of[k])
		}
	}
	if len(all.clusters) > 0 {
		end()
	}
	return all
}
