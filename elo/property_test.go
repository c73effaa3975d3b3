package elo

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"pgregory.net/rapid"
)

// bytesOf makes every number of a fit comparable to the last bit.
func bytesOf(f *Fit) []uint64 {
	out := []uint64{math.Float64bits(f.LogLikelihood), uint64(f.Clusters), uint64(f.Interval), uint64(f.Components), uint64(f.Lopsided)}
	for _, c := range f.Contestants {
		out = append(out, math.Float64bits(c.Rating), math.Float64bits(c.Lower), math.Float64bits(c.Upper), uint64(c.Rank), uint64(c.Battles))
	}
	for _, v := range f.cov {
		out = append(out, math.Float64bits(v))
	}
	for _, e := range f.Effects {
		out = append(out, math.Float64bits(e.Coefficient), math.Float64bits(e.SE))
	}
	return out
}

// arena is any set of battles and any options under which it may be rated.
type arena struct {
	n       int
	battles []Battle
	o       Options
}

func (a arena) fit(t failing) *Fit { return mustFit(t, a.n, a.battles, a.o) }

// anyArena draws few contestants with soft scores, weights and covariates, all of them sums of powers of two. Some are degenerate.
func anyArena(t *rapid.T) arena {
	a := arena{n: rapid.IntRange(2, 7).Draw(t, "contestants")}
	a.o = Options{Interval: rapid.SampledFrom([]Interval{Clustered, Sandwich, ModelBased, Bootstrap, BootstrapBattles}).Draw(t, "interval"), Rounds: 8}
	count := rapid.IntRange(1, 60).Draw(t, "battles")
	dice := rand.New(rand.NewPCG(rapid.Uint64().Draw(t, "seed"), 1))
	for range count {
		x := dice.IntN(a.n)
		y := (x + 1 + dice.IntN(a.n-1)) % a.n
		a.battles = append(a.battles, Battle{
			A: int32(x), B: int32(y), Cluster: int32(dice.IntN(9)),
			Score: [...]float64{0, 1, 0.5, 0.875, 0.25}[dice.IntN(5)], Weight: [...]float64{1, 1, 2, 0.5}[dice.IntN(4)],
		})
	}
	for range rapid.IntRange(0, 2).Draw(t, "covariates") {
		x := make([]float64, count)
		for i := range x {
			x[i] = float64(dice.IntN(33)-16) / 16
		}
		a.o.Covariates = append(a.o.Covariates, x)
	}
	return a
}

// changed is a copy with each battle, and its covariates, taken from a place of the old.
func (a arena) changed(places []int, change func(b *Battle) (swapped bool)) arena {
	c := a
	c.battles, c.o.Covariates = nil, make([][]float64, len(a.o.Covariates))
	for _, from := range places {
		b, sign := a.battles[from], 1.
		if change(&b) {
			sign = -1
		}
		c.battles = append(c.battles, b)
		for k, x := range a.o.Covariates {
			c.o.Covariates[k] = append(c.o.Covariates[k], sign*x[from])
		}
	}
	return c
}

// The order of battles, and which side is written first, change no byte; and all numbers are numbers, bounds on their sides.
func TestNoOrderMatters(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		a := anyArena(t)
		places := make([]int, len(a.battles))
		for k := range places {
			places[k] = k
		}
		mixed := a.changed(rapid.Permutation(places).Draw(t, "order"), func(b *Battle) bool {
			if b.Cluster%2 == 0 {
				return false
			}
			b.A, b.B, b.Score = b.B, b.A, 1-b.Score
			return true
		})
		f, g := a.fit(t), mixed.fit(t)
		if !slices.Equal(bytesOf(f), bytesOf(g)) {
			t.Errorf("%+v, shuffled %+v", f, g)
		}
		finite(t, f)
	})
}

// Other numbers for the contestants permute the ratings; twice the weight moves none; another mean or an anchor changes no
// difference and no chance.
func TestWhatMovesNoRating(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		a := anyArena(t)
		f := a.fit(t)
		to, same := make([]int, a.n), make([]int, len(a.battles))
		for i := range to {
			to[i] = i
		}
		for k := range same {
			same[k] = k
		}
		to = rapid.Permutation(to).Draw(t, "numbers")
		renamed := a.changed(same, func(b *Battle) bool { b.A, b.B = int32(to[b.A]), int32(to[b.B]); return false })
		alike(t, "renamed", f, renamed.fit(t), to, 0)
		if !f.Prior { // virtual ties keep their weight
			twice := a.changed(same, func(b *Battle) bool { b.Weight *= 2; return false })
			alike(t, "of twice the weight", f, twice.fit(t), nil, 0)
		}
		shifted := a
		shifted.o.Initial = 1500
		alike(t, "about another mean", f, shifted.fit(t), nil, 500)
		if at := int(a.battles[0].A); f.Contestants[at].Rated {
			shifted.o.Anchor = &Anchor{at, f.Contestants[at].Rating - 70}
			alike(t, "anchored", f, shifted.fit(t), nil, -70)
		}
	})
}

// alike compares two fits of the same contestants, numbered anew, ratings being so much higher in the second.
func alike(t *rapid.T, what string, f, g *Fit, to []int, shift float64) {
	t.Helper()
	number := func(i int) int {
		if to == nil {
			return i
		}
		return to[i]
	}
	for i, c := range f.Contestants {
		d := g.Contestants[number(i)]
		if c.Rated != d.Rated || c.Cause != d.Cause || c.Rated && math.Abs(d.Rating-c.Rating-shift) > 1e-5 {
			t.Errorf("%d is %+v, %s %+v", i, c, what, d)
		}
		for j := range f.Contestants {
			p, _, _, ok := f.Chance(i, j)
			q, _, _, also := g.Chance(number(i), number(j))
			if ok != also || math.Abs(p-q) > 1e-7 {
				t.Errorf("%d beats %d with a chance of %v, %s %v", i, j, p, what, q)
			}
		}
	}
	for k, e := range f.Effects {
		if d := g.Effects[k]; e.Known != d.Known || math.Abs(e.Coefficient-d.Coefficient) > 1e-6*(1+math.Abs(e.Coefficient)) {
			t.Errorf("effect %+v, %s %+v", e, what, d)
		}
	}
}

