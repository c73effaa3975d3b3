package pipeline

import (
	"fmt"
	"strings"
	"testing"

	"openarena/pipeline/rating"
	"openarena/providers"
)

// TestGroups: battles by dataset, category and judge, each with its own leaderboard.
func TestGroups(t *testing.T) {
	// A category may be called as the group without one is. J prefers alpha, K beta, and L cannot be read about the first question, where S stands in for it and prefers alpha.
	s := &scripted{say: func(r *providers.Request) string {
		text := fmt.Sprint(r.Messages)
		alphaFirst := strings.Index(text, "alpha on") < strings.Index(text, "beta on")
		switch r.Model {
		case "l":
			if strings.Contains(text, question(0)) {
				return "Hm."
			}
		case "k":
			alphaFirst = !alphaFirst
		case "alpha", "beta":
			return ""
		}
		if alphaFirst {
			return `{"score_a": 8, "score_b": 4, "verdict": "A>B"}`
		}
		return `{"score_a": 4, "score_b": 8, "verdict": "B>A"}`
	}}
	w := &world{t: t, dir: t.TempDir()}
	w.write("one.jsonl", fmt.Sprintf(`{"prompt": %q, "topic": "facts"}`+"\n"+`{"prompt": %q, "topic": "(no category)"}`, question(0), question(1)))
	w.write("two.jsonl", fmt.Sprintf(`{"prompt": %q}`+"\n"+`{"prompt": %q}`, question(1), question(2)))
	w.write("three.jsonl", fmt.Sprintf(`{"prompt": %q}`, question(0)))
	a, db := w.arena(`default_endpoint: {url: URL, concurrency: 4}
models: [{name: Alpha, model_id: alpha}, {name: Beta, model_id: beta}]
judges: [{name: J, model_id: j, reask: 0}, {name: K, model_id: k, reask: 0}, {name: L, model_id: l, reask: 0, max_invalid_rate: 1}, {name: S, model_id: s}]
judging: {panel: {mode: majority, replacements: [S]}}
datasets: [{path: one.jsonl, category_field: topic}, {path: two.jsonl}, {path: three.jsonl}]
`), w.open()
	mustSync(t, a, db)
	r, err := newRunner(t.Context(), a, db, both, s.connect)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := r.Run(t.Context(), t.Context()); err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct{ by, want string }{
		{"", "all: 3 battles, Alpha 1, invalid 2"},
		{"dataset", "one.jsonl: 2 battles, Alpha 1, invalid 2; two.jsonl: 1 battles, Alpha 1, invalid 0; three.jsonl: 0 battles, No battle is decided yet."},
		{"category", "(no category): 1 battles, Alpha 1, invalid 0; facts: 1 battles, Alpha 1, invalid 2; (no category): 1 battles, Alpha 1, invalid 0"},
		{"judge", "J: 3 battles, Alpha 1, invalid 0; K: 3 battles, Alpha 0, invalid 0; L: 2 battles, Alpha 1, invalid 2; S: 1 battles, Alpha 1, invalid 0"},
	} {
		a.Rating.By = test.by
		l := board(t, a, db)
		groups := l.Groups
		if test.by == "" {
			groups = []rating.Group{{Name: "all", Leaderboard: l}}
		}
		var got []string
		for _, g := range groups {
			text := fmt.Sprintf("%s: %d battles, ", g.Name, g.Battles)
			for _, r := range g.Ratings {
				if r.Model == "Alpha" && r.WinRate != nil {
					text += fmt.Sprintf("Alpha %v, invalid %d", *r.WinRate, r.Invalid)
				}
			}
			if g.Battles == 0 {
				text += strings.Join(g.Notes, " ")
			}
			if len(g.Ratings) != 2 || g.Ratings[0].Invalid != g.Ratings[1].Invalid {
				t.Errorf("by %s: %s lists %+v; want both models, with the same verdicts that could not be read", test.by, g.Name, g.Ratings)
			}
			got = append(got, text)
		}
		if got := strings.Join(got, "; "); got != test.want || l.By != test.by || l.Battles != 3 {
			t.Errorf("by %q (%q): %s of %d battles; want %s of 3", test.by, l.By, got, l.Battles, test.want)
		}
	}
}
