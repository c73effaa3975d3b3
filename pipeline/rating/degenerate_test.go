package rating

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"
)

// TestDegenerate: whatever battles there are, the leaderboard is JSON, every model is on it, and what is odd is said.
func TestDegenerate(t *testing.T) {
	for _, test := range []struct {
		about   string
		models  []string
		battles []Battle
		ranks   []int  // as listed; 0: null
		note    string // a part of some note; "": there are none
	}{
		{"no models", nil, nil, []int{}, ""},
		{"one model", []string{"A"}, nil, []int{0}, ""},
		{"no battles", []string{"A", "B"}, nil, []int{0, 0}, ""},
		{"only ties", []string{"A", "B"}, []Battle{battle(0, 1, 0, 0.5), battle(0, 1, 1, 0.5)}, []int{1, 1}, "would claim certainty, so these are model-based"},
		{"one battle", []string{"A", "B"}, []Battle{battle(0, 1, 0, 1)}, []int{1, 1}, "A: it won its only battle; no finite rating fits"},
		{"a model without battles", []string{"A", "B", "C"}, []Battle{battle(0, 2, 0, 1), battle(0, 2, 1, 0)}, []int{1, 1, 0}, "intervals are uncertain themselves"},
		{"a winner of everything", []string{"A", "B", "C"},
			[]Battle{battle(0, 1, 0, 1), battle(0, 2, 0, 1), battle(1, 2, 0, 1), battle(1, 2, 1, 0)}, []int{1, 1, 1}, "A: it won all of its 2 battles"},
		{"two components", []string{"A", "B", "C", "D", "E"},
			[]Battle{battle(0, 1, 0, 1), battle(1, 2, 0, 1), battle(2, 0, 0, 1), battle(3, 4, 1, 0.5)}, []int{1, 1, 1, 1, 1},
			"2 groups of models never met: ratings and ranks compare only inside one group. (1) A, B and C; (2) D and E."},
	} {
		for _, method := range Methods {
			s := Settings{Method: method, Pairs: true, Permutations: 3}
			l := rate(t, s, test.models, test.battles)
			if _, err := json.Marshal(l); err != nil {
				t.Errorf("%s by %s: %v", test.about, method, err)
			}
			ranks := []int{}
			for _, r := range l.Ratings {
				if r.Rank == nil {
					ranks = append(ranks, 0)
				} else {
					ranks = append(ranks, *r.Rank)
				}
				if rated := r.Battles > 0; rated != (r.Rating != nil) || rated != (r.WinRate != nil) || rated != (r.EloMean != nil) {
					t.Errorf("%s by %s: %+v; want numbers where there are battles, and only there", test.about, method, r)
				}
			}
			notes := strings.Join(l.Notes, "\n")
			if method == BradleyTerry && (!slices.Equal(ranks, test.ranks) || !strings.Contains(notes, test.note) || (test.note == "") != (notes == "")) {
				t.Errorf("%s: ranks %v, notes %q; want %v, %q among them", test.about, ranks, notes, test.ranks, test.note)
			}
			if method == Elo && (strings.Contains(notes, "virtual") || strings.Contains(notes, "interval")) {
				t.Errorf("%s by Elo, which has neither virtual ties nor intervals: notes %q", test.about, notes)
			}
		}
	}
}

// TestRanksOfComponents: no rank compares models that nothing joins, by whatever method.
func TestRanksOfComponents(t *testing.T) {
	battles := []Battle{battle(0, 1, 0, 1), battle(0, 1, 1, 1), battle(2, 3, 2, 1), battle(3, 4, 2, 1), battle(0, 1, 3, 1)}
	for _, method := range Methods {
		l := rate(t, Settings{Method: method}, []string{"A", "B", "C", "D", "E"}, battles)
		first := map[int]string{}
		for i, r := range l.Ratings {
			if i > 0 && r.Component < l.Ratings[i-1].Component {
				t.Errorf("by %s %s of component %d stands behind one of %d", method, r.Model, r.Component, l.Ratings[i-1].Component)
			}
			if _, ok := first[r.Component]; !ok {
				first[r.Component] = r.Model
				if *r.Rank != 1 {
					t.Errorf("by %s the best of component %d is %s, of rank %d; want 1", method, r.Component, r.Model, *r.Rank)
				}
			}
		}
		if first[0] != "C" || first[1] != "A" {
			t.Errorf("by %s the best are %v; want C of the larger component, and A", method, first)
		}
	}
}

// TestWrongBattles: what cannot be counted is an error that names the model, and the rest counts.
func TestWrongBattles(t *testing.T) {
	for _, settings := range []Settings{{}, {Interval: Sandwich}} {
		b := New(settings)
		b.Model("A")
		b.Model("B")
		for _, wrong := range []Battle{
			battle(0, 0, 0, 1), battle(0, 1, 0, 1.5), battle(0, 1, -1, 1), {A: 0, B: 1, Score: 1, Share: 1, Won: 1},
			{A: 0, B: 1, Score: 1, Share: 1, Won: 1, Weight: 1, X: []float64{1}},
		} {
			if err := b.Add(wrong); err == nil {
				t.Errorf("%+v is counted", wrong)
			}
		}
		if b.Add(battle(0, 1, 0, 1)) != nil || b.Add(battle(1, 0, 1, 1)) != nil {
			t.Error("a battle after wrong ones is not counted")
		}
		l, err := b.Rate(t.Context())
		if err != nil || l.Battles != 2 || l.Prompts != 2 || *l.Ratings[0].Rating != *l.Ratings[1].Rating {
			t.Errorf("Rate() = %+v, %v; want two battles on two prompts", l, err)
		}
	}
}
