package elo

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"
)

// series are the battles of a pair: so many won, tied and lost by a.
func series(a, b int32, won, tied, lost int) (all []Battle) {
	for k, score := range [...]float64{1, 0.5, 0} {
		for range [...]int{won, tied, lost}[k] {
			all = append(all, Battle{A: a, B: b, Cluster: int32(len(all)), Score: score, Weight: 1})
		}
	}
	return all
}

func TestBadGoalsAreRefused(t *testing.T) {
	f := mustFit(t, 2, series(0, 1, 3, 1, 2), Options{})
	for _, g := range []Goal{
		{Top: -1, Confidence: 0.95},
		{Confidence: 0}, {Confidence: 1}, {Confidence: math.NaN()},
		{Confidence: 0.95, Indifference: -1}, {Confidence: 0.95, Indifference: math.NaN()}, {Confidence: 0.95, Indifference: math.Inf(1)},
	} {
		if _, err := f.Open(g); err == nil {
			t.Errorf("Open(%+v) = nil error; want one", g)
		}
	}
}

func TestQuantile(t *testing.T) {
	for _, c := range []struct {
		what       string
		g          Goal
		n, battles int
		p          float64 // that is left on the other side of z
	}{
		{"one comparison, first look", Goal{Confidence: 0.95}, 2, 1, 0.05},
		{"battles that doubled twice: three looks", Goal{Confidence: 0.95}, 2, 4, 0.05 / 3},
		{"six comparisons", Goal{Confidence: 0.9}, 4, 6, 0.1 / 6},
		{"the leader against three", Goal{Top: 1, Confidence: 0.95}, 4, 6, 0.05 / 3},
		{"two against two", Goal{Top: 2, Confidence: 0.95}, 4, 12, 0.05 / 8},
		{"everybody is among the top", Goal{Top: 4, Confidence: 0.95}, 4, 6, 0.05},
	} {
		z := c.g.quantile(c.n, c.battles)
		if p := math.Erfc(z/math.Sqrt2) / 2; math.Abs(p-c.p) > 1e-12 {
			t.Errorf("%s: z = %g leaves %g; want %g", c.what, z, p, c.p)
		}
	}
}

func TestOpen(t *testing.T) {
	var clear, near []Battle // 0 beats 1 beats 2; and three that are equal
	for _, p := range [][2]int32{{0, 1}, {1, 2}, {0, 2}} {
		clear = append(clear, series(p[0], p[1], 180, 0, 20)...)
		near = append(near, series(p[0], p[1], 100, 0, 100)...)
	}
	for _, c := range []struct {
		what string
		n    int
		b    []Battle
		g    Goal
		want int
	}{
		{"nobody met", 3, nil, Goal{Confidence: 0.95}, 0},
		{"all far apart", 3, clear, Goal{Confidence: 0.95}, 0},
		{"one has no battles", 4, clear, Goal{Confidence: 0.95}, 0},
		{"a single lucky battle", 2, series(0, 1, 1, 0, 0), Goal{Confidence: 0.95, Indifference: 60}, 1},
		{"equal ones and no indifference", 3, near, Goal{Confidence: 0.95}, 3},
		{"equal ones that may stand as they like", 3, near, Goal{Confidence: 0.95, Indifference: 80}, 0},
		{"the leader among equal ones", 3, near, Goal{Top: 1, Confidence: 0.95}, 2},
		{"the best two of three", 3, near, Goal{Top: 2, Confidence: 0.95}, 2},
		{"the best of all are all", 3, near, Goal{Top: 3, Confidence: 0.95}, 0},
		{"the best three, of whom two have battles", 5, series(0, 1, 5, 0, 5), Goal{Top: 3, Confidence: 0.95}, 0},
		{"two groups that never met", 4, append(series(0, 1, 180, 0, 20), series(2, 3, 180, 0, 20)...), Goal{Confidence: 0.95}, 4},
	} {
		open, err := mustFit(t, c.n, c.b, Options{}).Open(c.g)
		if err != nil || len(open) != c.want {
			t.Errorf("%s: Open(%+v) = %v, %v; want %d comparisons", c.what, c.g, open, err, c.want)
		}
		for _, x := range open {
			if !(x.SE > 0) || !(x.Points >= 0) || x.Better == x.Worse {
				t.Errorf("%s: open is %+v; want a better and a worse one, and an error", c.what, x)
			}
		}
	}
}

