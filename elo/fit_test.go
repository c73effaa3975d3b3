package elo

import (
	"errors"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
)

func TestBadBattlesAreRefusedByPlace(t *testing.T) {
	good := Battle{A: 0, B: 1, Score: 1, Weight: 1}
	tests := []struct {
		what string
		bad  Battle
		says string
	}{
		{"a contestant beyond the last", Battle{A: 0, B: 3, Score: 1, Weight: 1}, "from 0 to 2"},
		{"a contestant below the first", Battle{A: -1, B: 1, Score: 1, Weight: 1}, "from 0 to 2"},
		{"a battle with itself", Battle{A: 1, B: 1, Score: 0.5, Weight: 1}, "battle itself"},
		{"a score that is no number", Battle{A: 0, B: 1, Score: math.NaN(), Weight: 1}, "score NaN"},
		{"a score above 1", Battle{A: 0, B: 1, Score: 1.5, Weight: 1}, "score 1.5"},
		{"a score below 0", Battle{A: 0, B: 1, Score: -0.1, Weight: 1}, "score -0.1"},
		{"an infinite score", Battle{A: 0, B: 1, Score: math.Inf(1), Weight: 1}, "score +Inf"},
		{"a weight that was forgotten", Battle{A: 0, B: 1, Score: 1}, "use 1"},
		{"a negative weight", Battle{A: 0, B: 1, Score: 1, Weight: -1}, "weight -1"},
		{"a weight that is no number", Battle{A: 0, B: 1, Score: 1, Weight: math.NaN()}, "weight NaN"},
		{"an infinite weight", Battle{A: 0, B: 1, Score: 1, Weight: math.Inf(1)}, "weight +Inf"},
		{"a weight lost in rounding", Battle{A: 0, B: 1, Score: 1, Weight: 1e-7}, "1e-06"},
	}
	for _, tt := range tests {
		battles := []Battle{good, good, tt.bad, good}
		_, errFit := BradleyTerry(3, battles, Options{})
		_, errElo := Sequential(3, slices.Values(battles), Elo{})
		for _, err := range []error{errFit, errElo} {
			var be *BattleError
			if !errors.As(err, &be) || be.Index != 2 || !strings.Contains(err.Error(), tt.says) {
				t.Errorf("%s: error %v; want a *BattleError for battle 2 that says %q", tt.what, err, tt.says)
			}
		}
	}
}

func TestBadSettingsAreRefused(t *testing.T) {
	tests := []struct {
		what string
		n    int
		o    Options
		says string
	}{
		{"fewer than no contestants", -1, Options{}, "-1 contestants"},
		{"more contestants than tables can hold", MaxContestants + 1, Options{}, "sequential Elo"},
		{"an interval nobody knows", 2, Options{Interval: 9}, "Interval(9)"},
		{"a mean that is no number", 2, Options{Initial: math.NaN()}, "initial rating NaN"},
	}
	for _, tt := range tests {
		if _, err := BradleyTerry(tt.n, nil, tt.o); err == nil || !strings.Contains(err.Error(), tt.says) {
			t.Errorf("%s: error %v; want one that says %q", tt.what, err, tt.says)
		}
	}
}

func TestInitialShiftsRatingsAndBounds(t *testing.T) {
	b := []Battle{{A: 0, B: 1, Score: 1, Weight: 1}, {A: 0, B: 1, Score: 0.25, Weight: 1}}
	f, g := mustFit(t, 2, b, Options{}), mustFit(t, 2, b, Options{Initial: 1500})
	for i, c := range f.Contestants {
		d := g.Contestants[i]
		for _, shift := range []float64{d.Rating - c.Rating, d.Lower - c.Lower, d.Upper - c.Upper} {
			if math.Abs(shift-500) > 1e-9 {
				t.Errorf("contestant %d: %+v, then %+v; want all 500 higher", i, c, d)
			}
		}
	}
}

func TestOrder(t *testing.T) {
	line := func(component int, rating float64, battles int) Contestant {
		return Contestant{Rated: battles > 0, Component: component, Rating: rating, Battles: battles}
	}
	tests := []struct {
		what string
		in   []Contestant
		want []int
	}{
		{"by rating", []Contestant{line(0, 900, 1), line(0, 1100, 1)}, []int{1, 0}},
		{"then by battles, where ratings differ in the seventh decimal only", []Contestant{line(0, 1000.00000001, 1), line(0, 1000, 2)}, []int{1, 0}},
		{"then by number", []Contestant{line(0, 1000, 2), line(0, 1000, 2)}, []int{0, 1}},
		{"a component is not torn apart", []Contestant{line(1, 1200, 1), line(0, 1100, 1), line(1, 1000, 1)}, []int{1, 0, 2}},
		{"who has no battles comes last, by number", []Contestant{line(-1, 0, 0), line(-1, 0, 0), line(0, -50, 1)}, []int{2, 0, 1}},
	}
	for _, tt := range tests {
		f := &Fit{Contestants: tt.in}
		if got := f.Order(); !slices.Equal(got, tt.want) {
			t.Errorf("%s: %v; want %v", tt.what, got, tt.want)
		}
	}
}

