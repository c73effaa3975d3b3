package elo

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"
)

// random draws battles with wins, ties and losses between n contestants, in ascending order of clusters.
func random(r *rand.Rand, n, count, clusters int) []Battle {
	battles := make([]Battle, count)
	for k := range battles {
		a := r.IntN(n)
		b := (a + 1 + r.IntN(n-1)) % n
		p, _ := chances(float64(b-a) / float64(n))
		score := 0.0
		switch u := r.Float64(); {
		case u < 0.15:
			score = 0.5
		case u < 0.15+0.85*p:
			score = 1
		}
		battles[k] = Battle{A: int32(a), B: int32(b), Cluster: int32(k * clusters / count), Score: score, Weight: 1}
	}
	return battles
}

// scatterByDefinition sums u·uᵀ over clusters the slow way.
func scatterByDefinition(battles []Battle, n int, strengths []float64) []float64 {
	gains := map[int32][]float64{}
	for _, b := range battles {
		u := gains[b.Cluster]
		if u == nil {
			u = make([]float64, n)
			gains[b.Cluster] = u
		}
		p := 1 / (1 + math.Exp(strengths[b.B]-strengths[b.A]))
		u[b.A] += b.Weight * (b.Score - p)
		u[b.B] -= b.Weight * (b.Score - p)
	}
	meat := make([]float64, n*n)
	for _, u := range gains {
		for i := range n {
			for j := range n {
				meat[i*n+j] += u[i] * u[j]
			}
		}
	}
	return meat
}

func TestScatterByDefinition(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	const n = 6
	battles := random(r, n, 500, 40)
	strengths := make([]float64, n)
	for i := range strengths {
		strengths[i] = r.NormFloat64()
	}
	for k := range battles { // soft scores and weights too
		if k%3 == 0 {
			battles[k].Score, battles[k].Weight = r.Float64(), 0.5+r.Float64()
		}
	}
	for _, order := range []string{"ascending", "shuffled"} {
		if order == "shuffled" {
			r.Shuffle(len(battles), func(i, j int) { battles[i], battles[j] = battles[j], battles[i] })
		}
		table := fold(t, n, battles)
		got, clusters := table.clusterScatter(strengths, battles)
		if clusters != 40 {
			t.Errorf("%s: %d clusters; want 40", order, clusters)
		}
		compare(t, order+", clustered", got, scatterByDefinition(battles, n, strengths))
		single := slices.Clone(battles) // each battle a cluster of its own
		for k := range single {
			single[k].Cluster = int32(k)
		}
		compare(t, order+", single", table.scatter(strengths), scatterByDefinition(single, n, strengths))
	}
}

// fold is the table of battles that can all be counted.
func fold(t *testing.T, n int, battles []Battle) *table {
	t.Helper()
	var c Counts
	if err := c.Grow(n); err != nil {
		t.Fatal(err)
	}
	for _, b := range battles {
		if err := c.Add(b); err != nil {
			t.Fatal(err)
		}
	}
	return c.table()
}

func compare(t *testing.T, what string, got, want []float64) {
	t.Helper()
	for k := range want {
		if math.Abs(got[k]-want[k]) > 1e-9 {
			t.Errorf("%s: entry %d = %v; want %v", what, k, got[k], want[k])
		}
	}
}

// Many battles are summed up in parts, on all cores; that says the same as one sum.
func TestPartsAreTheWhole(t *testing.T) {
	r := rand.New(rand.NewPCG(14, 15))
	battles, longer, slot := random(r, 4, 600, 90), make([]float64, 600), make([]float64, 600)
	for i := range longer {
		longer[i], slot[i] = r.NormFloat64()/2, float64(2*r.IntN(2)-1)
	}
	r.Shuffle(len(battles), func(i, j int) { battles[i], battles[j] = battles[j], battles[i] })
	for _, o := range []Options{{}, {Covariates: [][]float64{longer, slot}}, {Covariates: [][]float64{longer, slot}, Interval: Sandwich}} {
		f := mustFit(t, 4, battles, o)
		before := leastPart
		leastPart = 100
		g := mustFit(t, 4, battles, o)
		n := parts(len(battles), 36)
		leastPart = before
		if n != 6 || parts(len(battles), 36) != 1 {
			t.Fatalf("%d parts: the test shows nothing", n)
		}
		if g.Clusters != f.Clusters {
			t.Errorf("%d clusters in parts; want %d", g.Clusters, f.Clusters)
		}
		for i, c := range f.Contestants {
			if d := g.Contestants[i]; math.Abs(c.Rating-d.Rating) > 1e-8 || math.Abs(c.Upper-d.Upper) > 1e-8 {
				t.Errorf("contestant %d: %+v; in parts %+v", i, c, d)
			}
		}
		for k, e := range f.Effects {
			if d := g.Effects[k]; !d.Known || math.Abs(e.Coefficient-d.Coefficient) > 1e-10 || math.Abs(e.SE-d.SE) > 1e-10 {
				t.Errorf("effect %+v; in parts %+v", e, d)
			}
		}
	}
}
