package elo

import (
	"math"
	"math/rand/v2"
	"os"
	"runtime"
	"slices"
	"testing"
)

// Bounds of single battles are those that numpy found with other random numbers. A bound of 1000 rounds errs by a fiftieth of
// the interval's width itself, so that of hundreds some are further off than a twentieth; ours of 20,000 rounds hardly err.
func TestBootstrapAgainstPublished(t *testing.T) {
	if os.Getenv("OPENARENA_RATING") == "" {
		t.Skip("takes a minute; `make rating` runs it")
	}
	for _, name := range []string{"llmfao_gpt4", "llmfao_crowd"} {
		t.Run(name, func(t *testing.T) { bootstrapAgainst(t, published(t)[name], 20_000, 0.1) })
	}
}

// The same with fewer rounds, which err more.
func TestBootstrapAgainstPublishedRoughly(t *testing.T) {
	bootstrapAgainst(t, published(t)["llmfao_crowd"], 100, 0.4)
}

func bootstrapAgainst(t *testing.T, set boardSet, rounds int, tolerance float64) {
	want := set.Methods["bt_bootstrap1000_percentile95"]
	f := mustFit(t, len(set.names), set.battles, Options{Interval: BootstrapBattles, Rounds: rounds})
	worst := 0.0
	for i, c := range f.Contestants {
		lower, upper := want.Lower[set.names[i]], want.Upper[set.names[i]]
		off := max(math.Abs(c.Lower-lower), math.Abs(c.Upper-upper)) / (upper - lower)
		if !(off <= tolerance) {
			t.Errorf("%s: %.0f to %.0f; want %.0f to %.0f", set.names[i], c.Lower, c.Upper, lower, upper)
		}
		worst = max(worst, off)
	}
	t.Logf("off by %.3f of the interval's width at most; %d of %d rounds without finite ratings", worst, f.Lopsided, rounds)
}

// The same seed gives the same bytes on any number of cores and in any order of the battles; another seed gives others.
func TestBootstrapIsTheSameOnAnyCores(t *testing.T) {
	battles := random(rand.New(rand.NewPCG(3, 4)), 6, 600, 40)
	shuffled := slices.Clone(battles)
	rand.New(rand.NewPCG(5, 6)).Shuffle(len(shuffled), func(i, j int) { shuffled[i], shuffled[j] = shuffled[j], shuffled[i] })
	for _, kind := range []Interval{Bootstrap, BootstrapBattles} {
		o := Options{Interval: kind, Rounds: 50, Seed: 7}
		want := mustFit(t, 6, battles, o).Contestants
		func() {
			defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(1))
			if got := mustFit(t, 6, battles, o).Contestants; !slices.Equal(got, want) {
				t.Errorf("%v: one core finds other bounds", kind)
			}
		}()
		if got := mustFit(t, 6, shuffled, o).Contestants; !slices.Equal(got, want) {
			t.Errorf("%v: another order of the battles finds other bounds", kind)
		}
		o.Seed++
		if got := mustFit(t, 6, battles, o).Contestants; slices.Equal(got, want) {
			t.Errorf("%v: another seed finds the same bounds", kind)
		}
	}
}

// Where prompts decide who wins, clusters are drawn whole: the bounds are those of the clustered sandwich, and far wider than
// those of single battles.
func TestBootstrapDrawsWholeClusters(t *testing.T) {
	rng := rand.New(rand.NewPCG(8, 9))
	var battles []Battle
	for cluster := range int32(200) {
		score := float64(rng.IntN(2))
		for range 10 {
			battles = append(battles, Battle{A: 0, B: 1, Cluster: cluster, Score: score, Weight: 1})
		}
	}
	width := func(kind Interval) float64 {
		c := mustFit(t, 2, battles, Options{Interval: kind, Rounds: 500}).Contestants[0]
		return c.Upper - c.Lower
	}
	if drawn, clustered := width(Bootstrap), width(Clustered); math.Abs(drawn/clustered-1) > 0.15 {
		t.Errorf("the bootstrap's interval is %.1f points wide, the clustered one's %.1f", drawn, clustered)
	}
	if drawn, sandwich := width(BootstrapBattles), width(Sandwich); math.Abs(drawn/sandwich-1) > 0.15 {
		t.Errorf("the bootstrap of battles' interval is %.1f points wide, the sandwich's %.1f", drawn, sandwich)
	}
}

// Bounds are percentiles of the rounds, which lie as unevenly as what was drawn: of 55 wins in 60 battles 50 or 51 to 59 are drawn.
func TestBootstrapBoundsMayBeUneven(t *testing.T) {
	c := mustFit(t, 2, series(0, 1, 55, 0, 5), Options{Interval: BootstrapBattles, Rounds: 2000}).Contestants[0]
	of := func(won float64) float64 { return 1000 + 200*math.Log10(won/(60-won)) }
	if c.Lower < of(50)-1e-3 || c.Lower > of(51)+1e-3 || math.Abs(c.Rating-of(55)) > 1e-6 || math.Abs(c.Upper-of(59)) > 1e-3 {
		t.Errorf("%v from %v to %v; want %v from %v or %v to %v", c.Rating, c.Lower, c.Upper, of(55), of(50), of(51), of(59))
	}
}

