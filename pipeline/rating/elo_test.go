package rating

import (
	"fmt"
	"math"
	"slices"
	"testing"

	"openarena/elo"
)

// TestEloCountsShares: Elo goes by shares, in one pass, over the steps of a progression and over random orders alike, however late the
// first share comes that is not the score.
func TestEloCountsShares(t *testing.T) {
	names, battles := season(3, 10)
	for i := range battles {
		if i > 4 {
			battles[i].Share = 0.25 + battles[i].Score/2
		}
	}
	var shares []elo.Battle
	for _, b := range battles {
		shares = append(shares, elo.Battle{A: b.A, B: b.B, Cluster: b.Cluster, Score: b.Share, Weight: b.Weight})
	}
	want, err := elo.Sequential(3, slices.Values(shares), elo.Elo{})
	if err != nil {
		t.Fatal(err)
	}
	spreads, err := elo.Permuted(3, shares, elo.Elo{}, 4, seed)
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range rate(t, Settings{Permutations: 4}, names, battles).Ratings {
		if i := slices.Index(names, r.Model); *r.Elo != want[i] || *r.EloMean != spreads[i].Mean {
			t.Errorf("Elo of %s is %v, over orders %v; want %v, %v", r.Model, *r.Elo, *r.EloMean, want[i], spreads[i].Mean)
		}
	}
	b := New(Settings{Progression: true})
	for _, name := range names {
		b.Model(name)
	}
	for _, battle := range battles {
		if err := b.Add(battle); err != nil {
			t.Fatal(err)
		}
	}
	var last []float64
	for p, err := range b.Progression() {
		if err != nil {
			t.Fatal(err)
		}
		last = slices.Clone(p.Ratings)
	}
	if !slices.Equal(last, want) {
		t.Errorf("the progression ends with %v; want %v", last, want)
	}
}

// TestEloRanks: equal ratings share a rank, and the next has as many above it as there are.
func TestEloRanks(t *testing.T) {
	battles := []Battle{battle(0, 2, 0, 1), battle(1, 3, 1, 1), battle(0, 1, 2, 0.5)}
	got := ""
	for _, r := range rate(t, Settings{Method: Elo}, []string{"A", "B", "C", "D"}, battles).Ratings {
		got += fmt.Sprintf("%s %d %v ", r.Model, *r.Rank, *r.Rating)
	}
	if want := "A 1 1016 B 1 1016 C 3 984 D 3 984 "; got != want {
		t.Errorf("by Elo: %s; want %s", got, want)
	}
}

// TestEloPairs: the chance follows from the ratings, and is known inside a component only.
func TestEloPairs(t *testing.T) {
	battles := []Battle{battle(1, 0, 0, 1), battle(2, 3, 1, 1), battle(2, 3, 2, 1)}
	pairs := rate(t, Settings{Method: Elo, Pairs: true}, []string{"A", "B", "C", "D"}, battles).Pairs
	if len(pairs) != 6 {
		t.Fatalf("%d pairs; want 6", len(pairs))
	}
	for _, p := range pairs {
		if met := p.A+p.B == "BA" || p.A+p.B == "CD"; met != (p.Chance != nil) || met != (p.Points != nil) || met != (p.WinRate != nil) {
			t.Errorf("%+v: want a chance where they met, and only there", p)
		} else if met && (math.Abs(*p.Chance-1/(1+math.Pow(10, -*p.Points/400))) > 1e-12 || !(*p.Chance > 0.5) || *p.WinRate != 1 || p.Tied != nil || p.Needed != nil) {
			t.Errorf("%+v: want a chance above one half, of the difference, and nothing that rests on an interval", p)
		}
	}
}
