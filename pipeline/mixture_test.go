package pipeline

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"strconv"
	"strings"
	"testing"

	"openarena/pipeline/rating"
	"openarena/providers"
	"openarena/store"
)

// mixture is an arena drawn by lot: any panel, orders and pairs, judges of single answers among others, and what everybody
// says, which depends on the request alone.
type mixture struct {
	scripted
	yaml    string // but for judging
	judges  []string
	sitting int
	failing bool // models, not only judges
	dull    bool // they say nothing, or the same, more often
}

func newMixture(dice *rand.Rand) *mixture {
	m := &mixture{failing: dice.IntN(2) == 0, dull: dice.IntN(2) == 0}
	m.fail, m.say = m.refuse, m.speak
	m.judges = []string{"one", "two", "three", "four"}[:1+dice.IntN(4)]
	m.sitting = len(m.judges) - dice.IntN(len(m.judges))
	var judges []string
	for _, name := range m.judges {
		judges = append(judges, fmt.Sprintf("{name: %s, model_id: judge-%[1]s, protocol: %s, reask: 0, max_invalid_rate: 1, weight: %d}",
			name, pick(dice, "scores_verdict", "pointwise", "reference"), 1+dice.IntN(2)))
	}
	m.yaml = fmt.Sprintf(`default_endpoint: {url: URL, concurrency: %s}
models: [{name: A, model_id: alpha, samples: %s}, {name: B, model_id: beta}, {name: C, model_id: gamma}]
judges: [%s]
datasets: [{path: prompts.jsonl, reference_field: answer}, {path: more.jsonl, rubric: depth}]
rubrics: {depth: {criteria: [{name: depth}]}}
`, pick(dice, "1", "3", "16"), pick(dice, "1", "2"), strings.Join(judges, ", "))
	return m
}

func pick(dice *rand.Rand, of ...string) string { return of[dice.IntN(len(of))] }

// judging draws who judges what.
func (m *mixture) judging(dice *rand.Rand) string {
	return fmt.Sprintf("judging: {pairs: %s, orders: %s, repeat: %s, panel: {mode: %s, replacements: [%s], min_valid: %d}}\n",
		pick(dice, "all", "circular", "adaptive", "adaptive", "{random: 2}", "{baseline: A}"), pick(dice, "both", "both", "random", "fixed"),
		pick(dice, "0", "0.3", "0.6"), pick(dice, "mean", "majority", "cascade"), strings.Join(m.judges[m.sitting:], ", "), 1+dice.IntN(m.sitting))
}

func (m *mixture) dice(about string, r *providers.Request) *rand.Rand {
	d := sum[Digest]([]byte(about), []byte(r.Model), fmt.Append(nil, r.Messages))
	return rand.New(rand.NewPCG(uint64(d[0])<<8|uint64(d[1]), uint64(d[2])))
}

func (m *mixture) refuse(r *providers.Request) error {
	if (m.failing || strings.HasPrefix(r.Model, "judge-")) && m.dice("refusal", r).IntN(12) == 0 {
		return &providers.Error{Class: providers.Rejected, Reason: "filtered", Err: errors.New("withheld")}
	}
	return nil
}

func (m *mixture) speak(r *providers.Request) string {
	dice, all := m.dice("words", r), fmt.Sprint(r.Messages)
	switch {
	case !strings.HasPrefix(r.Model, "judge-"):
		if n := dice.IntN(6); m.dull && n < 3 {
			return [...]string{" ", "The same.", "The same."}[n]
		}
		return fmt.Sprintf("%s says %d", r.Model, dice.IntN(1000))
	case dice.IntN(4) == 0:
		return "It would be hasty to name one."
	case !strings.Contains(all, `"score_a"`):
		return fmt.Sprintf(`{"analysis": "so", "score": %d}`, 1+dice.IntN(10))
	}
	v := dice.IntN(3)
	return fmt.Sprintf(`{"analysis": "so", "score_a": %d, "score_b": %d, "verdict": "%s"}`, 4+v, 6-v, [...]string{"B>A", "A=B", "A>B"}[v])
}

// run runs until nothing is left, each time with a stop after so many calls; 0: none.
func (m *mixture) run(t *testing.T, a *Arena, db *store.DB, stop int) (r *Runner) {
	t.Helper()
	for interrupted := true; interrupted; {
		var err error
		if r, err = newRunner(t.Context(), a, db, both, m.connect); err != nil {
			t.Fatal(err)
		}
		stopping, cancel := context.WithCancel(t.Context())
		last := m.calls("") + stop
		m.hook = func(_ context.Context, _ string, n int) {
			if stop > 0 && n == last {
				cancel()
			}
		}
		o, err := r.Run(t.Context(), stopping)
		cancel()
		if err != nil {
			t.Fatal(err)
		}
		interrupted = o.Interrupted
	}
	return r
}

// settled fails unless nothing is left to do, and everybody who counts says so.
func (m *mixture) settled(t *testing.T, what string, a *Arena, db *store.DB) {
	t.Helper()
	st := status(t, a, db)
	if n := st.Judge; n.Due() != 0 || n.Done+n.Failed+n.blocked != n.Wanted {
		t.Errorf("%s: the judges are at %+v; want nothing left", what, n)
	}
	plan, err := a.Plan(t.Context(), db, false)
	if err != nil || plan.Total.Calls != 0 || plan.Total.Most != 0 {
		t.Errorf("%s: the plan is of %d calls to %d, %v; want none", what, plan.Total.Calls, plan.Total.Most, err)
	}
	if n, err := a.Prune(t.Context(), db, true); err != nil || int64(n.Verdicts) != plan.OrphanJudgments {
		t.Errorf("%s: prune would drop %d verdicts, %v; the plan tells of %d orphans", what, n.Verdicts, err, plan.OrphanJudgments)
	}
	before := dump(t, db)
	if changed, err := a.Reparse(t.Context(), db); err != nil || dump(t, db) != before {
		t.Errorf("%s: to read all replies once more changes %+v, %v", what, changed, err)
	}
}

