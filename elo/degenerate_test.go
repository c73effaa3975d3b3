package elo

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"
)

// degenerate is a case of degenerate.json.
type degenerate struct {
	Battles  []line
	Exact    map[string]float64    `json:"bt_exact"` // nil: no finite maximum
	Sandwich map[string][2]float64 `json:"sandwich95"`
	Prior    map[string]float64    `json:"bt_prior1"`
	Elo      map[string]float64    `json:"elo_k32_init1000"`
	Strong   int                   `json:"strong_components"`
	Weak     int                   `json:"weak_components"`
}

// battles writes the counted lines out.
func (c degenerate) battles(t testing.TB) dataset {
	var lines []line
	for _, l := range c.Battles {
		lines = append(lines, slices.Repeat([]line{l}, l.Count)...)
	}
	return numbered(t, lines, all)
}

// outcome is what a leaderboard of a degenerate case has to say.
type outcome struct {
	causes     []Cause // by contestant; nil: all sound
	components []int   // by contestant; nil: all 0
	ranks      []int
	interval   Interval // asked for: Sandwich
	why        string   // of the contestant numbered whose
	whose      int
}

var outcomes = map[string]outcome{
	"wikipedia": {ranks: []int{1, 1, 1, 1}, interval: Sandwich},
	"star":      {ranks: []int{1, 1, 2, 1}, interval: Sandwich},
	"cycle":     {ranks: []int{1, 1, 1}, interval: Sandwich},
	"only_ties": {ranks: []int{1, 1, 1}, interval: ModelBased},
	"two_models_one_tie": {
		ranks: []int{1, 1}, interval: ModelBased,
	},
	"all_wins": {
		causes: []Cause{WonAll, Bystander, Bystander}, ranks: []int{1, 2, 2}, interval: ModelBased,
		why: "it won all of its 20 battles; no finite rating fits, a virtual tie each stands in",
	},
	"all_losses": {
		causes: []Cause{Bystander, Bystander, LostAll}, ranks: []int{1, 1, 3}, interval: ModelBased,
		why: "its group does not share points both ways with <C>; no finite rating fits, a virtual tie each stands in",
	},
	"perfect_order": {
		causes: []Cause{WonAll, OneWay, LostAll}, ranks: []int{1, 1, 2}, interval: ModelBased,
		why: "it does not share points both ways with <A> and <C>; no finite rating fits, a virtual tie each stands in", whose: 1,
	},
	"one_way_bridge": {
		causes: []Cause{OneWay, OneWay, OneWay, OneWay}, ranks: []int{1, 1, 1, 1}, interval: ModelBased,
		why: "its group (<A> and <B>) does not share points both ways with <C> and <D>; no finite rating fits, a virtual tie each stands in",
	},
	"disconnected": {
		causes: []Cause{Apart, Apart, Apart, Apart}, components: []int{0, 0, 1, 1}, ranks: []int{1, 1, 1, 1}, interval: ModelBased,
		why: "no battle joins <C> and <D> to <A> and <B>; a virtual tie each stands in", whose: 3,
	},
	"two_models_one_battle": {
		causes: []Cause{WonAll, LostAll}, ranks: []int{1, 1}, interval: ModelBased,
		why: "it lost its only battle; no finite rating fits, a virtual tie each stands in", whose: 1,
	},
}

