package rating

import (
	"fmt"
	"slices"
	"strings"
	"testing"
)

// TestNotesOfIntervals: what intervals rest on is told where it is not what was asked for, or not much.
func TestNotesOfIntervals(t *testing.T) {
	const few, even = "Only 6 prompts", "would claim certainty"
	// A beats B twice in six prompts; C ties with both, so that nothing of it scatters from prompt to prompt.
	var tied []Battle
	for p := range int32(6) {
		score := 0.5
		if p < 2 {
			score = 1
		}
		tied = append(tied, battle(0, 1, p, score), battle(0, 2, p, 0.5), battle(1, 2, p, 0.5))
	}
	mixed := slices.Clone(tied)
	mixed[1], mixed[5], mixed[8] = battle(0, 2, 0, 1), battle(1, 2, 1, 0), battle(1, 2, 2, 1)
	_, all := season(3, 30) // three battles on each prompt
	// In a third of all draws of these four prompts A loses nothing.
	lost := []Battle{battle(0, 1, 0, 1), battle(0, 1, 1, 1), battle(0, 1, 2, 1), battle(0, 1, 3, 0)}
	with := func(change func(*Settings)) Settings {
		s := Default()
		change(&s)
		return s
	}
	for _, test := range []struct {
		name      string
		settings  Settings
		battles   []Battle
		want, not []string
	}{
		{"few prompts", Default(), mixed, []string{few}, []string{even}},
		{"few prompts, and no scatter between them", Default(), tied, []string{few, even + ", so these are sandwich ones"}, nil},
		{"intervals that do not rest on prompts", with(func(s *Settings) { s.Interval = Sandwich }), tied, nil, []string{few, even}},
		{"a bootstrap of few prompts", with(func(s *Settings) { s.Interval, s.Bootstrap = Bootstrap, 50 }), mixed, []string{few}, []string{even}},
		{"a bootstrap that draws battles without an end", with(func(s *Settings) { s.Interval, s.Bootstrap = Bootstrap, 50 }), lost,
			[]string{" of 50 rounds of the bootstrap points did not flow between all models"}, nil},
		{"one prompt too few", Default(), all[:29*3], []string{"Only 29 prompts"}, nil},
		{"as many prompts as it takes", Default(), all, nil, []string{"Only"}},
		{"no intervals at all", with(func(s *Settings) { s.Method = Elo }), tied, nil, []string{few, even}},
	} {
		notes := strings.Join(rate(t, test.settings, []string{"A", "B", "C"}, test.battles).Notes, "\n")
		for _, text := range test.want {
			if !strings.Contains(notes, text) {
				t.Errorf("%s: the notes are %q; want %q among them", test.name, notes, text)
			}
		}
		for _, text := range test.not {
			if strings.Contains(notes, text) {
				t.Errorf("%s: the notes are %q; want no %q", test.name, notes, text)
			}
		}
	}
}

// TestNotesOfMany: of many models, and of many groups, a few are named and the rest is counted.
func TestNotesOfMany(t *testing.T) {
	const n = 40
	var names []string
	var chain, islands []Battle
	for i := range int32(n) {
		names = append(names, fmt.Sprintf("m%02d", i))
		if i > 0 {
			chain = append(chain, battle(i-1, i, 0, 1))
		}
		if i%2 == 1 {
			islands = append(islands, battle(i-1, i, 0, 0.5))
		}
	}
	notes := rate(t, Settings{Interval: Sandwich}, names, chain).Notes
	if last := notes[len(notes)-1]; len(notes) != 1+20+1 || last != "The same or the like holds for 20 more." {
		t.Errorf("%d notes, the last one %q; want one on virtual ties, 20 on models, and that 20 more are alike", len(notes), last)
	}
	notes = rate(t, Settings{Interval: Sandwich}, names, islands).Notes
	if want := "20 groups of models never met: ratings and ranks compare only inside one group. " +
		"(1) m00 and m01; (2) m02 and m03; (3) m04 and m05; (4) m06 and m07; (5) m08 and m09; 15 more."; !slices.Contains(notes, want) {
		t.Errorf("notes %q; want %q among them", notes, want)
	}
}

// TestNoPrompts: battles of no known prompt are told as battles.
func TestNoPrompts(t *testing.T) {
	b := New(Default())
	for p, score := range []float64{1, 0, 1} {
		if err := b.Add(battle(b.Model("A"), b.Model("B"), int32(p), score)); err != nil {
			t.Fatal(err)
		}
	}
	b.NoPrompts()
	l, err := b.Rate(t.Context())
	if err != nil || l.Prompts != 0 || !slices.Contains(l.Notes, "Only 3 battles: the intervals are uncertain themselves.") {
		t.Errorf("%d prompts, notes %q, %v; want none, and that there are 3 battles only", l.Prompts, l.Notes, err)
	}
}

// battle is one that counts alike for all purposes.
func battle(a, b, prompt int32, score float64) Battle {
	return Battle{A: a, B: b, Cluster: prompt, Score: score, Share: score, Won: score, Weight: 1}
}

// rate makes a leaderboard of named models.
func rate(t *testing.T, s Settings, models []string, battles []Battle) *Leaderboard {
	t.Helper()
	b := New(s)
	for _, m := range models {
		b.Model(m)
	}
	for _, battle := range battles {
		if err := b.Add(battle); err != nil {
			t.Fatal(err)
		}
	}
	l, err := b.Rate(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return l
}