// again takes something back by lot.
func (m *mixture) again(t *testing.T, dice *rand.Rand, a *Arena, db *store.DB) (what string) {
	t.Helper()
	judge, err := a.Judges[dice.IntN(len(a.Judges))].Name, error(nil)
	switch dice.IntN(4) {
	case 0:
		what = "redo of all by " + judge
		_, err = a.Redo(t.Context(), db, Selection{Judge: judge})
	case 1:
		what = "redo of A"
		_, err = a.Redo(t.Context(), db, Selection{Model: "A"})
	case 2:
		what = "redo of B by " + judge
		_, err = a.Redo(t.Context(), db, Selection{Model: "B", Judge: judge})
	default:
		what = "retry"
		_, err = a.Retry(t.Context(), db, "")
	}
	if err != nil {
		t.Errorf("%s: %v", what, err)
	}
	return what
}

// TestMixtures: whatever panel, pairs, orders and judges of single answers come together, or one after the other, a run leaves
// nothing to do, stops change nothing, and all who count what is wanted agree. OPENARENA_MIXTURES=100 tries that many.
func TestMixtures(t *testing.T) {
	seeds := []int{5, 8, 36} // each of which found something once
	if n, err := strconv.Atoi(os.Getenv("OPENARENA_MIXTURES")); err == nil {
		seeds = seeds[:0]
		for seed := range n {
			seeds = append(seeds, seed)
		}
	}
	for _, seed := range seeds {
		t.Run(strconv.Itoa(seed), func(t *testing.T) {
			dice := rand.New(rand.NewPCG(uint64(seed), 7))
			newMixture(dice).test(t, dice)
		})
	}
}

func (m *mixture) test(t *testing.T, dice *rand.Rand) {
	judging := m.judging(dice)
	var whole string
	for _, stop := range []int{5 + dice.IntN(40), 0} {
		w := &world{t: t, dir: t.TempDir()}
		w.write("prompts.jsonl", `{"prompt": "One?", "answer": "1"}`+"\n"+`{"prompt": "Two?"}`+"\n"+`{"prompt": "Three?", "answer": "3"}`)
		w.write("more.jsonl", promptLines(4, 7))
		db := w.open()
		a := m.step(t, w, db, judging, stop)
		if stop > 0 {
			whole = dump(t, db)
			continue
		}
		if dump(t, db) != whole {
			t.Errorf("%s: after stops the database is another one", judging)
		}
		for range 2 {
			what := m.again(t, dice, a, db)
			m.run(t, a, db, 0)
			m.settled(t, what, a, db)
			m.tabulated(t, what, a, db)
			m.filed(t, what, a, db)
			a = m.step(t, w, db, m.judging(dice), 0)
		}
	}
	if t.Failed() {
		t.Log(m.yaml)
	}
}

// step runs an arena to its end.
func (m *mixture) step(t *testing.T, w *world, db *store.DB, judging string, stop int) *Arena {
	t.Helper()
	a := w.arena(m.yaml + judging)
	mustSync(t, a, db)
	plan, err := a.Plan(t.Context(), db, false)
	if err != nil {
		t.Fatal(err)
	}
	before, easy := m.calls(""), !m.failing && !m.dull // else answers fail, or need no judge, which nobody knows before
	r := m.run(t, a, db, stop)
	if n := int64(m.calls("") - before); stop == 0 && (n > plan.Total.Most || easy && n < plan.Total.Calls) {
		t.Errorf("%s: the plan is of %d calls to %d, and it became %d", judging, plan.Total.Calls, plan.Total.Most, n)
	}
	if p := r.Progress().Judge; stop == 0 && easy && p.Wanted > 0 && p.Done+p.Failed != p.Wanted {
		t.Errorf("%s: in the end the run shows %d done and %d failed of %d", judging, p.Done, p.Failed, p.Wanted)
	}
	m.settled(t, judging, a, db)
	m.rated(t, judging, a, db)
	m.tabulated(t, judging, a, db)
	m.filed(t, judging, a, db)
	return a
}

// rated fails unless leaderboards with control, and those by parts, count the battles that the plain one does.
func (m *mixture) rated(t *testing.T, what string, a *Arena, db *store.DB) {
	t.Helper()
	usual := a.Rating
	defer func() { a.Rating = usual }()
	plain := board(t, a, db)
	a.Rating.Control = []string{rating.Length, rating.Style, rating.Position}
	for _, by := range []string{rating.ByDataset, rating.ByCategory, rating.ByJudge} {
		a.Rating.By = by
		l, sum := board(t, a, db), 0
		for _, g := range l.Groups {
			sum += g.Battles
		}
		if l.Battles != plain.Battles || l.Prompts != plain.Prompts || by != rating.ByJudge && sum != plain.Battles || sum < plain.Battles {
			t.Errorf("%s: with control %d battles on %d prompts count, and %d by %s; without it %d on %d",
				what, l.Battles, l.Prompts, sum, by, plain.Battles, plain.Prompts)
		}
		for i, r := range l.Ratings {
			for _, p := range plain.Ratings {
				if p.Model == r.Model && (p.Battles != r.Battles || p.Ties != r.Ties || p.Invalid != r.Invalid || r.Battles > 0 && (*r.Uncontrolled != *p.Rating || *r.Elo != *p.Elo)) {
					t.Errorf("%s: with control the line of %s is %+v; without it %+v", what, r.Model, l.Ratings[i], p)
				}
			}
		}
	}
}
