package elo

import (
	"math"
	"slices"
	"testing"
)

// boardSet is a set of battles with what is known of it.
type boardSet struct {
	dataset
	reference
}

var sets map[string]boardSet // read once; tests do not change it

// published lists the sets of battles for which numbers of other programs are known.
func published(t testing.TB) map[string]boardSet {
	t.Helper()
	if sets != nil {
		return sets
	}
	read := map[string]boardSet{}
	for _, name := range []string{"llmfao_gpt4", "llmfao_crowd"} {
		var ref reference
		readJSON(t, name+".expected.json", &ref)
		read[name] = boardSet{numbered(t, readLines(t, name), all), ref}
	}
	var football struct {
		All     reference
		Largest reference `json:"largest_strong_component"`
	}
	readJSON(t, "football_2014_2025.expected.json", &football)
	lines := readLines(t, "football_2014_2025")
	inLargest := func(s string) bool { return !slices.Contains(football.All.Outside, s) }
	read["football"] = boardSet{numbered(t, lines, all), football.All}
	read["football, largest strong component"] = boardSet{numbered(t, lines, inLargest), football.Largest}
	for name, set := range read {
		if len(set.battles) != set.Battles || len(set.names) != set.Models {
			t.Fatalf("%s: %d battles of %d; want %d of %d", name, len(set.battles), len(set.names), set.Battles, set.Models)
		}
	}
	sets = read
	return sets
}

const tolerance = 1e-5 // the references have six decimals

func TestSequentialAgainstPublished(t *testing.T) {
	for name, set := range published(t) {
		t.Run(name, func(t *testing.T) {
			for method, k := range map[string]float64{"elo_k32_init1000": 32, "elo_k4_init1000": 4} {
				got, err := Sequential(len(set.names), slices.Values(set.battles), Elo{K: k})
				if err != nil {
					t.Fatal(err)
				}
				near(t, method, set.dataset, func(i int) float64 { return got[i] }, set.Methods[method].Ratings, tolerance)
			}
		})
	}
}

func TestBradleyTerryAgainstPublished(t *testing.T) {
	for name, set := range published(t) {
		exact, sound := set.Methods["bt_exact"]
		if !sound {
			continue
		}
		t.Run(name, func(t *testing.T) {
			f := mustFit(t, len(set.names), set.battles, Options{Interval: Sandwich})
			near(t, "rating", set.dataset, func(i int) float64 { return f.Contestants[i].Rating }, exact.Ratings, tolerance)
			evalica := set.Methods["evalica_0.4.2_bt"].Ratings // another program that goes to the end
			near(t, "evalica's rating", set.dataset, func(i int) float64 { return f.Contestants[i].Rating }, evalica, tolerance)
			if math.Abs(f.LogLikelihood-exact.LogLikelihood) > tolerance {
				t.Errorf("LogLikelihood = %.7f; want %.6f", f.LogLikelihood, exact.LogLikelihood)
			}
			if f.Prior || f.Components != 1 {
				t.Errorf("Prior = %v, Components = %d; want a sound fit of one component", f.Prior, f.Components)
			}
			for i, c := range f.Contestants {
				if c.Provisional() || c.Battles != set.PerModel[set.names[i]].Battles {
					t.Errorf("%s: provisional %v, battles %d; want false, %d", set.names[i], c.Provisional(), c.Battles, set.PerModel[set.names[i]].Battles)
				}
			}
		})
	}
}

