package elo

import (
	"errors"
	"math"
	"math/rand/v2"
	"reflect"
	"slices"
	"strings"
	"testing"
)

// counted are battles counted one by one, each contestant added only when it is met.
func counted(t testing.TB, n int, battles []Battle) *Counts {
	t.Helper()
	c := &Counts{Outcomes: true}
	for _, b := range battles {
		if err := errors.Join(c.Grow(int(max(b.A, b.B))+1), c.Add(b)); err != nil {
			t.Fatal(err)
		}
	}
	if err := c.Grow(n); err != nil {
		t.Fatal(err)
	}
	return c
}

// Counts say to the last bit what the battles themselves say, under every interval that they can give, soft scores and weights
// included; and they can be rated again and go on.
func TestCountsRateAsBattlesDo(t *testing.T) {
	r := rand.New(rand.NewPCG(21, 22))
	soft := random(r, 8, 400, 50)
	for k := range soft {
		if k%3 == 0 {
			soft[k].Score, soft[k].Weight = r.Float64(), 0.5+r.Float64()
		}
	}
	all := boards(r)
	all["soft and weighted"] = soft
	for what, battles := range all {
		half := len(battles) / 2
		c := counted(t, contestants, battles[:half])
		for _, b := range battles[half:] {
			if err := c.Add(b); err != nil {
				t.Fatal(err)
			}
		}
		if c.Battles() != len(battles) || c.Contestants() != contestants {
			t.Errorf("%s: %d battles of %d contestants; want %d of %d", what, c.Battles(), c.Contestants(), len(battles), contestants)
		}
		for _, kind := range []Interval{Sandwich, ModelBased, BootstrapBattles} {
			o := Options{Interval: kind, Rounds: 20, Seed: 3}
			want := bytesOf(mustFit(t, contestants, battles, o))
			for range 2 {
				got, err := c.Rate(o)
				if err != nil || !slices.Equal(bytesOf(got), want) {
					t.Errorf("%s, %v: counts are rated differently (error %v)", what, kind, err)
				}
			}
		}
	}
}

func TestCountsRefuseWhatNeedsBattles(t *testing.T) {
	c := counted(t, 2, series(0, 1, 3, 1, 2))
	c.Outcomes = false
	for _, o := range []Options{{}, {Interval: Bootstrap}, {Interval: Sandwich, Covariates: [][]float64{{1}}}} {
		if _, err := c.Rate(o); !errors.Is(err, ErrNeedsBattles) {
			t.Errorf("Rate(%+v): error %v; want %v", o, err, ErrNeedsBattles)
		}
	}
	if _, err := c.Rate(Options{Interval: BootstrapBattles}); err != nil {
		t.Errorf("wins, ties and losses are enough for a bootstrap of battles: %v", err)
	}
	if err := c.Add(Battle{A: 0, B: 1, Score: 0.3, Weight: 1}); err != nil {
		t.Fatal(err)
	}
	if _, err := c.Rate(Options{Interval: BootstrapBattles}); !errors.Is(err, ErrNeedsBattles) || !strings.Contains(err.Error(), "Outcomes") {
		t.Errorf("a soft score whose outcome was not kept: error %v; want %v", err, ErrNeedsBattles)
	}
}

func TestCountsRefuseBadBattles(t *testing.T) {
	c := counted(t, 3, series(0, 1, 3, 1, 2))
	want := bytesOf(mustRate(t, c, Options{Interval: Sandwich}))
	for _, bad := range []Battle{
		{A: 0, B: 3, Score: 1, Weight: 1}, {A: -1, B: 1, Score: 1, Weight: 1}, {A: 2, B: 2, Score: 0.5, Weight: 1},
		{A: 0, B: 2, Score: math.NaN(), Weight: 1}, {A: 0, B: 2, Score: math.Inf(1), Weight: 1}, {A: 0, B: 2, Score: -0.5, Weight: 1},
		{A: 0, B: 2, Score: 1.5, Weight: 1}, {A: 0, B: 2, Score: 1}, {A: 0, B: 2, Score: 1, Weight: math.NaN()},
		{A: 0, B: 2, Score: 1, Weight: math.Inf(1)}, {A: 0, B: 2, Score: 1, Weight: -1},
	} {
		var be *BattleError
		if err := c.Add(bad); !errors.As(err, &be) || be.Index != 6 {
			t.Errorf("Add(%+v): error %v; want a *BattleError for battle 6", bad, err)
		}
	}
	if got := mustRate(t, c, Options{Interval: Sandwich}); !slices.Equal(bytesOf(got), want) {
		t.Error("battles that were refused changed the ratings")
	}
	if err := c.Grow(MaxContestants + 1); err == nil || c.Contestants() != 3 {
		t.Errorf("more contestants than tables hold: error %v, %d contestants; want one, 3", err, c.Contestants())
	}
	if c.Grow(1); c.Contestants() != 3 {
		t.Error("growing made it fewer contestants")
	}
}