func TestRankCountsThoseClearlyAbove(t *testing.T) {
	tests := []struct {
		what   string
		bounds [][2]float64
		want   []int
	}{
		{"overlapping intervals share a rank", [][2]float64{{900, 1100}, {950, 1150}}, []int{1, 1}},
		{"touching intervals overlap", [][2]float64{{1000, 1100}, {900, 1000}}, []int{1, 1}},
		{"an interval below two others has rank 3", [][2]float64{{1000, 1100}, {1000, 1200}, {800, 999}}, []int{1, 1, 3}},
		{"an interval between may overlap both", [][2]float64{{1100, 1200}, {950, 1150}, {900, 1000}}, []int{1, 1, 2}},
	}
	for _, tt := range tests {
		f := &Fit{Components: 1, table: &table{}}
		for i, b := range tt.bounds {
			f.Contestants = append(f.Contestants, Contestant{Rated: true, Lower: b[0], Upper: b[1]})
			f.table.active = append(f.table.active, int32(i))
		}
		f.rank()
		for i, c := range f.Contestants {
			if c.Rank != tt.want[i] {
				t.Errorf("%s: rank of %d = %d; want %d", tt.what, i, c.Rank, tt.want[i])
			}
		}
	}
}

func TestCycle(t *testing.T) {
	win := func(a, b int32) Battle { return Battle{A: a, B: b, Score: 1, Weight: 1} }
	tests := []struct {
		what    string
		battles []Battle
		want    []int
	}{
		{"an order has none", []Battle{win(0, 1), win(1, 2), win(0, 2)}, nil},
		{"as many wins as losses is no step of one", []Battle{win(0, 1), win(1, 2), win(2, 0), win(0, 2)}, nil},
		{"stone, scissors, paper", []Battle{win(2, 1), win(1, 4), win(4, 2)}, []int{1, 4, 2}},
		{"the shorter of two", []Battle{win(0, 1), win(1, 2), win(2, 3), win(3, 0), win(4, 5), win(5, 6), win(6, 4)}, []int{4, 5, 6}},
		{"four in a ring", []Battle{win(0, 1), win(1, 2), win(2, 3), win(3, 0)}, []int{0, 1, 2, 3}},
	}
	for _, tt := range tests {
		if got := mustFit(t, 7, tt.battles, Options{}).Cycle(); !slices.Equal(got, tt.want) {
			t.Errorf("%s: %v; want %v", tt.what, got, tt.want)
		}
	}
}

// An anchor moves everything alike; without battles it moves nothing.
func TestAnchor(t *testing.T) {
	battles := random(rand.New(rand.NewPCG(3, 4)), 5, 200, 20)
	for _, kind := range []Interval{Clustered, Bootstrap} {
		plain := mustFit(t, 6, battles, Options{Interval: kind, Rounds: 20})
		moved := mustFit(t, 6, battles, Options{Interval: kind, Rounds: 20, Anchor: &Anchor{Contestant: 2, Rating: 1500}})
		shift := 1500 - plain.Contestants[2].Rating
		for i, c := range moved.Contestants[:5] {
			was := plain.Contestants[i]
			for _, d := range []float64{c.Rating - was.Rating, c.Lower - was.Lower, c.Upper - was.Upper} {
				if math.Abs(d-shift) > 1e-9 {
					t.Errorf("%v: contestant %d moved by %v; want %v", kind, i, d, shift)
				}
			}
			if c.Rank != was.Rank {
				t.Errorf("%v: contestant %d has rank %d; want %d", kind, i, c.Rank, was.Rank)
			}
		}
		absent := mustFit(t, 6, battles, Options{Interval: kind, Rounds: 20, Anchor: &Anchor{Contestant: 5, Rating: 1500}})
		if !slices.Equal(absent.Contestants, plain.Contestants) {
			t.Errorf("%v: an anchor without battles moves ratings", kind)
		}
	}
	for _, bad := range []Anchor{{Contestant: -1}, {Contestant: 6}, {Rating: math.NaN()}} {
		if _, err := BradleyTerry(6, battles, Options{Anchor: &bad}); err == nil {
			t.Errorf("%+v is no error", bad)
		}
	}
}