func TestIntervalsAgainstPublished(t *testing.T) {
	methods := map[string]Interval{
		"bt_exact_sandwich95":       Sandwich,
		"bt_exact_cluster_prompt95": Clustered,
		"bt_exact_fisher95":         ModelBased,
	}
	compared := 0
	for name, set := range published(t) {
		for method, interval := range methods {
			want, known := set.Methods[method]
			if !known {
				continue
			}
			compared++
			t.Run(name+"/"+method, func(t *testing.T) {
				f := mustFit(t, len(set.names), set.battles, Options{Interval: interval})
				if f.Interval != interval {
					t.Fatalf("Interval = %v; want %v", f.Interval, interval)
				}
				near(t, "lower", set.dataset, func(i int) float64 { return f.Contestants[i].Lower }, want.Lower, tolerance)
				near(t, "upper", set.dataset, func(i int) float64 { return f.Contestants[i].Upper }, want.Upper, tolerance)
				for i, c := range f.Contestants {
					if c.Rank != want.Rank[set.names[i]] {
						t.Errorf("rank of %s = %d; want %d", set.names[i], c.Rank, want.Rank[set.names[i]])
					}
				}
				ex := want.ExampleDifference
				if ex.A == "" {
					return
				}
				a, b := slices.Index(set.names, ex.A), slices.Index(set.names, ex.B)
				points, se, ok := f.Difference(a, b)
				if !ok || math.Abs(points-ex.Difference) > tolerance || math.Abs(se-ex.SE) > tolerance {
					t.Errorf("Difference(%s, %s) = %v, %v, %v; want %v, %v", ex.A, ex.B, points, se, ok, ex.Difference, ex.SE)
				}
			})
		}
	}
	if compared != 8 {
		t.Errorf("compared %d sets of intervals; want 8", compared)
	}
}

// The fallback is chosen for the whole of football by itself; sound data must be made to take it.
func TestPriorAgainstPublished(t *testing.T) {
	for name, set := range published(t) {
		t.Run(name, func(t *testing.T) {
			want := set.Methods["bt_prior1"]
			f := leaning(t, len(set.names), set.battles)
			near(t, "rating", set.dataset, func(i int) float64 { return f.Contestants[i].Rating }, want.Ratings, tolerance)
			near(t, "lower", set.dataset, func(i int) float64 { return f.Contestants[i].Lower }, want.Lower, tolerance)
			near(t, "upper", set.dataset, func(i int) float64 { return f.Contestants[i].Upper }, want.Upper, tolerance)
		})
	}
}

// leaning fits with virtual ties whether they are needed or not.
func leaning(t testing.TB, n int, battles []Battle) *Fit {
	t.Helper()
	f := mustFit(t, n, battles, Options{Interval: ModelBased})
	if f.Prior {
		return f
	}
	m, ok := (&likelihood{n: len(f.table.active), pairs: f.table.pairs, prior: true}).maximise()
	if !ok {
		t.Fatal("no maximum with virtual ties")
	}
	f.Prior = true
	f.cov = f.table.spread(m, nil, nil, Options{Interval: ModelBased}).v
	for k := range f.cov {
		f.cov[k] *= scale * scale
	}
	f.place(m.x, 1000, variance{}, nil)
	return f
}

func TestFootballIsDegenerate(t *testing.T) {
	set := published(t)["football"]
	f := mustFit(t, len(set.names), set.battles, Options{})
	if !f.Prior || f.Interval != ModelBased || f.Components != set.WeakComponents || len(f.graph.strong) != set.StrongComponents {
		t.Errorf("Prior %v, Interval %v, %d components, %d strong; want true, %v, %d, %d",
			f.Prior, f.Interval, f.Components, len(f.graph.strong), ModelBased, set.WeakComponents, set.StrongComponents)
	}
	for i, c := range f.Contestants {
		outside := slices.Contains(set.Outside, set.names[i])
		if !c.Provisional() || (c.Cause == Bystander) == outside {
			t.Errorf("%s: cause %d; want it provisional, and a bystander only inside the largest part", set.names[i], c.Cause)
		}
		if inMain := c.Component == 0; !inMain && !outside {
			t.Errorf("%s is in component %d; want 0", set.names[i], c.Component)
		}
	}
}

// The Python project's rule, played by Python itself: soft scores of 1 to 10 points, made of the battle's place.
func TestSequentialAsInPython(t *testing.T) {
	set := published(t)["llmfao_gpt4"]
	battles := slices.Clone(set.battles)
	for k := range battles {
		first, second := float64(1+k%10), float64(1+3*k/7%10)
		battles[k].Score = first / (first + second)
	}
	got, err := Sequential(len(set.names), slices.Values(battles), Elo{})
	if err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]float64{
		"Airoboros L2 70B": 1011.5434921331686, "Alpaca (7B)": 1002.1674708101287, "Chronos Hermes (13B)": 1001.938099591326,
		"command-light": 978.7550171948114, "command-nightly": 1034.4151231871033,
	} {
		if g := got[slices.Index(set.names, name)]; math.Abs(g-want) > 1e-9 {
			t.Errorf("%s: %.12f; want %.12f", name, g, want)
		}
	}
}
