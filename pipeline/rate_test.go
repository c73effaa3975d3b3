package pipeline

import (
	"slices"
	"strings"
	"testing"

	"openarena/elo"
)

// TestNotesOfALeaderboard: what intervals rest on is told where it is not what was asked for, or not much.
func TestNotesOfALeaderboard(t *testing.T) {
	const few, even = "Only 6 prompts", "would claim certainty"
	// A beats B twice in six prompts; C ties with both, so that nothing of it scatters from prompt to prompt.
	var tied []elo.Battle
	for p := range int32(6) {
		score := 0.5
		if p < 2 {
			score = 1
		}
		tied = append(tied, elo.Battle{A: 0, B: 1, Cluster: p, Score: score, Weight: 1},
			elo.Battle{A: 0, B: 2, Cluster: p, Score: 0.5, Weight: 1}, elo.Battle{A: 1, B: 2, Cluster: p, Score: 0.5, Weight: 1})
	}
	mixed := slices.Clone(tied)
	mixed[1].Score, mixed[5].Score, mixed[8].Score = 1, 0, 1
	for _, test := range []struct {
		name, rating string
		battles      []elo.Battle
		want, not    []string
	}{
		{"few prompts", "", mixed, []string{few}, []string{even}},
		{"few prompts, and no scatter between them", "", tied, []string{few, even + ", so these are sandwich ones"}, nil},
		{"intervals that do not rest on prompts", "rating: {interval: sandwich}", tied, nil, []string{few, even}},
		{"a bootstrap of few prompts", "rating: {interval: bootstrap, bootstrap: 50}", mixed, []string{few}, []string{even}},
		{"no intervals at all", "rating: {method: elo}", tied, nil, []string{few, even}},
	} {
		b := newBallot(parseArena(t, t.TempDir(), strings.Replace(plain, "url: URL", "url: http://localhost/v1", 1)+test.rating, Trial{}).pairing())
		b.battles, b.shares, b.prompts, b.decided = test.battles, test.battles, 6, 6
		l, err := b.leaderboard()
		if err != nil {
			t.Fatal(err)
		}
		notes := strings.Join(l.Notes, "\n")
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
