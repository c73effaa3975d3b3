package rating

import (
	"encoding/json"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"openarena/elo"
)

// season is battles of so many models, of which those with low numbers win more often; one prompt after the other, each
// with every pair.
func season(models, prompts int) (names []string, battles []Battle) {
	r := rand.New(rand.NewPCG(1, 2))
	for i := range models {
		names = append(names, string(rune('A'+i)))
	}
	for p := range prompts {
		for i := range models {
			for j := range i {
				score := 0.0
				switch x := r.Float64(); {
				case x < 0.2:
					score = 0.5
				case x < 0.2+0.8/(1+math.Exp(0.5*float64(j-i))):
					score = 1
				}
				battles = append(battles, battle(int32(j), int32(i), int32(p), score))
			}
		}
	}
	return names, battles
}

// TestCountsAreEnough: where no battle has to be kept the leaderboard is the same, byte for byte.
func TestCountsAreEnough(t *testing.T) {
	names, battles := season(5, 40)
	for _, s := range []Settings{{Interval: Sandwich, Pairs: true}, {Method: Elo, Pairs: true}} {
		few := New(s)
		for _, name := range names {
			few.Model(name)
		}
		for _, battle := range battles {
			if err := few.Add(battle); err != nil {
				t.Fatal(err)
			}
		}
		if few.battles != nil {
			t.Errorf("%+v keeps %d battles", s, len(few.battles))
		}
		l, err := few.Rate(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		s.Progression = true // which keeps them
		got, want := text(t, l), text(t, rate(t, s, names, battles))
		if got != want {
			t.Errorf("from counts %s\nfrom battles %s", got, want)
		}
		for _, err := range few.Progression() {
			if err == nil {
				t.Error("a progression of battles that were not kept")
			}
		}
	}
}

func text(t *testing.T, l *Leaderboard) string {
	t.Helper()
	b, err := json.Marshal(l)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

// TestPairs: what is said of a pair is said of its first, whoever has the lower number, and agrees with the ratings.
func TestPairs(t *testing.T) {
	names, battles := season(5, 40)
	slices.Reverse(names) // the best have high numbers now
	for i := range battles {
		battles[i].A, battles[i].B = 4-battles[i].A, 4-battles[i].B
	}
	l := rate(t, Settings{Pairs: true}, names, battles)
	if len(l.Pairs) != 10 {
		t.Fatalf("%d pairs; want 10", len(l.Pairs))
	}
	places := map[string]int{}
	for i, r := range l.Ratings {
		places[r.Model] = i
	}
	won := map[[2]string]float64{}
	for _, b := range battles {
		x, y := names[b.A], names[b.B]
		won[[2]string{x, y}] += b.Won
		won[[2]string{y, x}] += 1 - b.Won
	}
	tiedPairs, apart := 0, 0
	for _, p := range l.Pairs {
		a, b := l.Ratings[places[p.A]], l.Ratings[places[p.B]]
		if places[p.A] > places[p.B] || p.Battles != 40 || math.Abs(*p.Points-(*a.Rating-*b.Rating)) > 1e-9 {
			t.Errorf("%+v is of places %d and %d, %v and %v points", p, places[p.A], places[p.B], *a.Rating, *b.Rating)
		}
		if want := 1 / (1 + math.Pow(10, -*p.Points/400)); math.Abs(*p.Chance-want) > 1e-9 || !(*p.Lower < want && want < *p.Upper) {
			t.Errorf("%+v: the chance is not %v, or outside of its bounds", p, want)
		}
		if *p.Tied != (*p.Lower <= 0.5) || *p.Tied != (*p.Needed > 0) {
			t.Errorf("%+v: tied means that the bounds hold one half, and that more battles are needed", p)
		}
		if *p.Tied {
			tiedPairs++
		} else {
			apart++
		}
		if want := won[[2]string{p.A, p.B}] / 40; math.Abs(*p.WinRate-want) > 1e-12 {
			t.Errorf("%+v: the win rate is not %v", p, want)
		}
	}
	for _, r := range l.Ratings {
		sum := 0.0
		for _, other := range names {
			sum += won[[2]string{r.Model, other}]
		}
		if want := sum / 160; math.Abs(*r.WinRate-want) > 1e-12 {
			t.Errorf("%s has a win rate of %v; want %v", r.Model, *r.WinRate, want)
		}
	}
	if tiedPairs == 0 || apart == 0 {
		t.Errorf("%d pairs are tied, %d apart; the test needs both", tiedPairs, apart)
	}
}

// TestTies: the groups are those of neighbours of whom no two are apart, none inside another one, and none is missing.
func TestTies(t *testing.T) {
	names, battles := season(8, 20)
	l := rate(t, Settings{Pairs: true}, names, battles)
	tied, needed := map[[2]string]bool{}, map[[2]string]*int{}
	for _, p := range l.Pairs {
		tied[[2]string{p.A, p.B}], needed[[2]string{p.A, p.B}] = *p.Tied, p.Needed
	}
	order := make([]string, len(l.Ratings))
	for i, r := range l.Ratings {
		order[i] = r.Model
	}
	covered := map[[2]string]bool{}
	for k, group := range l.Tied {
		for i, a := range group.Models {
			for _, b := range group.Models[i+1:] {
				covered[[2]string{a, b}] = true
				if !tied[[2]string{a, b}] {
					t.Errorf("%s and %s are in the group %v, and apart", a, b, group.Models)
				}
			}
		}
		if len(group.Needed) != len(group.Models)-1 {
			t.Errorf("%v has %d neighbours", group.Models, len(group.Needed))
		}
		for i, n := range group.Needed {
			if want := needed[[2]string{group.Models[i], group.Models[i+1]}]; (n == nil) != (want == nil) || n != nil && *n != *want {
				t.Errorf("%v: neighbours %d and %d need other numbers of battles than as a pair", group.Models, i, i+1)
			}
		}
		if k > 0 && strings.Contains(strings.Join(l.Tied[k-1].Models, ""), strings.Join(group.Models, "")) {
			t.Errorf("the group %v is inside %v", group.Models, l.Tied[k-1].Models)
		}
	}
	for i := range order[:len(order)-1] {
		if pair := [2]string{order[i], order[i+1]}; tied[pair] && !covered[pair] {
			t.Errorf("the neighbours %v are tied, and in no group of %v", pair, l.Tied)
		}
	}
	if len(l.Tied) < 2 {
		t.Errorf("groups %v; the test needs some that overlap", l.Tied)
	}
}

// TestCycleIsNamed: whoever stands highest is named first.
func TestCycleIsNamed(t *testing.T) {
	battles := []Battle{battle(0, 1, 0, 1), battle(1, 2, 0, 1), battle(2, 0, 0, 1), battle(3, 0, 1, 1), battle(3, 1, 2, 1), battle(2, 3, 3, 1), battle(3, 2, 4, 1), battle(3, 2, 5, 1)}
	l := rate(t, Settings{}, []string{"A", "B", "C", "D"}, battles)
	if want := []string{"C", "A", "B"}; len(l.Cycle) != 3 || !slices.Contains(want, l.Cycle[0]) {
		t.Fatalf("the circle is %v; want %v from some place on", l.Cycle, want)
	}
	next := map[string]string{"A": "B", "B": "C", "C": "A"}
	for i, m := range l.Cycle {
		if l.Cycle[(i+1)%3] != next[m] {
			t.Errorf("the circle %v is not the one that was fought", l.Cycle)
		}
	}
	for _, r := range l.Ratings {
		if next[r.Model] != "" {
			if r.Model != l.Cycle[0] {
				t.Errorf("the circle begins with %s; want %s, which stands highest", l.Cycle[0], r.Model)
			}
			break
		}
	}
	if l := rate(t, Settings{}, []string{"A", "B"}, battles[:1]); l.Cycle != nil {
		t.Errorf("a circle of two: %v", l.Cycle)
	}
}

// TestPermutations: the mean of Elo is that of shares, and depends on nothing but the battles.
func TestPermutations(t *testing.T) {
	names, battles := season(3, 10)
	for i := range battles {
		battles[i].Share = 0.25 + battles[i].Score/2
	}
	l := rate(t, Settings{Permutations: 20}, names, battles)
	var shares []elo.Battle
	for _, b := range battles {
		shares = append(shares, elo.Battle{A: b.A, B: b.B, Cluster: b.Cluster, Score: b.Share, Weight: b.Weight})
	}
	want, err := elo.Permuted(3, shares, elo.Elo{}, 20, seed)
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range l.Ratings {
		if w := want[slices.Index(names, r.Model)]; *r.EloMean != w.Mean || *r.EloSD != w.SD || w.SD == 0 {
			t.Errorf("%s: %v ± %v; want %+v", r.Model, *r.EloMean, *r.EloSD, w)
		}
	}
	if l.Permutations != 20 || rate(t, Settings{}, names, battles).Ratings[0].EloMean != nil {
		t.Error("the orders are not told, or there are means that nobody asked for")
	}
}

// TestControl: ratings stand beside those without control, and an effect is in points of rating.
func TestControl(t *testing.T) {
	names, battles := season(4, 60)
	plain := rate(t, Settings{}, names, battles)
	r := rand.New(rand.NewPCG(3, 4))
	for i := range battles {
		battles[i].X = []float64{0.5 * r.NormFloat64(), 1, 0}
	}
	s := Settings{Control: []string{"length", Position, "bold"}}
	l := rate(t, s, names, battles)
	if e := l.Effects[0]; e.Name != "length" || e.Points == nil || !(*e.SE > 0) || math.Abs(*e.Points) > 4**e.SE {
		t.Errorf("the effect of a length that decides nothing is %s %v ± %v", e.Name, exact(e.Points), exact(e.SE))
	}
	if e := l.Effects[2]; e.Points != nil || !strings.Contains(strings.Join(l.Notes, "\n"), "do not tell the effect of bold") {
		t.Errorf("what never differs has an effect of %v points; notes %q", *e.Points, l.Notes)
	}
	for _, x := range l.Ratings {
		for _, y := range plain.Ratings {
			if x.Model == y.Model && *x.Uncontrolled != *y.Rating {
				t.Errorf("%s without control has %v; want %v", x.Model, *x.Uncontrolled, *y.Rating)
			}
		}
	}
	// What is controlled is kept for an interval, too, that without it takes counts alone.
	s.Interval = Sandwich
	if e := rate(t, s, names, battles).Effects; len(e) != 3 || e[0].Coefficient == nil || *e[0].Coefficient != *l.Effects[0].Coefficient {
		t.Errorf("with sandwich intervals the effects are %+v; want those of clustered ones", e)
	}
	s.Interval = ""
	// z-scores move the zero of length, and its unit, and leave the position as it is.
	s.Standardize = true
	z := rate(t, s, names, battles)
	if a, b := z.Effects[0], l.Effects[0]; math.Abs(*a.Points / *b.Points - deviation(battles)) > 1e-6 || math.Abs(*a.SE / *b.SE - deviation(battles)) > 1e-6 || !z.Standardized {
		t.Errorf("z-scored the effect is %v ± %v; want %v ± %v for each of %v", *a.Points, *a.SE, *b.Points, *b.SE, deviation(battles))
	}
	if *z.Effects[1].SE != *l.Effects[1].SE && math.Abs(*z.Effects[1].SE / *l.Effects[1].SE - 1) > 0.1 {
		t.Errorf("z-scored the position has an error of %v; want about %v", *z.Effects[1].SE, *l.Effects[1].SE)
	}
	if e := rate(t, Settings{Method: Elo, Control: s.Control}, names, battles); e.Effects != nil || e.Ratings[0].Uncontrolled != nil {
		t.Error("Elo controls something")
	}
}

// deviation is that of the first covariate.
func deviation(battles []Battle) float64 {
	sum, squares, n := 0.0, 0.0, float64(len(battles))
	for _, b := range battles {
		sum += b.X[0]
		squares += b.X[0] * b.X[0]
	}
	return math.Sqrt(squares/n - sum*sum/n/n)
}

// TestControlThatTellsAll: where the longer answer won every time nothing tells length from strength, and that is said.
func TestControlThatTellsAll(t *testing.T) {
	names, battles := season(3, 20)
	plain := rate(t, Settings{}, names, battles)
	for i := range battles {
		battles[i].X = []float64{2*battles[i].Score - 1}
	}
	l := rate(t, Settings{Control: []string{"length"}}, names, battles)
	notes := strings.Join(l.Notes, "\n")
	if l.Effects[0].Points != nil || *l.Ratings[0].Rating != *plain.Ratings[0].Rating || !strings.Contains(notes, "effect of length") || !strings.Contains(notes, "or decides every one") {
		t.Errorf("effects %+v, notes %q; want none, a note why, and the ratings without control", l.Effects, l.Notes)
	}
}

func exact(x *float64) float64 {
	if x == nil {
		return math.NaN()
	}
	return *x
}

// TestAnchor: it moves all alike, and where it cannot that is said.
func TestAnchor(t *testing.T) {
	names, battles := season(3, 10)
	plain := rate(t, Settings{}, names, battles)
	l := rate(t, Settings{Anchor: &Anchor{"B", 0}}, names, battles)
	for i, r := range l.Ratings {
		p := plain.Ratings[i]
		if r.Model == "B" && math.Abs(*r.Rating) > 1e-9 || math.Abs((*r.Upper-*r.Lower)-(*p.Upper-*p.Lower)) > 1e-9 || *r.Elo != *p.Elo {
			t.Errorf("anchored at B = 0 %+v; without %+v", r, p)
		}
	}
	for _, nobody := range []string{"D", "E"} {
		l := rate(t, Settings{Anchor: &Anchor{nobody, 0}}, append(names, "D"), battles)
		if *l.Ratings[0].Rating != *plain.Ratings[0].Rating || !strings.Contains(strings.Join(l.Notes, "\n"), nobody+" has no battles, so that it anchors nothing: the mean is 1000.") {
			t.Errorf("anchored at %s the best has %v, notes %q", nobody, *l.Ratings[0].Rating, l.Notes)
		}
	}
}

func TestZScored(t *testing.T) {
	for _, test := range []struct{ in, want []float64 }{
		{[]float64{1, 3}, []float64{-1, 1}},
		{[]float64{2, 2, 2}, []float64{0, 0, 0}},
		{nil, []float64{}},
	} {
		if got := zScored(test.in); !slices.Equal(got, test.want) {
			t.Errorf("zScored(%v) = %v; want %v", test.in, got, test.want)
		}
	}
}

func TestEnumerate(t *testing.T) {
	names := []string{"a", "b", "c", "d"}
	for _, test := range []struct {
		few, most int
		want      string
	}{{0, 3, ""}, {1, 3, "a"}, {2, 3, "a and b"}, {3, 3, "a, b and c"}, {4, 3, "a, b and 2 more"}} {
		if got := Enumerate(names[:test.few], test.most); got != test.want {
			t.Errorf("Enumerate of %d, %d at most = %q; want %q", test.few, test.most, got, test.want)
		}
	}
	if got, want := Enumerate([]string{"a", "a, warm", "b"}, 3), `a, "a, warm" and b`; got != want {
		t.Errorf("Enumerate of a name with a comma = %s; want %s", got, want)
	}
}