// Whoever has a good answer to a prompt wins several pairs: these are drawn together.
func TestBootstrapDrawsPairsTogether(t *testing.T) {
	battles, truth := byPrompt(rand.New(rand.NewPCG(3, 2)))
	n := len(truth)
	drawn := mustFit(t, n, battles, Options{Interval: Bootstrap, Rounds: 300})
	clustered, sandwich := mustFit(t, n, battles, Options{}), mustFit(t, n, battles, Options{Interval: Sandwich})
	widths := func(f *Fit) (sum float64) {
		for _, c := range f.Contestants {
			sum += c.Upper - c.Lower
		}
		return sum
	}
	if got, want, alone := widths(drawn), widths(clustered), widths(sandwich); math.Abs(got/want-1) > 0.08 || alone/want > 0.85 {
		t.Errorf("the intervals are %.0f points wide in all; clustered %.0f, and %.0f were battles independent", got, want, alone)
	}
}

// Clusters of one battle are battles: the bounds are the same to the last bit, and take as little time.
func TestBootstrapOfLoneBattles(t *testing.T) {
	battles := random(rand.New(rand.NewPCG(10, 11)), 6, 600, 40)
	for i := range battles {
		battles[i].Cluster = int32(i)
	}
	lone := mustFit(t, 6, battles, Options{Interval: Bootstrap, Rounds: 50})
	single := mustFit(t, 6, battles, Options{Interval: BootstrapBattles, Rounds: 50})
	if !slices.Equal(lone.Contestants, single.Contestants) || lone.Interval != Bootstrap {
		t.Errorf("clusters of one battle: %v, interval %v; battles: %v", lone.Contestants, lone.Interval, single.Contestants)
	}
}

// What has no spread is not claimed to be certain, and what has no finite ratings leans on the model.
func TestBootstrapOfTheDegenerate(t *testing.T) {
	ties := []Battle{{A: 0, B: 1, Score: 0.5, Weight: 1}, {A: 0, B: 1, Cluster: 1, Score: 0.5, Weight: 1}}
	won := []Battle{{A: 0, B: 1, Score: 1, Weight: 1}, {A: 0, B: 1, Cluster: 1, Score: 1, Weight: 1}}
	for _, battles := range [][]Battle{ties, won} {
		for _, kind := range []Interval{Bootstrap, BootstrapBattles} {
			f := mustFit(t, 2, battles, Options{Interval: kind, Rounds: 20})
			if c := f.Contestants[0]; f.Interval != ModelBased || !(c.Upper-c.Lower > 100) {
				t.Errorf("%v of %v: %v, %v to %v", kind, battles, f.Interval, c.Lower, c.Upper)
			}
		}
	}
	for _, rounds := range []int{-1, 1} {
		if _, err := BradleyTerry(2, ties, Options{Interval: Bootstrap, Rounds: rounds}); err == nil {
			t.Errorf("%d rounds are no error", rounds)
		}
	}
}

// What is drawn becomes the covariance that divides by one less than the rounds, and percentiles as numpy has them.
func TestRoundsByDefinition(t *testing.T) {
	if got, want := covariance([][]float64{{0, 1}, {2, 5}, {4, 3}}), []float64{4, 2, 2, 4}; !slices.Equal(got, want) {
		t.Errorf("covariance %v; want %v", got, want)
	}
	var rows [][]float64
	for k := range 41 {
		rows = append(rows, []float64{float64(k * 7 % 41), -float64(k)})
	}
	if lower, upper := percentiles(rows); !slices.Equal(lower, []float64{1, -39}) || !slices.Equal(upper, []float64{39, -1}) {
		t.Errorf("percentiles %v to %v; want [1 -39] to [39 -1]", lower, upper)
	}
	if got := quantile([]float64{0, 1, 10}, 0.75); got != 5.5 {
		t.Errorf("a quantile between two numbers is %v; want 5.5", got)
	}
}

// A round ends where the battles that it drew are most likely, however short the way there is made.
func TestRoundsEndAtTheMaximum(t *testing.T) {
	battles := random(rand.New(rand.NewPCG(12, 13)), 6, 300, 40)
	c := counted(t, 6, battles)
	table := c.table()
	l := &likelihood{n: 6, pairs: slices.Clone(table.pairs)}
	m, ok := l.maximise()
	if !ok {
		t.Fatal("no maximum of all battles")
	}
	for _, kind := range []Interval{Bootstrap, BootstrapBattles} {
		from := table.resampler(c, battles, kind)
		do, draw, times := table.rounds(m, from, 5)(), from.worker(), make([]int, len(from.cells))
		for round := range 20 {
			got := do(round)
			draw(rand.NewPCG(5, uint64(round)), times)
			l.count(from.cells, times)
			want, ok := l.maximise()
			if !ok || !got.ok || got.poor {
				t.Fatalf("%v: round %d has no maximum", kind, round)
			}
			centred(got.x)
			centred(want.x)
			for i := range want.x {
				if math.Abs(got.x[i]-want.x[i]) > nearly {
					t.Errorf("%v: round %d found %v; want %v", kind, round, got.x, want.x)
					break
				}
			}
		}
	}
}
