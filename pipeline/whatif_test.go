package pipeline

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"openarena/pipeline/rating"
)

// TestWhatIfIsTheFileThatSaysSo: under every rule of a panel, other weights and judges that are left out make the leaderboard that a
// file makes that has them so.
func TestWhatIfIsTheFileThatSaysSo(t *testing.T) {
	w := &world{t: t, dir: t.TempDir()}
	w.write("prompts.jsonl", promptLines(0, 10))
	b := newBench(func(judge string, question int) byte {
		return map[string]string{"one": "+++>=+?+>=", "two": "=+>+?++=>+", "three": ">>+=+++=?>"}[judge][question]
	})
	file := func(one, two, three, judging string) string {
		var judges []string
		for i, weight := range []string{one, two, three} {
			if name := []string{"one", "two", "three"}[i]; weight != "" {
				judges = append(judges, fmt.Sprintf("{name: %s, model_id: judge-%s, reask: 0, max_invalid_rate: 1, weight: %s}", name, name, weight))
			}
		}
		text := strings.NewReplacer("JUDGES", strings.Join(judges, ", "), "JUDGING", judging, "CONCURRENCY", "4").Replace(panelArena)
		return text
	}
	all := w.arena(file("1", "1", "1", "panel: {mode: mean}"))
	db := w.open()
	mustSync(t, all, db)
	r, err := newRunner(t.Context(), all, db, both, b.connect)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := r.Run(t.Context(), t.Context()); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		about, before, after string
		one, two, three      string
		asked                []Reweighted
	}{
		{"mean", "panel: {mode: mean}", "panel: {mode: mean}", "1", "5", "", []Reweighted{{Judge: "two", Weight: 5}, {Judge: "three"}}},
		{"majority", "panel: {mode: majority}", "panel: {mode: majority}", "2.5", "1", "1", []Reweighted{{Judge: "one", Weight: 2.5}}},
		{"cascade", "panel: {mode: cascade}", "panel: {mode: cascade}", "", "1", "1", []Reweighted{{Judge: "one"}}},
		{"min_valid is lowered", "panel: {min_valid: 3}", "panel: {min_valid: 2}", "1", "1", "", []Reweighted{{Judge: "three"}}},
		{"a replacement is left out", "panel: {replacements: [three]}", "panel: {mode: mean}", "1", "1", "", []Reweighted{{Judge: "three"}}},
		{"a replacement stays", "panel: {replacements: [three]}", "panel: {replacements: [three]}", "1", "", "1", []Reweighted{{Judge: "two"}}},
	} {
		got, err := w.arena(file("1", "1", "1", c.before)).RateWhatIf(t.Context(), db, c.asked, nil)
		if err != nil {
			t.Errorf("%s: %v", c.about, err)
			continue
		}
		want, err := w.arena(file(c.one, c.two, c.three, c.after)).Rate(t.Context(), db)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want, got.Board); diff != "" {
			t.Errorf("%s (-file +what if):\n%s", c.about, diff)
		}
		if c.about == "mean" && cmp.Equal(got.File.Ratings, got.Board.Ratings) {
			t.Error("nothing moves: the judges say the same")
		}
	}
}

// TestMoves: what is only in one leaderboard has no change, and whose intervals touch overlap.
func TestMoves(t *testing.T) {
	at := func(x float64) *float64 { return &x }
	before := &rating.Leaderboard{Ratings: []rating.Rating{{Model: "A", Rating: at(10), Lower: at(5), Upper: at(15)}, {Model: "B"}}}
	after := &rating.Leaderboard{Ratings: []rating.Rating{{Model: "B", Rating: at(1), Lower: at(0), Upper: at(2)}, {Model: "A", Rating: at(20), Lower: at(16), Upper: at(24)}}}
	got := rating.Moves(before, after)
	if got[0].Change != nil || got[0].Overlap != nil || *got[1].Change != 10 || *got[1].Overlap {
		t.Errorf("%+v", got)
	}
}