func TestDegenerate(t *testing.T) {
	var cases map[string]degenerate
	readJSON(t, "degenerate.json", &cases)
	for name, c := range cases {
		if name == "self_battle" || name == "zero_battles" {
			continue // tests of their own
		}
		want, known := outcomes[name]
		if !known {
			t.Errorf("no outcome known for %s", name)
			continue
		}
		t.Run(name, func(t *testing.T) {
			d := c.battles(t)
			f := mustFit(t, len(d.names), d.battles, Options{Interval: Sandwich})
			ratings := c.Exact
			if ratings == nil {
				ratings = c.Prior
			}
			near(t, "rating", d, func(i int) float64 { return f.Contestants[i].Rating }, ratings, tolerance)
			want.check(t, c, f)
			want.checkBounds(t, c, d, f)
			likely := 0.0 // virtual ties are not battles
			for _, b := range d.battles {
				win, lose := logChances((f.Contestants[b.A].Rating - f.Contestants[b.B].Rating) / scale)
				likely += b.Score*win + (1-b.Score)*lose
			}
			if math.Abs(f.LogLikelihood-likely) > 1e-9 {
				t.Errorf("LogLikelihood = %v; want %v", f.LogLikelihood, likely)
			}
			prior := leaning(t, len(d.names), d.battles)
			near(t, "prior1", d, func(i int) float64 { return prior.Contestants[i].Rating }, c.Prior, tolerance)
			elo, err := Sequential(len(d.names), slices.Values(d.battles), Elo{})
			if err != nil {
				t.Fatal(err)
			}
			near(t, "elo", d, func(i int) float64 { return elo[i] }, c.Elo, tolerance)
			if got := f.Why(want.whose, func(i int) string { return "<" + d.names[i] + ">" }); got != want.why {
				t.Errorf("Why(%d) = %q; want %q", want.whose, got, want.why)
			}
		})
	}
}

func (want outcome) check(t *testing.T, c degenerate, f *Fit) {
	t.Helper()
	if f.Prior != (c.Exact == nil) || f.Interval != want.interval || f.Components != c.Weak || len(f.graph.strong) != max(c.Strong, 1) {
		t.Errorf("Prior %v, interval %v, components %d, strong %d; want %v, %v, %d, %d",
			f.Prior, f.Interval, f.Components, len(f.graph.strong), c.Exact == nil, want.interval, c.Weak, c.Strong)
	}
	for i, got := range f.Contestants {
		var cause Cause
		if want.causes != nil {
			cause = want.causes[i]
		}
		component := 0
		if want.components != nil {
			component = want.components[i]
		}
		if got.Cause != cause || got.Component != component || got.Rank != want.ranks[i] || !got.Rated {
			t.Errorf("contestant %d: cause %d, component %d, rank %d, rated %v; want %d, %d, %d, true",
				i, got.Cause, got.Component, got.Rank, got.Rated, cause, component, want.ranks[i])
		}
	}
}

func (want outcome) checkBounds(t *testing.T, c degenerate, d dataset, f *Fit) {
	t.Helper()
	for i, got := range f.Contestants {
		if !(got.Lower < got.Rating && got.Rating < got.Upper) {
			t.Errorf("contestant %d: %v < %v < %v does not hold", i, got.Lower, got.Rating, got.Upper)
		}
		if want.interval != Sandwich {
			continue
		}
		s := c.Sandwich[d.names[i]]
		if math.Abs(got.Lower-s[0]) > tolerance || math.Abs(got.Upper-s[1]) > tolerance {
			t.Errorf("contestant %d: bounds %v, %v; want %v", i, got.Lower, got.Upper, s)
		}
	}
}

func TestSelfBattleIsRefused(t *testing.T) {
	var cases map[string]degenerate
	readJSON(t, "degenerate.json", &cases)
	d := cases["self_battle"].battles(t)
	_, err := BradleyTerry(len(d.names), d.battles, Options{})
	if be, ok := err.(*BattleError); !ok || be.Index != 10 {
		t.Errorf("error %v; want a *BattleError for battle 10", err)
	}
}

func TestWithoutBattlesNobodyIsRated(t *testing.T) {
	for _, n := range []int{0, 1, 3} {
		f := mustFit(t, n, nil, Options{})
		if len(f.Contestants) != n || f.Components != 0 || f.Prior || len(f.Order()) != n || f.Cycle() != nil {
			t.Errorf("%d contestants without battles: %+v", n, f)
		}
		for i, c := range f.Contestants {
			if c != (Contestant{Component: -1}) {
				t.Errorf("contestant %d of %d: %+v; want unrated, in no component", i, n, c)
			}
		}
	}
}

