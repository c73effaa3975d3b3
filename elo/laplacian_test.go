package elo

import (
	"math"
	"math/rand/v2"
	"testing"
)

// dense writes m out, before it is factored.
func dense(m *laplacian) []float64 {
	full := make([]float64, m.n*m.n)
	for i := range m.n {
		full[i*m.n+i] += m.excess[i]
		for j := i + 1; j < m.n; j++ {
			w := m.w[i*m.n+j]
			full[i*m.n+i] += w
			full[j*m.n+j] += w
			full[i*m.n+j] -= w
			full[j*m.n+i] -= w
		}
	}
	return full
}

// On vectors of mean 0 the inverse undoes the matrix: P·M·X·M·P = P·M·P without excess.
func TestInverseUndoesTheMatrix(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 4))
	for n := 2; n < 9; n++ {
		m := newLaplacian(n)
		for i := range n {
			for j := i + 1; j < n; j++ {
				m.connect(int32(i), int32(j), r.Float64())
			}
		}
		full := dense(m)
		if !m.factor() {
			t.Fatalf("n = %d: not connected", n)
		}
		compare(t, "M·X·M", product(product(full, m.inverse(), n), full, n), full)
	}
}

func TestSolveWithExcess(t *testing.T) {
	m := newLaplacian(3)
	m.connect(0, 1, 2)
	m.connect(1, 2, 3)
	copy(m.excess, []float64{1, 0, 4})
	full := dense(m)
	x := []float64{1, -2, 3}
	b := product(full, []float64{1, 0, 0, -2, 0, 0, 3, 0, 0}, 3)
	rhs := []float64{b[0], b[3], b[6]}
	if !m.factor() {
		t.Fatal("not connected")
	}
	m.solve(rhs)
	compare(t, "solution", rhs, x)
}

// Two pairs tied 10⁻⁶⁰ times as strongly to each other as inside: the answer is known, the usual Cholesky has no digit.
func TestLooseConnectionKeepsItsDigits(t *testing.T) {
	const loose = 1e-60
	m := newLaplacian(4)
	m.connect(0, 1, 1)
	m.connect(1, 2, loose)
	m.connect(2, 3, 1)
	if !m.factor() {
		t.Fatal("not connected")
	}
	b := []float64{loose, 0, 0, -loose}
	m.solve(b)
	if d := b[1] - b[2]; math.Abs(d-1) > 1e-12 {
		t.Errorf("difference across the loose connection = %v; want 1", d)
	}
}

func TestFactorReportsWhatVanished(t *testing.T) {
	m := newLaplacian(3)
	m.connect(1, 2, 1)
	if m.factor() {
		t.Error("factor() = true for a node that hangs together with nothing; want false")
	}
}
