package elo

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"
)

// roomy is room for any number of battles.
func roomy(int, int) int { return 1000 }

// weightByDefinition is the formula of Next, term by term.
func weightByDefinition(v []float64, n int, open []Comparison, h float64, k, l int) float64 {
	at := func(i, j int) float64 { return v[i*n+j] }
	sum := 0.0
	for _, c := range open {
		i, j := c.Better, c.Worse
		u := func(x int) float64 { return at(x, i) - at(x, j) }
		of, kl := at(i, i)+at(j, j)-2*at(i, j), at(k, k)+at(l, l)-2*at(k, l)
		sum += h * (u(k) - u(l)) * (u(k) - u(l)) / (1 + h*kl) / of
	}
	return sum
}

func TestWeightsByDefinition(t *testing.T) {
	const n = 7
	f := mustFit(t, n, random(rand.New(rand.NewPCG(3, 3)), n, 300, 40), Options{})
	open, err := f.Open(Goal{Confidence: 0.95})
	if err != nil || len(open) < 3 {
		t.Fatalf("Open() = %v, %v; want some", open, err)
	}
	d := f.newDesign(open, roomy)
	for _, o := range d.options {
		want := weightByDefinition(d.v, n, open, o.h, o.i, o.j)
		if got := d.weight(o); math.Abs(got-want) > 1e-12*(1+want) {
			t.Errorf("weight of %d against %d = %g; want %g", o.a, o.b, got, want)
		}
	}
}

// What take makes of v and w is what one more battle makes of the information.
func TestTakeLearns(t *testing.T) {
	const n = 6
	battles := random(rand.New(rand.NewPCG(4, 4)), n, 200, 40)
	f := mustFit(t, n, battles, Options{})
	open, _ := f.Open(Goal{Confidence: 0.95})
	d := f.newDesign(open, roomy)
	m := f.wanting(d.v, open)
	l := &likelihood{n: n, pairs: f.table.pairs}
	l.bend(f.strengths(), make([]float64, n))
	h := l.h
	for _, k := range []int{0, 3, 3, 14} {
		o := d.options[k]
		d.take(k)
		h.connect(int32(o.i), int32(o.j), o.h)
	}
	h.factor()
	v := h.inverse()
	compare(t, "covariance", d.v, v)
	compare(t, "weights", d.w, product(product(v, m, n), v, n))
}

func TestNext(t *testing.T) {
	even := append(series(0, 1, 20, 0, 20), append(series(1, 2, 39, 0, 1), series(2, 3, 20, 0, 20)...)...)
	f := mustFit(t, 4, even, Options{})
	top := []Comparison{{Better: 0, Worse: 1, Points: 1, SE: 60}}
	counts := func(chosen [][2]int) map[[2]int]int {
		n := map[[2]int]int{}
		for _, p := range chosen {
			n[p]++
		}
		return n
	}
	chosen := f.Next(top, 200, roomy, 1)
	if n := counts(chosen)[[2]int{0, 1}]; len(chosen) != 200 || n < 150 {
		t.Errorf("with 0 against 1 open, %d of %d battles are theirs; want most of 200", n, len(chosen))
	}
	if !slices.Equal(chosen, f.Next(top, 200, roomy, 1)) || slices.Equal(chosen, f.Next(top, 200, roomy, 2)) {
		t.Error("the same seed chooses differently, or another one does not")
	}
	for p, n := range counts(f.Next(nil, 600, roomy, 1)) {
		if n < 60 || n > 140 {
			t.Errorf("with nothing open %v is drawn %d times of 600; want about 100", p, n)
		}
	}
	few := func(a, b int) int { return a + b - 1 } // 0 for the first pair, then 1, 2, 2, 3, 4
	got := counts(f.Next(top, 1000, few, 1))
	for a := range 4 {
		for b := a + 1; b < 4; b++ {
			if n := got[[2]int{a, b}]; n != few(a, b) {
				t.Errorf("%d against %d is chosen %d times; want all of its %d", a, b, n, few(a, b))
			}
		}
	}
}

// Who has no battles yet, and groups that never met, are drawn too.
func TestNextReachesEverybody(t *testing.T) {
	for what, f := range map[string]*Fit{
		"nobody has battles":  mustFit(t, 3, nil, Options{}),
		"one has no battles":  mustFit(t, 3, series(0, 1, 9, 0, 1), Options{}),
		"two separate groups": mustFit(t, 4, append(series(0, 1, 9, 0, 1), series(2, 3, 9, 0, 1)...), Options{}),
	} {
		open, err := f.Open(Goal{Confidence: 0.95})
		if err != nil {
			t.Fatal(err)
		}
		met := map[int]bool{}
		for _, p := range f.Next(open, 300, roomy, 1) {
			met[p[0]], met[p[1]] = true, true
		}
		if len(met) != len(f.Contestants) {
			t.Errorf("%s: %v are drawn; want all %d", what, met, len(f.Contestants))
		}
	}
}

func BenchmarkNext(b *testing.B) {
	f := mustFit(b, 100, random(rand.New(rand.NewPCG(15, 16)), 100, 100_000, 1000), Options{})
	open, err := f.Open(Goal{Confidence: 0.95, Indifference: 60})
	if err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		f.Next(open, 128, roomy, 1)
	}
}
