package elo

// laplacian is a symmetric matrix with non-positive entries beside the diagonal, kept as what connects the nodes: the
// entry for i and j is -w, the diagonal is the row's sum of w plus the excess of i. Hessians of the likelihood are so.
//
// Elimination in this form only ever adds, multiplies and divides positive numbers. There is no cancellation, and hence
// no bad pivot however loosely two groups of contestants are connected; a textbook Cholesky fails there.
type laplacian struct {
	n      int
	w      []float64 // n×n, above the diagonal; after factor: the multipliers
	excess []float64
	pivot  []float64 // after factor; 0 only for the last, and only without any excess: the matrix is then singular along (1..1)
}

func newLaplacian(n int) *laplacian {
	return &laplacian{n: n, w: make([]float64, n*n), excess: make([]float64, n), pivot: make([]float64, n)}
}

// reset makes it the zero matrix.
func (m *laplacian) reset() {
	clear(m.w)
	clear(m.excess)
}

// connect adds w to the connection of i and j, i < j.
func (m *laplacian) connect(i, j int32, w float64) { m.w[int(i)*m.n+int(j)] += w }

// vanished is a connection so weak that variances computed from it could overflow: some 40,000 points apart.
const vanished = 1e-100

// factor replaces the matrix by its factors in n³/6 steps. It reports whether every node hangs together with a later one
// or has an excess; if not, probabilities were so close to 0 or 1 that a connection vanished in rounding.
func (m *laplacian) factor() bool {
	for k := range m.n {
		row := m.w[k*m.n : (k+1)*m.n]
		d := m.excess[k]
		for _, w := range row[k+1:] {
			d += w
		}
		m.pivot[k] = d
		if k == m.n-1 {
			return d == 0 || d >= vanished
		}
		if d < vanished {
			return false
		}
		for i := k + 1; i < m.n; i++ {
			if row[i] == 0 {
				continue
			}
			f := row[i] / d
			target := m.w[i*m.n : (i+1)*m.n]
			for j := i + 1; j < m.n; j++ {
				target[j] += f * row[j]
			}
			m.excess[i] += f * m.excess[k]
		}
		for i := k + 1; i < m.n; i++ {
			row[i] /= d
		}
	}
	return true
}

// solve replaces b by the solution of the factored system, the last entry taken as 0 where the matrix is singular. Then b
// has to sum to 0.
func (m *laplacian) solve(b []float64) { m.solveFrom(b, 0) }

// solveFrom is solve where the entries of b before from are 0.
func (m *laplacian) solveFrom(b []float64, from int) {
	for k := from; k < m.n; k++ {
		row := m.w[k*m.n : (k+1)*m.n]
		for i := k + 1; i < m.n; i++ {
			b[i] += row[i] * b[k]
		}
	}
	for k := m.n - 1; k >= 0; k-- {
		if m.pivot[k] == 0 {
			b[k] = 0
			continue
		}
		row := m.w[k*m.n : (k+1)*m.n]
		x := b[k] / m.pivot[k]
		for i := k + 1; i < m.n; i++ {
			x += row[i] * b[i]
		}
		b[k] = x
	}
}

// inverse returns the inverse of the factored matrix on vectors of mean 0, n×n: the pseudo-inverse where it is singular.
func (m *laplacian) inverse() []float64 {
	inv := make([]float64, m.n*m.n)
	for c := range m.n {
		row := inv[c*m.n : (c+1)*m.n]
		row[c] = 1
		m.solveFrom(row, c)
	}
	centre(inv, m.n)
	return inv
}

// centre takes the mean of its row and of its column from each entry of a symmetric n×n matrix.
func centre(v []float64, n int) {
	means, all := make([]float64, n), 0.0
	for i := range n {
		for _, x := range v[i*n : (i+1)*n] {
			means[i] += x
		}
		means[i] /= float64(n)
		all += means[i]
	}
	all /= float64(n)
	for i := range n {
		for j := range n {
			v[i*n+j] -= means[i] + means[j] - all
		}
	}
}