// With fewer prompts than contestants clusters leave directions in which nothing varies.
func TestFewPromptsSettleNothing(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 1))
	var battles []Battle
	for a := range int32(8) {
		for b := a + 1; b < 8; b++ {
			for prompt := range int32(2) {
				battles = append(battles, Battle{A: a, B: b, Cluster: prompt, Score: float64(r.IntN(3)) / 2, Weight: 1})
			}
		}
	}
	f := mustFit(t, 8, battles, Options{Interval: Clustered})
	alone := mustFit(t, 8, battles, Options{Interval: Sandwich})
	if f.Interval != Clustered {
		t.Fatalf("the fit is %v; want clustered, or this tests nothing", f.Interval)
	}
	less := 0
	for _, g := range []Goal{{Confidence: 0.95}, {Confidence: 0.6, Indifference: 1}} {
		open, err := f.Open(g)
		if err != nil {
			t.Fatal(err)
		}
		for _, c := range open {
			clustered := math.Sqrt(max(0, between(f.cov, 8, c.Better, c.Worse)))
			_, independent, _ := alone.Difference(c.Better, c.Worse)
			if clustered < independent/2 {
				less++
			}
			if c.SE < max(clustered, independent)*(1-1e-9) {
				t.Errorf("%d against %d: standard error %g; want at least %g and %g, those of clusters and of independent battles", c.Better, c.Worse, c.SE, clustered, independent)
			}
		}
		if len(open) < 20 {
			t.Errorf("%+v: %d comparisons are open after two prompts; want nearly all 28", g, len(open))
		}
	}
	if less == 0 {
		t.Error("clusters make nothing look certain; this tests nothing")
	}
}

func TestNeeded(t *testing.T) {
	pairs := append(series(0, 1, 12, 0, 9), append(series(1, 2, 30, 0, 12), series(0, 2, 30, 0, 10)...)...)
	f := mustFit(t, 4, pairs, Options{Interval: ModelBased})
	n, ok := f.Needed(0, 1)
	if !ok || n < 10 || n > 1000 {
		t.Fatalf("Needed(0, 1) = %d, %v; want some", n, ok)
	}
	if back, _ := f.Needed(1, 0); back != n {
		t.Errorf("Needed(1, 0) = %d; want %d as the other way round", back, n)
	}
	if n, ok := f.Needed(0, 2); n != 0 || !ok {
		t.Errorf("Needed(0, 2) = %d, %v; want 0: they are far apart", n, ok)
	}
	for _, p := range [][2]int{{0, 0}, {0, 3}} {
		if n, ok := f.Needed(p[0], p[1]); ok {
			t.Errorf("Needed(%v) = %d; want no telling", p, n)
		}
	}
	// So many battles that go as the ratings expect separate them; a tenth fewer do not.
	points, _, _ := f.Difference(0, 1)
	p, q := chances(points / scale)
	for _, c := range []struct {
		part float64
		want bool
	}{{1.02, true}, {0.9, false}} {
		w := c.part * float64(n)
		more := append(slices.Clone(pairs), Battle{A: 0, B: 1, Score: 1, Weight: w * p}, Battle{A: 0, B: 1, Score: 0, Weight: w * q})
		points, se, _ := mustFit(t, 4, more, Options{Interval: ModelBased}).Difference(0, 1)
		if got := points > z95*se; got != c.want {
			t.Errorf("after %g × %d more battles they are apart: %v; want %v", c.part, n, got, c.want)
		}
	}
}
