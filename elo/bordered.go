package elo

import "slices"

// bordered is the negated second derivative of a joint likelihood: the block of the strengths, what borders it, and the block
// of k covariates.
type bordered struct {
	h      *laplacian
	k      int
	cross  [][]float64 // by covariate, then by contestant
	square []float64   // k×k, lower triangle

	// After factor:
	z     [][]float64 // h⁻¹ cross
	inner []float64   // inverse of the Schur complement of h, k×k; a row of 0 where a covariate tells nothing
	known []bool      // by covariate
}

func newBordered(n, k int) *bordered {
	c := &bordered{h: newLaplacian(n), k: k, square: make([]float64, k*k)}
	for range k {
		c.cross, c.z = append(c.cross, make([]float64, n)), append(c.z, make([]float64, n))
	}
	return c
}

// reset makes it the zero matrix.
func (c *bordered) reset() {
	c.h.reset()
	clear(c.square)
	for _, cross := range c.cross {
		clear(cross)
	}
}

// plus adds d, before either is factored.
func (c *bordered) plus(d *bordered) {
	plus(c.h.w, d.h.w)
	plus(c.square, d.square)
	for m, cross := range c.cross {
		plus(cross, d.cross[m])
	}
}

// factor finds what the covariates tell beside the strengths; false: a connection of strengths vanished in rounding.
func (c *bordered) factor() bool {
	if !c.h.factor() {
		return false
	}
	schur := slices.Clone(c.square)
	for m, z := range c.z {
		copy(z, c.cross[m])
		c.h.solve(z)
		for l := range m + 1 {
			schur[m*c.k+l] -= dot(z, c.cross[l])
			schur[l*c.k+m] = schur[m*c.k+l]
		}
	}
	c.inner, c.known = invert(schur, c.square, c.k)
	return true
}

// invert is the inverse of a symmetric matrix by elimination. Rows of which nothing is left, beside what they were, are
// taken out: they are 0 in the inverse, and not known.
func invert(a, were []float64, k int) (inverse []float64, known []bool) {
	const nothing = 1e-9
	inverse, known = make([]float64, k*k), make([]bool, k)
	for i := range k {
		inverse[i*k+i] = 1
	}
	for i := range k {
		pivot := a[i*k+i]
		if !(pivot > nothing*were[i*k+i]) {
			continue
		}
		known[i] = true
		for l := range k {
			a[i*k+l] /= pivot
			inverse[i*k+l] /= pivot
		}
		for m := range k {
			f := a[m*k+i]
			if m == i || f == 0 {
				continue
			}
			for l := range k {
				a[m*k+l] -= f * a[i*k+l]
				inverse[m*k+l] -= f * inverse[i*k+l]
			}
		}
	}
	for i := range k {
		for l := range k {
			if !known[i] || !known[l] {
				inverse[i*k+l] = 0
			}
		}
	}
	return inverse, known
}

// solve replaces b: strengths, then covariates.
func (c *bordered) solve(b []float64) {
	n := c.h.n
	t, beta, rest := b[:n], b[n:], make([]float64, c.k)
	for m, z := range c.z {
		rest[m] = beta[m] - dot(z, t)
	}
	c.h.solve(t)
	for m, z := range c.z {
		beta[m] = dot(c.inner[m*c.k:(m+1)*c.k], rest)
		for i := range t {
			t[i] -= beta[m] * z[i]
		}
	}
}

// inverse is that of the whole, (n+k)×(n+k), on strengths of mean 0.
func (c *bordered) inverse() []float64 {
	n, size := c.h.n, c.h.n+c.k
	tt, all, z := c.h.inverse(), make([]float64, size*size), make([][]float64, c.k)
	for m := range z {
		z[m] = slices.Clone(c.z[m])
		centred(z[m])
	}
	for i := range n {
		copy(all[i*size:], tt[i*n:(i+1)*n])
	}
	for m := range c.k {
		for l := range c.k {
			inner := c.inner[m*c.k+l]
			all[(n+m)*size+n+l] = inner
			for i := range n {
				all[i*size+n+l] -= z[m][i] * inner
				all[(n+l)*size+i] = all[i*size+n+l]
				for y := range n {
					all[i*size+y] += z[m][i] * inner * z[l][y]
				}
			}
		}
	}
	return all
}
