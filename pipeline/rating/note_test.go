package rating

import (
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
	l, err := b.Rate()
	if err != nil {
		t.Fatal(err)
	}
	return l
}
