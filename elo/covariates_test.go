package elo

import (
	"math"
	"math/rand/v2"
	"runtime"
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
		if i%3 == 0 { // soft scores and weights too
			battles[i].Score, battles[i].Weight = rng.Float64(), 0.5+3*rng.Float64()
		}
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

// Where a covariate decides the few battles in which it does not follow from the strengths, its effect has no bound.
func TestCovariatesThatDecideAFew(t *testing.T) {
	battles := random(rand.New(rand.NewPCG(7, 9)), 4, 200, 20)
	rare := make([]float64, len(battles))
	for i, b := range battles {
		if rare[i] = float64(b.A - b.B); i < 10 {
			rare[i], battles[i].Score = rare[i]+0.5, 1
		}
	}
	f := mustFit(t, 4, battles, Options{Covariates: [][]float64{rare}})
	if plain := mustFit(t, 4, battles, Options{}); f.Effects[0].Known || !slices.Equal(f.Contestants, plain.Contestants) {
		t.Errorf("effects %+v, ratings %+v; want none known, and the ratings without", f.Effects, f.Contestants)
	}
}

// Where no finite strengths fit, virtual ties stand in beside covariates as well: as if each had tied with a phantom, at no length.
func TestCovariatesWithVirtualTies(t *testing.T) {
	rng := rand.New(rand.NewPCG(16, 17))
	battles, longer := random(rng, 4, 200, 20), []float64{}
	for i := range battles { // who is last loses everything
		if battles[i].A == 3 {
			battles[i].Score = 0
		} else if battles[i].B == 3 {
			battles[i].Score = 1
		}
		longer = append(longer, rng.NormFloat64()/2)
	}
	f := mustFit(t, 4, battles, Options{Covariates: [][]float64{longer}})
	if !f.Prior || f.Interval != ModelBased || !f.Effects[0].Known || f.Contestants[3].Cause != LostAll {
		t.Fatalf("%+v; want virtual ties, and an effect", f)
	}
	phantom := slices.Clone(battles)
	for i := range int32(4) {
		phantom, longer = append(phantom, Battle{A: i, B: 4, Score: 0.5, Weight: 1}), append(longer, 0)
	}
	g := mustFit(t, 5, phantom, Options{Interval: ModelBased, Covariates: [][]float64{longer}})
	for i := range 4 {
		for j := range i {
			points, se, _ := f.Difference(i, j)
			if want, wantSE, _ := g.Difference(i, j); math.Abs(points-want) > 1e-6 || math.Abs(se-wantSE) > 1e-6 {
				t.Errorf("%d is %v ± %v points above %d; beside a phantom %v ± %v", i, points, se, j, want, wantSE)
			}
		}
	}
	if e, want := f.Effects[0], g.Effects[0]; math.Abs(e.Coefficient-want.Coefficient) > 1e-9 || math.Abs(e.SE-want.SE) > 1e-9 {
		t.Errorf("effect %+v; beside a phantom %+v", e, want)
	}
	sum := 0.0
	for k, b := range battles {
		points, _, _ := f.Difference(int(b.A), int(b.B))
		win, lose := logChances(points/scale + f.Effects[0].Coefficient*longer[k])
		sum += b.Score*win + (1-b.Score)*lose
	}
	if math.Abs(f.LogLikelihood-sum) > 1e-6 {
		t.Errorf("log-likelihood %v; want %v, that of the battles alone", f.LogLikelihood, sum)
	}
}

// Rounds that draw no loss of who lost once have virtual ties, and are counted.
func TestCovariatesWithLopsidedRounds(t *testing.T) {
	rng := rand.New(rand.NewPCG(18, 19))
	battles, longer := series(0, 1, 60, 0, 2), []float64{}
	for i := range battles {
		battles[i].Cluster = int32(i)
		longer = append(longer, rng.NormFloat64()/2)
	}
	for kind, name := range map[Interval]string{Bootstrap: "prompts", BootstrapBattles: "battles"} {
		f := mustFit(t, 2, battles, Options{Interval: kind, Rounds: 40, Covariates: [][]float64{longer}})
		if f.Interval != kind || f.Lopsided == 0 || f.Lopsided > 20 { // exp(-2) of 40 are 5
			t.Errorf("%s drawn: interval %v, %d of 40 rounds with virtual ties", name, f.Interval, f.Lopsided)
		}
	}
}

// With covariates, too, a bootstrap draws whole clusters, and one of battles does not.
func TestCovariatesOfWholeClusters(t *testing.T) {
	rng := rand.New(rand.NewPCG(20, 21))
	var battles []Battle
	var longer []float64
	for cluster := range int32(60) {
		score := float64(rng.IntN(2))
		for range 6 {
			battles, longer = append(battles, Battle{A: 0, B: 1, Cluster: cluster, Score: score, Weight: 1}), append(longer, rng.NormFloat64())
		}
	}
	width := func(kind Interval) float64 {
		c := mustFit(t, 2, battles, Options{Interval: kind, Rounds: 200, Covariates: [][]float64{longer}}).Contestants[0]
		return c.Upper - c.Lower
	}
	for drawn, sandwich := range map[Interval]Interval{Bootstrap: Clustered, BootstrapBattles: Sandwich} {
		if got, want := width(drawn), width(sandwich); math.Abs(got/want-1) > 0.25 {
			t.Errorf("%v is %.1f points wide; %v %.1f", drawn, got, sandwich, want)
		}
	}
}

// A bootstrap says of strengths and effects what the sandwich does that trusts the same: on any number of cores, and from the
// same seed, to the last bit.
func TestCovariatesWithBootstrap(t *testing.T) {
	truth := []float64{-0.4, 0, 0.1, 0.3}
	battles, longer, slot := judgeOf{length: 0.8, first: 0.3, often: 0.4}.battles(rand.New(rand.NewPCG(1, 9)), truth, 100)
	for drawn, sandwich := range map[Interval]Interval{Bootstrap: Clustered, BootstrapBattles: Sandwich} {
		o := Options{Interval: drawn, Rounds: 200, Covariates: [][]float64{longer, slot}}
		f := mustFit(t, 4, battles, o)
		o.Interval = sandwich
		g := mustFit(t, 4, battles, o)
		if f.Interval != drawn || f.Lopsided != 0 {
			t.Errorf("interval %v, %d rounds with virtual ties; want %v, 0", f.Interval, f.Lopsided, drawn)
		}
		for i, c := range f.Contestants {
			d := g.Contestants[i]
			if width := d.Upper - d.Lower; c.Rating != d.Rating || math.Abs((c.Upper-c.Lower)/width-1) > 0.25 || math.Abs(c.Lower-d.Lower) > 0.2*width {
				t.Errorf("%v: %+v; %v: %+v", drawn, c, sandwich, d)
			}
		}
		for k, e := range f.Effects {
			if d := g.Effects[k]; e.Coefficient != d.Coefficient || math.Abs(e.SE/d.SE-1) > 0.2 {
				t.Errorf("%v: %+v; %v: %+v", drawn, e, sandwich, d)
			}
		}
		o.Interval, o.Rounds = drawn, 20
		want := bytesOf(mustFit(t, 4, battles, o))
		cores := runtime.GOMAXPROCS(1)
		got := bytesOf(mustFit(t, 4, battles, o))
		runtime.GOMAXPROCS(cores)
		if !slices.Equal(got, want) {
			t.Errorf("%v: one core finds other bounds", drawn)
		}
	}
}

func TestBadCovariates(t *testing.T) {
	battles := random(rand.New(rand.NewPCG(1, 1)), 3, 10, 2)
	for _, o := range []Options{
		{Covariates: [][]float64{make([]float64, 9)}},
		{Covariates: [][]float64{append(make([]float64, 9), math.NaN())}},
		{Covariates: [][]float64{append(make([]float64, 9), math.Inf(1))}},
	} {
		if _, err := BradleyTerry(3, battles, o); err == nil {
			t.Errorf("%+v is no error", o)
		}
	}
}
