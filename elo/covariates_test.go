package elo

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"
)

// standardised takes the mean off and divides by the standard deviation.
func standardised(x []float64) []float64 {
	mean, squares := 0.0, 0.0
	for _, v := range x {
		mean += v / float64(len(x))
	}
	for _, v := range x {
		squares += (v - mean) * (v - mean) / float64(len(x))
	}
	z := slices.Clone(x)
	for i := range z {
		z[i] = (x[i] - mean) / math.Sqrt(squares)
	}
	return z
}

func TestLengthAgainstPublished(t *testing.T) {
	for _, name := range []string{"llmfao_gpt4", "llmfao_crowd"} {
		set := published(t)[name]
		want := set.Methods["bt_exact_length"]
		f := mustFit(t, len(set.names), set.battles, Options{Interval: Sandwich, Covariates: [][]float64{standardised(set.longer)}})
		near(t, name+": rating", set.dataset, func(i int) float64 { return f.Contestants[i].Rating }, want.Ratings, tolerance)
		near(t, name+": lower bound", set.dataset, func(i int) float64 { return f.Contestants[i].Lower }, want.Lower, tolerance)
		near(t, name+": upper bound", set.dataset, func(i int) float64 { return f.Contestants[i].Upper }, want.Upper, tolerance)
		if e := f.Effects[0]; !e.Known || math.Abs(e.Coefficient-want.Coefficient) > 1e-6 || math.Abs(e.SE-want.CoefficientSE) > 1e-6 {
			t.Errorf("%s: effect %+v; want %v with a standard error of %v", name, e, want.Coefficient, want.CoefficientSE)
		}
	}
}

// A covariate that is 0 everywhere, or follows from the strengths or another covariate, tells nothing and changes nothing.
func TestCovariatesThatTellNothing(t *testing.T) {
	rng := rand.New(rand.NewPCG(5, 6))
	battles := random(rng, 5, 300, 30)
	zero, x, twice, strength := make([]float64, 300), make([]float64, 300), make([]float64, 300), make([]float64, 300)
	for i, b := range battles {
		x[i] = rng.NormFloat64()
		twice[i] = 2 * x[i]
		strength[i] = float64(b.A - b.B)
	}
	for _, kind := range []Interval{Clustered, Sandwich, ModelBased} {
		plain := mustFit(t, 5, battles, Options{Interval: kind})
		with := mustFit(t, 5, battles, Options{Interval: kind, Covariates: [][]float64{zero, strength}})
		if with.Effects[0].Known || with.Effects[1].Known {
			t.Errorf("%v: effects %+v; want none known", kind, with.Effects)
		}
		for i, c := range with.Contestants {
			if was := plain.Contestants[i]; math.Abs(c.Rating-was.Rating) > 1e-6 || math.Abs(c.Lower-was.Lower) > 1e-6 || c.Rank != was.Rank {
				t.Errorf("%v: %+v; want %+v", kind, c, was)
			}
		}
		one := mustFit(t, 5, battles, Options{Interval: kind, Covariates: [][]float64{x}})
		both := mustFit(t, 5, battles, Options{Interval: kind, Covariates: [][]float64{x, twice}})
		if !both.Effects[0].Known || both.Effects[1].Known || math.Abs(both.Effects[0].Coefficient-one.Effects[0].Coefficient) > 1e-9 {
			t.Errorf("%v: effects %+v; want %+v and one that is not known", kind, both.Effects, one.Effects)
		}
	}
}

// Where the longer answer always won, nothing tells length from strength.
func TestCovariatesThatTellAll(t *testing.T) {
	battles := random(rand.New(rand.NewPCG(7, 8)), 4, 200, 20)
	longer := make([]float64, len(battles))
	for i := range battles {
		longer[i] = 1
		if i%3 == 0 {
			longer[i] = -1
		}
		battles[i].Score = (longer[i] + 1) / 2
	}
	f := mustFit(t, 4, battles, Options{Covariates: [][]float64{longer}})
	plain := mustFit(t, 4, battles, Options{})
	if f.Effects[0].Known || !slices.Equal(f.Contestants, plain.Contestants) {
		t.Errorf("effects %+v, ratings %+v; want none known, and the ratings without", f.Effects, f.Contestants)
	}
}

// biased are battles of a judge with a taste for length and for the first place, in natural units. The strong write more.
func biased(rng *rand.Rand, truth []float64, prompts int32, length, first float64) (battles []Battle, longer, slot []float64) {
	sizes := make([]float64, len(truth))
	for prompt := range prompts {
		for i := range sizes {
			sizes[i] = math.Exp(truth[i] + rng.NormFloat64()/2)
		}
		for a := range int32(len(truth)) {
			for b := range a {
				x, s := (sizes[a]-sizes[b])/(sizes[a]+sizes[b]), float64(2*rng.IntN(2)-1)
				p, _ := chances(truth[a] - truth[b] + length*x + first*s)
				score := 0.0
				if rng.Float64() < p {
					score = 1
				}
				battles = append(battles, Battle{A: a, B: b, Cluster: prompt, Score: score, Weight: 1})
				longer, slot = append(longer, x), append(slot, s)
			}
		}
	}
	return battles, longer, slot
}

// Controlled ratings and effects are covered as often as intervals claim; ratings without control are not.
func TestCovariatesRecoverTheTruth(t *testing.T) {
	const arenas, length, first = 60, 0.8, 0.3
	truth := []float64{-0.6, -0.3, -0.1, 0.1, 0.3, 0.6}
	covered, naive, of, effects := 0, 0, 0, [2]int{}
	for seed := range uint64(arenas) {
		battles, longer, slot := biased(rand.New(rand.NewPCG(seed, 9)), truth, 100, length, first)
		f := mustFit(t, len(truth), battles, Options{Covariates: [][]float64{longer, slot}})
		plain := mustFit(t, len(truth), battles, Options{})
		for i := range truth {
			of++
			rating := 1000 + scale*truth[i]
			if c := f.Contestants[i]; c.Lower <= rating && rating <= c.Upper {
				covered++
			}
			if c := plain.Contestants[i]; c.Lower <= rating && rating <= c.Upper {
				naive++
			}
		}
		for k, want := range []float64{length, first} {
			if e := f.Effects[k]; math.Abs(e.Coefficient-want) <= z95*e.SE {
				effects[k]++
			}
		}
	}
	t.Logf("covered: ratings %d of %d, without control %d; length %d and first place %d of %d", covered, of, naive, effects[0], effects[1], arenas)
	if float64(covered) < 0.91*float64(of) || float64(naive) > 0.8*float64(of) || min(effects[0], effects[1]) < 52 {
		t.Error("intervals of 95 % do not hold what they claim")
	}
}

func TestBadCovariates(t *testing.T) {
	battles := random(rand.New(rand.NewPCG(1, 1)), 3, 10, 2)
	for _, o := range []Options{
		{Covariates: [][]float64{make([]float64, 9)}},
		{Covariates: [][]float64{append(make([]float64, 9), math.NaN())}},
		{Covariates: [][]float64{append(make([]float64, 9), math.Inf(1))}},
		{Covariates: [][]float64{make([]float64, 10)}, Interval: Bootstrap},
	} {
		if _, err := BradleyTerry(3, battles, o); err == nil {
			t.Errorf("%+v is no error", o)
		}
	}
}