func TestContestantWithoutBattlesChangesNothing(t *testing.T) {
	b := []Battle{{A: 0, B: 2, Score: 1, Weight: 1}, {A: 2, B: 0, Score: 1, Weight: 1}, {A: 2, B: 0, Score: 1, Weight: 1}}
	f := mustFit(t, 4, b, Options{})
	if f.Prior || f.Components != 1 || f.Contestants[1].Rated || f.Contestants[3].Rank != 0 {
		t.Fatalf("Prior %v, components %d, %+v; want a sound fit of contestants 0 and 2", f.Prior, f.Components, f.Contestants)
	}
	half := scale * math.Log(2) / 2 // 2 wins against 1
	if x, y := f.Contestants[0].Rating, f.Contestants[2].Rating; math.Abs(x-1000+half) > 1e-9 || math.Abs(y-1000-half) > 1e-9 {
		t.Errorf("ratings %v and %v; want 1000 ∓ %v", x, y, half)
	}
	if _, _, ok := f.Difference(0, 1); ok {
		t.Error("Difference with an unrated contestant is ok; want false")
	}
}

func TestNoDifferenceAcrossComponents(t *testing.T) {
	b := []Battle{{A: 0, B: 1, Score: 0.5, Weight: 1}, {A: 2, B: 3, Score: 0.5, Weight: 1}}
	f := mustFit(t, 4, b, Options{})
	if _, _, ok := f.Difference(0, 2); ok {
		t.Error("Difference across components is ok; want false")
	}
	if _, se, ok := f.Difference(2, 3); !ok || se <= 0 {
		t.Errorf("Difference inside a component: se %v, %v; want a positive one", se, ok)
	}
}

func TestTooExtremeScoresLeanOnTheVirtualTie(t *testing.T) {
	f := mustFit(t, 2, []Battle{{A: 0, B: 1, Score: 1e-200, Weight: 1}}, Options{})
	c := f.Contestants[0]
	if !f.Prior || c.Cause != Extreme || !strings.Contains(f.Why(0, nil), "too extreme") || math.Abs(c.Rating-868.615911) > tolerance {
		t.Errorf("Prior %v, %+v, %q; want the rating of a lost battle, and why", f.Prior, c, f.Why(0, nil))
	}
}

func TestSoundRatingHasNoReason(t *testing.T) {
	f := mustFit(t, 2, []Battle{{A: 0, B: 1, Score: 0.5, Weight: 1}}, Options{})
	if got := f.Why(0, nil); got != "" {
		t.Errorf("Why = %q; want none", got)
	}
}

func TestWhyNamesAFewAndCountsTheRest(t *testing.T) {
	var b []Battle // 0 and 1 share points; 0 beats eight others
	b = append(b, Battle{A: 0, B: 1, Score: 0.5, Weight: 1})
	for i := int32(2); i < 10; i++ {
		b = append(b, Battle{A: 0, B: i, Score: 1, Weight: 1})
	}
	got := mustFit(t, 10, b, Options{}).Why(1, func(i int) string { return fmt.Sprint("m", i) })
	want := "its group does not share points both ways with m2, m3, m4, m5, m6 and 3 more; no finite rating fits, a virtual tie each stands in"
	if got != want {
		t.Errorf("Why = %q; want %q", got, want)
	}
}

// A judge that always prefers the first answer gives each prompt one win to either side: no cluster deviates from the
// model, yet nothing is known about who is better.
func TestClustersThatNeverDeviateClaimNoCertainty(t *testing.T) {
	var b []Battle
	for prompt := range int32(10) {
		b = append(b, Battle{A: 0, B: 1, Cluster: prompt, Score: 1, Weight: 1}, Battle{A: 1, B: 0, Cluster: prompt, Score: 1, Weight: 1})
	}
	f := mustFit(t, 2, b, Options{})
	if f.Interval != Sandwich || f.Clusters != 10 || f.Contestants[0].Upper < 1050 {
		t.Errorf("interval %v, %d clusters, %+v; want a sandwich that is wide", f.Interval, f.Clusters, f.Contestants[0])
	}
}