// Without battles, without contestants, and with one only, nobody is rated.
func TestCountsOfNothing(t *testing.T) {
	for n := range 2 {
		f := mustRate(t, counted(t, n, nil), Options{Interval: Sandwich})
		if len(f.Contestants) != n || f.Components != 0 || len(f.Pairs()) != 0 {
			t.Errorf("%d contestants without battles: %+v", n, f)
		}
	}
}

// What a bootstrap of battles draws from is each way in which a pair ended, by points of the lower contestant and of the upper, as
// often as it came, whoever was named first.
func TestCellsByDefinition(t *testing.T) {
	battles := append(series(0, 1, 3, 1, 2), // 3 wins, a tie, 2 losses
		Battle{A: 2, B: 0, Score: 0.25, Weight: 2}, Battle{A: 0, B: 2, Score: 0.75, Weight: 2}, Battle{A: 0, B: 2, Score: 0.75, Weight: 1},
		Battle{A: 0, B: 1, Score: 1, Weight: 0.5})
	c := counted(t, 3, battles)
	cells, counts := c.cells(c.table())
	wantCells := []cell{{0, 0, 1}, {0, 0.5, 0}, {0, 0.5, 0.5}, {0, 1, 0}, {1, 0.75, 0.25}, {1, 1.5, 0.5}}
	if want := []int{2, 1, 1, 3, 1, 2}; !slices.Equal(cells, wantCells) || !slices.Equal(counts, want) {
		t.Errorf("cells %v, %v times; want %v, %v times", cells, counts, wantCells, want)
	}
}

func mustRate(t testing.TB, c *Counts, o Options) *Fit {
	t.Helper()
	f, err := c.Rate(o)
	if err != nil {
		t.Fatal(err)
	}
	return f
}

func TestPairsByDefinition(t *testing.T) {
	battles := append(series(3, 1, 2, 1, 0), Battle{A: 1, B: 0, Score: 0.25, Weight: 2}, Battle{A: 3, B: 0, Score: 1, Weight: 0.5})
	want := []Pair{{0, 1, 1, 1.5, 2}, {0, 3, 1, 0, 0.5}, {1, 3, 3, 0.5, 3}}
	if got := mustFit(t, 5, battles, Options{}).Pairs(); !slices.Equal(got, want) {
		t.Errorf("Pairs() = %+v; want %+v", got, want)
	}
}

func TestChance(t *testing.T) {
	f := mustFit(t, 4, series(0, 1, 30, 0, 10), Options{Interval: Sandwich})
	p, lower, upper, ok := f.Chance(0, 1)
	if !ok || math.Abs(p-0.75) > 1e-9 {
		t.Errorf("Chance(0, 1) = %v, %v; want 0.75", p, ok)
	}
	// The log odds of 30 wins of 40 have the variance 1/30 + 1/10.
	half := z95 * math.Sqrt(1./30+1./10)
	for _, c := range [][2]float64{{lower, math.Log(3) - half}, {upper, math.Log(3) + half}} {
		if want := 1 / (1 + math.Exp(-c[1])); math.Abs(c[0]-want) > 1e-9 {
			t.Errorf("bound %v; want %v", c[0], want)
		}
	}
	if q, low, high, _ := f.Chance(1, 0); math.Abs(p+q-1) > 1e-12 || math.Abs(lower+high-1) > 1e-12 || math.Abs(upper+low-1) > 1e-12 {
		t.Errorf("Chance(1, 0) = %v, %v to %v; want the rest of %v, %v to %v", q, low, high, p, lower, upper)
	}
	if _, _, _, ok := f.Chance(0, 2); ok {
		t.Error("the chance against somebody without battles is known; want none")
	}
}

// Battles counted in parts are counted as one by one, and the first bad one is told by its place.
func TestCountsInParts(t *testing.T) {
	before := leastPart
	leastPart = 50
	defer func() { leastPart = before }()
	r := rand.New(rand.NewPCG(31, 32))
	battles := random(r, 8, 400, 50)
	for k := range battles {
		if k%3 == 0 {
			battles[k].Score, battles[k].Weight = r.Float64(), 0.5+r.Float64()
		}
	}
	want, got := counted(t, 8, battles), &Counts{Outcomes: true}
	if err := errors.Join(got.Grow(8), got.addAll(battles)); err != nil {
		t.Fatal(err)
	}
	if parts(len(battles), len(got.plain)) < 2 {
		t.Fatal("there is one part only; this tests nothing")
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("in parts they are %+v; want %+v", got, want)
	}
	battles[333].B, battles[390].Weight = battles[333].A, math.NaN()
	var bad *BattleError
	if _, err := BradleyTerry(8, battles, Options{}); !errors.As(err, &bad) || bad.Index != 333 {
		t.Errorf("error %v; want one of battle 333, the first that cannot be counted", err)
	}
}
