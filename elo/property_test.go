package elo

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"
)

// bytesOf makes every number of a fit comparable to the last bit.
func bytesOf(f *Fit) []uint64 {
	out := []uint64{math.Float64bits(f.LogLikelihood), uint64(f.Clusters), uint64(f.Interval), uint64(f.Components)}
	for _, c := range f.Contestants {
		out = append(out, math.Float64bits(c.Rating), math.Float64bits(c.Lower), math.Float64bits(c.Upper), uint64(c.Rank), uint64(c.Battles))
	}
	for _, v := range f.cov {
		out = append(out, math.Float64bits(v))
	}
	return out
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
