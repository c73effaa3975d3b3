package standings

import (
	"testing"

	"openarena/pipeline/rating"
)

// TestWordsOfABoard: what the tables do not show is said.
func TestWordsOfABoard(t *testing.T) {
	number := func(x float64) *float64 { return &x }
	n, one := 1234, 1
	for _, test := range []struct {
		about string
		board rating.Leaderboard
		say   func(*rating.Leaderboard) string
		want  string
	}{
		{"nobody is tied", rating.Leaderboard{}, Tied, ""},
		{"two are", rating.Leaderboard{Tied: []rating.Tie{{Models: []string{"A", "B"}, Needed: []*int{&n}}}}, Tied,
			"Statistically tied: A and B. To tell neighbours apart it would take about 1,300 more battles of A and B."},
		{"two are nearly told apart", rating.Leaderboard{Tied: []rating.Tie{{Models: []string{"A", "B"}, Needed: []*int{&one}}}}, Tied,
			"Statistically tied: A and B. To tell neighbours apart it would take about 1 more battle of A and B."},
		{"two are equal", rating.Leaderboard{Tied: []rating.Tie{{Models: []string{"A", "B"}, Needed: []*int{nil}}}}, Tied, "Statistically tied: A and B."},
		{"groups overlap, and one is large", rating.Leaderboard{Tied: []rating.Tie{
			{Models: []string{"A", "B", "C", "D", "E"}, Needed: []*int{&n, nil, &n, &n}}, {Models: []string{"D", "E", "F"}, Needed: []*int{&n, &n}},
		}}, Tied, "Statistically tied: the 5 from A to E; D, E and F. To tell neighbours apart it would take about 1,300 more battles of A and B; 1,300 of C and D; 1,300 of D and E; and 1 other pair."},
		{"no circle", rating.Leaderboard{}, Circle, ""},
		{"a circle", rating.Leaderboard{Cycle: []string{"A", "B", "C"}}, Circle,
			"In a circle each took more points from the next than it gave, which ratings cannot show: A, B, C, and A again."},
		{"a circle among many, where there always is one", rating.Leaderboard{Cycle: []string{"A", "B", "C"}, Ratings: make([]rating.Rating, 20)}, Circle, ""},
		{"an effect that is not known", rating.Leaderboard{Effects: []rating.Effect{{Name: "bold"}}}, Effects, ""},
		{"effects", rating.Leaderboard{Effects: []rating.Effect{
			{Name: "length", Points: number(-60), SE: number(30)}, {Name: "bold", Points: number(30.4), SE: number(3)}, {Name: "position", Points: number(0.2), SE: number(2)},
		}}, Effects, "Controlled, in points of rating ± standard error: length −20 ± 10 for an answer twice as long; " +
			"bold +10 ± 1 for an answer with twice as many; position 0 ± 2 for the one shown first."},
		{"effects of z-scores", rating.Leaderboard{Standardized: true, Effects: []rating.Effect{{Name: "length", Points: number(-60), SE: number(30)}}}, Effects,
			"Controlled, in points of rating ± standard error: length −60 ± 30 for one standard deviation."},
		{"a bootstrap", rating.Leaderboard{Method: "bradley-terry", Interval: "bootstrap", Battles: 1, Prompts: 1}, What,
			"Bradley-Terry rating with 95 % interval (bootstrap by prompt) over 1 battle on 1 prompt."},
		{"Elo over orders", rating.Leaderboard{Method: "elo", Interval: "none", Battles: 9, Permutations: 3}, What,
			"Elo rating, one pass over 9 battles in their order; mean Elo and its standard deviation over 3 random orders of the battles."},
	} {
		if got := test.say(&test.board); got != test.want {
			t.Errorf("%s: %q; want %q", test.about, got, test.want)
		}
	}
}

// TestAbout: an estimate is rounded up, to two digits.
func TestAbout(t *testing.T) {
	for n, want := range map[int]int{0: 0, 7: 7, 99: 99, 100: 100, 101: 110, 990: 990, 991: 1000, 1234: 1300, 5944989: 6000000, 1<<31 - 1: 2200000000} {
		if got := About(n); got != want {
			t.Errorf("about(%d) = %d; want %d", n, got, want)
		}
	}
}
