package rating

import (
	"math"
	"strings"
	"testing"
)

// TestParts: a battle that was swayed one way and then the other counts once, and its parts tell how much that was.
func TestParts(t *testing.T) {
	s := Default()
	s.Control = []string{"position"}
	b := New(s)
	for _, m := range []string{"A", "B"} {
		b.Model(m)
	}
	// A wins 9 of 10 where it is shown first, 5 of 10 where it is not: odds of 3 for A, of 3 for the position.
	for p := range int32(20) {
		first, second := 1.0, 0.0
		if p%10 == 0 {
			first = 0
		}
		if p%2 == 0 {
			second = 1
		}
		whole := battle(0, 1, p, (first+second)/2)
		whole.Parts = []Part{{first, 0.5, []float64{1}}, {second, 0.5, []float64{-1}}}
		if err := b.Add(whole); err != nil {
			t.Fatal(err)
		}
	}
	l, err := b.Rate(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if got, want := *l.Ratings[0].Rating-*l.Ratings[1].Rating, 400*math.Log10(3); math.Abs(got-want) > 1e-6 || l.Ratings[0].Model != "A" {
		t.Errorf("%s is ahead by %v points; want A by %v", l.Ratings[0].Model, got, want)
	}
	if l.Battles != 20 || l.Ratings[0].Battles != 20 || *l.Ratings[0].WinRate != 0.7 || l.Ratings[0].Ties != 12 {
		t.Errorf("battles %d, of A %d, win rate %v, ties %d; want 20, 20, 0.7, 12", l.Battles, l.Ratings[0].Battles, *l.Ratings[0].WinRate, l.Ratings[0].Ties)
	}
	// Parts count by their weight: three quarters of each battle are won, and odds of 3 are 191 points.
	b = New(s)
	for p := range int32(4) {
		whole := battle(b.Model("A"), b.Model("B"), p, 0.75)
		whole.Parts = []Part{{1, 0.75, []float64{0}}, {0, 0.25, []float64{0}}}
		if err := b.Add(whole); err != nil {
			t.Fatal(err)
		}
	}
	if l, err = b.Rate(t.Context()); err != nil {
		t.Fatal(err)
	}
	if got, want := *l.Ratings[0].Rating-*l.Ratings[1].Rating, 400*math.Log10(3); math.Abs(got-want) > 1e-6 {
		t.Errorf("A is ahead by %v points, with parts of different weights; want %v", got, want)
	}
	// Who wins every battle, but not in both orders, leans on virtual ties without control only, which is told.
	b = New(s)
	for p := range int32(20) {
		whole := battle(b.Model("A"), b.Model("B"), p, 1)
		whole.Parts = []Part{{1, 0.5, []float64{1}}, {float64(p % 2), 0.5, []float64{-1}}}
		if p == 0 {
			whole.Parts[0].Score = 0
		}
		if err := b.Add(whole); err != nil {
			t.Fatal(err)
		}
	}
	if l, err = b.Rate(t.Context()); err != nil {
		t.Fatal(err)
	}
	const leans = "Without control points do not flow"
	if notes := strings.Join(l.Notes, "\n"); !strings.Contains(notes, leans) || l.Ratings[0].Provisional || l.Ratings[0].Uncontrolled == nil {
		t.Errorf("of ratings that only without control have no maximum it says %q", notes)
	}
	for _, wrong := range [][]Part{{{2, 1, []float64{0}}}, {{1, 0, []float64{0}}}, {{1, 1, nil}}, {{1, 1, []float64{math.NaN()}}}} {
		whole := battle(0, 1, 0, 1)
		if whole.Parts = wrong; b.Add(whole) == nil {
			t.Errorf("parts %v are counted", wrong)
		}
	}
}
