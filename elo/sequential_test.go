package elo

import (
	"errors"
	"iter"
	"math"
	"math/rand/v2"
	"slices"
	"testing"
)

func TestSequentialByHand(t *testing.T) {
	tests := []struct {
		what    string
		elo     Elo
		battles []Battle
		want    []float64
	}{
		{"no battle moves nobody", Elo{}, nil, []float64{1000, 1000}},
		{"between equals a win is worth half of K", Elo{}, []Battle{{A: 0, B: 1, Score: 1, Weight: 1}}, []float64{1016, 984}},
		{"a tie between equals moves nobody", Elo{}, []Battle{{A: 0, B: 1, Score: 0.5, Weight: 1}}, []float64{1000, 1000}},
		{"8 against 6 points is a soft win: 32·(8/14 - 1/2)", Elo{}, []Battle{{A: 0, B: 1, Score: 8.0 / 14, Weight: 1}}, []float64{1002.2857142857142, 997.7142857142858}},
		{"the second of two losses costs less", Elo{}, []Battle{{A: 0, B: 1, Score: 0, Weight: 1}, {A: 1, B: 0, Score: 1, Weight: 1}},
			[]float64{969.4695015289755, 1030.5304984710244}},
		{"weight multiplies K", Elo{K: 4}, []Battle{{A: 0, B: 1, Score: 1, Weight: 8}}, []float64{1016, 984}},
		{"the start may differ", Elo{K: 10, Initial: 1500}, []Battle{{A: 1, B: 0, Score: 1, Weight: 1}}, []float64{1495, 1505}},
	}
	for _, tt := range tests {
		got, err := Sequential(2, slices.Values(tt.battles), tt.elo)
		if err != nil {
			t.Errorf("%s: %v", tt.what, err)
			continue
		}
		for i := range got {
			if math.Abs(got[i]-tt.want[i]) > 1e-9 {
				t.Errorf("%s: ratings %v; want %v", tt.what, got, tt.want)
				break
			}
		}
	}
}

func TestSequentialRefuses(t *testing.T) {
	tests := []struct {
		what string
		n    int
		elo  Elo
	}{
		{"fewer than no contestants", -1, Elo{}},
		{"a negative k factor", 2, Elo{K: -1}},
		{"a k factor that is no number", 2, Elo{K: math.NaN()}},
		{"an infinite k factor", 2, Elo{K: math.Inf(1)}},
		{"a start that is no number", 2, Elo{Initial: math.NaN()}},
		{"an infinite start", 2, Elo{Initial: math.Inf(-1)}},
	}
	for _, tt := range tests {
		if r, err := Sequential(tt.n, slices.Values([]Battle(nil)), tt.elo); err == nil || r != nil {
			t.Errorf("%s: ratings %v, error %v; want an error", tt.what, r, err)
		}
		for p, err := range Progression(tt.n, slices.Values([]Battle(nil)), tt.elo) {
			if err == nil {
				t.Errorf("%s: progress %v without an error", tt.what, p)
			}
		}
	}
}

func TestProgressionLooksAfterEachCluster(t *testing.T) {
	battles := []Battle{
		{A: 0, B: 1, Cluster: 7, Score: 1, Weight: 1},
		{A: 0, B: 2, Cluster: 7, Score: 0, Weight: 1},
		{A: 1, B: 2, Cluster: 9, Score: 0.5, Weight: 1},
		{A: 0, B: 1, Cluster: 2, Score: 1, Weight: 1},
	}
	var clusters []int32
	for p, err := range Progression(3, slices.Values(battles), Elo{}) {
		if err != nil {
			t.Fatal(err)
		}
		clusters = append(clusters, p.Cluster)
		want, err := Sequential(3, slices.Values(battles[:p.Battles]), Elo{})
		if err != nil {
			t.Fatal(err)
		}
		if !slices.Equal(p.Ratings, want) {
			t.Errorf("after %d battles: %v; want %v", p.Battles, p.Ratings, want)
		}
	}
	if want := []int32{7, 9, 2}; !slices.Equal(clusters, want) {
		t.Errorf("looked after clusters %v; want %v", clusters, want)
	}
}

func TestProgressionStopsWhenTold(t *testing.T) {
	taken := 0
	battles := iter.Seq[Battle](func(yield func(Battle) bool) {
		for yield(Battle{A: 0, B: 1, Cluster: int32(taken), Score: 1, Weight: 1}) {
			taken++
		}
	})
	for p := range Progression(2, battles, Elo{}) {
		if p.Battles == 3 {
			break
		}
	}
	if taken != 3 {
		t.Errorf("took %d battles beyond the first; want 3, the last of which showed that the third cluster was over", taken)
	}
}

func TestProgressionEndsAtABadBattle(t *testing.T) {
	battles := []Battle{{A: 0, B: 1, Cluster: 1, Score: 1, Weight: 1}, {A: 0, B: 0, Cluster: 2, Weight: 1}, {A: 0, B: 1, Cluster: 3, Weight: 1}}
	steps := 0
	for _, err := range Progression(2, slices.Values(battles), Elo{}) {
		steps++
		var be *BattleError
		if !errors.As(err, &be) || be.Index != 1 {
			t.Errorf("error %v; want a *BattleError for battle 1", err)
		}
	}
	if steps != 1 {
		t.Errorf("%d steps; want the error alone", steps)
	}
}

// One battle at a time, contestants added when they are met: as all at once.
func TestSequenceGoesOn(t *testing.T) {
	battles := random(rand.New(rand.NewPCG(31, 32)), 6, 200, 20)
	want, err := Sequential(6, slices.Values(battles), Elo{K: 20, Initial: 1200})
	if err != nil {
		t.Fatal(err)
	}
	s, err := NewSequence(Elo{K: 20, Initial: 1200})
	if err != nil {
		t.Fatal(err)
	}
	for _, b := range battles {
		s.Grow(int(max(b.A, b.B)) + 1)
		if err := s.Add(b); err != nil {
			t.Fatal(err)
		}
	}
	if got := s.Ratings(); !slices.Equal(got, want) {
		t.Errorf("ratings %v; want %v", got, want)
	}
	var be *BattleError
	if err := s.Add(Battle{A: 0, B: 6, Score: 1, Weight: 1}); !errors.As(err, &be) || be.Index != 200 {
		t.Errorf("error %v; want a *BattleError for battle 200", err)
	}
	if s.Grow(3); !slices.Equal(s.Ratings(), want) {
		t.Error("a battle that was refused, or growing to fewer, changed the ratings")
	}
}