// boards are sets of battles that differ in kind: sound, with virtual ties, in several components.
func boards(r *rand.Rand) map[string][]Battle {
	sound := random(r, 8, 400, 50)
	last := append(slices.Clone(sound), Battle{A: 8, B: 0, Cluster: 60, Score: 0, Weight: 1})
	apart := append(slices.Clone(sound), Battle{A: 8, B: 9, Cluster: 60, Score: 1, Weight: 1})
	return map[string][]Battle{"sound": sound, "one lost everything": last, "two components": apart}
}

const contestants = 10

func TestOrderOfBattlesDoesNotMatter(t *testing.T) {
	r := rand.New(rand.NewPCG(5, 6))
	for what, battles := range boards(r) {
		for _, interval := range []Interval{Clustered, Sandwich, ModelBased} {
			want := bytesOf(mustFit(t, contestants, battles, Options{Interval: interval}))
			for range 5 {
				mixed := slices.Clone(battles)
				r.Shuffle(len(mixed), func(i, j int) { mixed[i], mixed[j] = mixed[j], mixed[i] })
				for k, b := range mixed {
					if k%2 == 0 { // who is written first does not matter either
						mixed[k].A, mixed[k].B, mixed[k].Score = b.B, b.A, 1-b.Score
					}
				}
				before := slices.Clone(mixed)
				if got := bytesOf(mustFit(t, contestants, mixed, Options{Interval: interval})); !slices.Equal(got, want) {
					t.Errorf("%s, %v: a shuffle changed the fit", what, interval)
				}
				if !slices.Equal(mixed, before) {
					t.Errorf("%s, %v: the fit changed its input", what, interval)
				}
			}
		}
	}
}

func TestNewNumbersOnlyPermute(t *testing.T) {
	r := rand.New(rand.NewPCG(7, 8))
	for what, battles := range boards(r) {
		to := r.Perm(contestants)
		renamed := slices.Clone(battles)
		for k, b := range renamed {
			renamed[k].A, renamed[k].B = int32(to[b.A]), int32(to[b.B])
		}
		f, g := mustFit(t, contestants, battles, Options{}), mustFit(t, contestants, renamed, Options{})
		for i, c := range f.Contestants {
			d := g.Contestants[to[i]]
			if math.Abs(c.Rating-d.Rating) > 1e-7 || math.Abs(c.Lower-d.Lower) > 1e-7 || c.Rank != d.Rank || c.Cause != d.Cause || c.Component != d.Component {
				t.Errorf("%s: %d is %+v, as %d it is %+v", what, i, c, to[i], d)
			}
		}
	}
}

func TestDoubleWeightsMoveNoRating(t *testing.T) {
	battles := random(rand.New(rand.NewPCG(9, 10)), 8, 400, 50)
	f := mustFit(t, 8, battles, Options{})
	for k := range battles {
		battles[k].Weight = 2
	}
	g := mustFit(t, 8, battles, Options{})
	for i, c := range f.Contestants {
		if d := g.Contestants[i]; math.Abs(c.Rating-d.Rating) > 1e-9 || math.Abs(c.Upper-d.Upper) > 1e-7 {
			t.Errorf("contestant %d: %+v, with weight 2 %+v", i, c, d)
		}
	}
}

func TestAnotherWinNeverLowersTheWinner(t *testing.T) {
	r := rand.New(rand.NewPCG(11, 12))
	for what, battles := range boards(r) {
		f := mustFit(t, contestants, battles, Options{})
		for range 30 {
			b := battles[r.IntN(len(battles))] // a pair that met before, so that components stay
			b.Score = 1
			g := mustFit(t, contestants, append(slices.Clone(battles), b), Options{})
			if f.Prior != g.Prior {
				continue // the board became sound: all ratings are others
			}
			if g.Contestants[b.A].Rating <= f.Contestants[b.A].Rating || g.Contestants[b.B].Rating >= f.Contestants[b.B].Rating {
				t.Errorf("%s: after a win of %d over %d they went from %v, %v to %v, %v", what, b.A, b.B,
					f.Contestants[b.A].Rating, f.Contestants[b.B].Rating, g.Contestants[b.A].Rating, g.Contestants[b.B].Rating)
			}
		}
	}
}

func TestRatingsKeepTheirMean(t *testing.T) {
	r := rand.New(rand.NewPCG(13, 14))
	for what, battles := range boards(r) {
		sequential, err := Sequential(contestants, slices.Values(battles), Elo{})
		if err != nil {
			t.Fatal(err)
		}
		sum := 0.0
		for _, x := range sequential {
			sum += x
		}
		if math.Abs(sum-1000*contestants) > 1e-8 {
			t.Errorf("%s: sum of Elo ratings = %v; want %d", what, sum, 1000*contestants)
		}
		sum, rated := 0.0, 0.0
		for _, c := range mustFit(t, contestants, battles, Options{}).Contestants {
			if c.Rated {
				sum += c.Rating
				rated++
			}
		}
		if math.Abs(sum-1000*rated) > 1e-8 {
			t.Errorf("%s: sum of ratings = %v; want %v", what, sum, 1000*rated)
		}
	}
}
