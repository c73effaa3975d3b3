package pipeline

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"openarena/providers"
)

// bench plays judges: what each says depends on the number of the question alone. A remark is one of + (the model that comes
// first by name is better), > (whoever is shown first is), = (a tie), ? (nothing that can be read), ! (refused for good).
type bench struct {
	scripted
	remark func(judge string, question int) byte
	asking map[string]int // requests, word by word
}

func newBench(remark func(string, int) byte) *bench {
	b := &bench{remark: remark, asking: map[string]int{}}
	b.fail, b.say = b.refuse, b.verdict
	return b
}

var (
	questionNumber = regexp.MustCompile(`Question (\d+):`)
	answerOf       = regexp.MustCompile(`([a-z]+) on Question`)
)

func (b *bench) about(r *providers.Request) (mark byte, said string) {
	said = r.Messages[len(r.Messages)-1].Content
	if !strings.HasPrefix(r.Model, "judge-") {
		return 0, said
	}
	n, _ := strconv.Atoi(questionNumber.FindStringSubmatch(said)[1])
	return b.remark(strings.TrimPrefix(r.Model, "judge-"), n), said
}

func (b *bench) refuse(r *providers.Request) error {
	b.mu.Lock()
	b.asking[r.Model+" "+fmt.Sprint(r.Messages)]++
	b.mu.Unlock()
	if mark, _ := b.about(r); mark == '!' {
		return &providers.Error{Class: providers.Rejected, Reason: "filtered", Err: errors.New("withheld")}
	}
	return nil
}

func (b *bench) verdict(r *providers.Request) string {
	mark, said := b.about(r)
	label := ""
	switch mark {
	case 0:
		return ""
	case '?':
		return "It would be hasty to name one."
	case '+':
		names := answerOf.FindAllStringSubmatch(said, -1)
		if label = "A>B"; names[0][1] > names[1][1] {
			label = "B>A"
		}
	case '>':
		label = "A>B"
	case '=':
		label = "A=B"
	}
	scores := map[string][2]int{"A>B": {7, 4}, "B>A": {4, 7}, "A=B": {5, 5}}[label]
	return fmt.Sprintf(`{"analysis": "so", "score_a": %d, "score_b": %d, "verdict": "%s"}`, scores[0], scores[1], label)
}

const panelArena = `default_endpoint: {url: URL, concurrency: CONCURRENCY}
models: [{name: A, model_id: alpha}, {name: B, model_id: beta}, {name: C, model_id: gamma}]
judges: [JUDGES]
judging: {JUDGING}
datasets: [{path: prompts.jsonl}]
`

// panelWorld is an arena of three models with judges of these names, each with reask 0.
func panelWorld(t *testing.T, prompts int, judging string, concurrency int, judges ...string) (*world, *Arena) {
	w := &world{t: t, dir: t.TempDir()}
	w.write("prompts.jsonl", promptLines(0, prompts))
	for i, name := range judges {
		judges[i] = fmt.Sprintf("{name: %s, model_id: judge-%[1]s, reask: 0, max_invalid_rate: 1}", name)
	}
	return w, w.arena(strings.NewReplacer("JUDGES", strings.Join(judges, ", "), "JUDGING", judging, "CONCURRENCY", fmt.Sprint(concurrency)).Replace(panelArena))
}

// runPanel runs until nothing is left, each time with a stop after so many calls; 0: none. It returns the last runner.
func (b *bench) runPanel(t *testing.T, w *world, a *Arena, stop int, stages ...Job) (*Runner, string) {
	t.Helper()
	db := w.open()
	mustSync(t, a, db)
	for place, stage := range stages {
		plan, err := a.Plan(t.Context(), db, false)
		if err != nil {
			t.Fatal(err)
		}
		before := b.calls("")
		defer func() {
			if n := int64(b.calls("") - before); len(stages) == 1 && (n < plan.Total.Calls || n > plan.Total.Most) {
				t.Errorf("the plan was of %d calls to %d, and it became %d", plan.Total.Calls, plan.Total.Most, n)
			}
		}()
		for {
			r, err := newRunner(t.Context(), a, db, stage, b.connect)
			if err != nil {
				t.Fatal(err)
			}
			stopping, cancel := context.WithCancel(t.Context())
			before := b.calls("")
			b.hook = func(_ context.Context, _ string, n int) {
				if stop > 0 && n == before+stop {
					cancel()
				}
			}
			o, err := r.Run(t.Context(), stopping)
			cancel()
			if err != nil {
				t.Fatal(err)
			}
			if o.Interrupted {
				continue
			}
			if place < len(stages)-1 {
				break
			}
			st := status(t, a, db)
			if st.Judge.Due() != 0 || st.Judge.Done+st.Judge.Failed != st.Judge.Wanted {
				t.Errorf("after the run the judges are at %+v; want nothing left", st.Judge)
			}
			for _, n := range b.asking {
				if n > 1 {
					t.Errorf("a request was made %d times", n)
				}
			}
			plan, err := a.Plan(t.Context(), db, false)
			if err != nil || plan.Total.Calls != 0 || plan.Total.Most != 0 || plan.OrphanJudgments != 0 {
				t.Errorf("after the run the plan is of %d calls to %d, %d judgments are orphans, %v; want none", plan.Total.Calls, plan.Total.Most, plan.OrphanJudgments, err)
			}
			return r, dump(t, db)
		}
	}
	return nil, ""
}

func cascadeRemarks(judge string, q int) byte {
	switch judge {
	case "cheap":
		return "+>=?!"[q%5]
	case "middle":
		return "+>"[q%2]
	}
	return "+=?"[q%3]
}

func replacementRemarks(judge string, q int) byte {
	switch judge {
	case "one":
		return "?!+"[q%3]
	case "two":
		return "?+"[min(1, q%6)]
	case "spare":
		return "?+"[min(1, q%12)]
	}
	return '='
}

// TestPanelsShareVerdicts: what was said for one panel is not asked for by another, and what it does not want is kept.
func TestPanelsShareVerdicts(t *testing.T) {
	judges := []string{"cheap", "strong"}
	b := newBench(cascadeRemarks)
	w, a := panelWorld(t, 6, "panel: {mode: mean}", 8, slices.Clone(judges)...)
	db := w.open()
	mustSync(t, a, db)
	for i, judging := range []string{"panel: {mode: mean}", "panel: {mode: majority}", "panel: {mode: cascade}", "panel: {replacements: [strong]}"} {
		_, a := panelWorld(t, 6, judging, 8, slices.Clone(judges)...)
		a.Config.Dir = w.dir
		mustSync(t, a, db)
		r, err := newRunner(t.Context(), a, db, both, b.connect)
		if err != nil {
			t.Fatal(err)
		}
		before := b.calls("")
		if _, err := r.Run(t.Context(), t.Context()); err != nil {
			t.Fatal(err)
		}
		if n := b.calls("") - before; (n > 0) != (i == 0) {
			t.Errorf("%s: %d calls; want calls for the first panel only", judging, n)
		}
		plan, err := a.Plan(t.Context(), db, false)
		if err != nil || plan.OrphanJudgments != 0 || plan.Total.Calls != 0 {
			t.Errorf("%s: %d judgments are orphans, %d calls are planned, %v; want none", judging, plan.OrphanJudgments, plan.Total.Calls, err)
		}
		if got, err := a.Prune(t.Context(), db, true); err != nil || got != (Pruned{}) {
			t.Errorf("%s: prune would drop %+v, %v; want nothing", judging, got, err)
		}
	}
}

// baseCounted reports whether the walk over what was there before came to its end; a short run may end before it.
func baseCounted(r *Runner) bool {
	r.live.mu.Lock()
	defer r.live.mu.Unlock()
	return r.live.base != nil
}

// liveBattles and ratedBattles are how many battles each model has that count.
func liveBattles(r *Runner) map[string]int {
	n := map[string]int{}
	for _, s := range r.Progress().Ranking {
		n[s.Model] = s.Battles
	}
	return n
}

func ratedBattles(t *testing.T, r *Runner) map[string]int {
	board, err := r.arena.Rate(t.Context(), r.store)
	if err != nil {
		t.Fatal(err)
	}
	n := map[string]int{}
	for _, l := range board.Ratings {
		n[l.Model] = l.Battles
	}
	return n
}

// TestPanelAfterRedo: what is taken back is asked for again in one run, and nothing else, wherever the judge stands.
func TestPanelAfterRedo(t *testing.T) {
	b := newBench(cascadeRemarks)
	w, a := panelWorld(t, 10, "panel: {mode: cascade}", 8, "cheap", "middle", "strong")
	db := w.open()
	run := func() (calls map[string]int) {
		t.Helper()
		calls = map[string]int{}
		before := map[string]int{}
		for _, model := range []string{"judge-cheap", "judge-middle", "judge-strong", "alpha", "beta", "gamma"} {
			before[model] = b.calls(model)
		}
		mustSync(t, a, db)
		r, err := newRunner(t.Context(), a, db, both, b.connect)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := r.Run(t.Context(), t.Context()); err != nil {
			t.Fatal(err)
		}
		for model, n := range before {
			if n = b.calls(model) - n; n > 0 {
				calls[model] = n
			}
		}
		return calls
	}
	first := run()
	for _, test := range []struct {
		why   string
		redo  []Selection
		retry bool
		want  []string
	}{
		{"the last judge", []Selection{{Judge: "strong"}}, false, []string{"judge-strong"}},
		{"a judge in the middle; the last is not asked again", []Selection{{Judge: "middle"}}, false, []string{"judge-middle"}},
		{"an answer, which comes out as it was", []Selection{{Model: "A"}}, false, []string{"alpha"}},
		{"all answers and the last judge: what was said before the answers came back calls for it", []Selection{{Model: "A"}, {Model: "B"}, {Model: "C"}, {Judge: "strong"}}, false,
			[]string{"alpha", "beta", "gamma", "judge-strong"}},
	} {
		for _, sel := range test.redo {
			if n, err := a.Redo(t.Context(), db, sel); n == 0 || err != nil {
				t.Fatalf("%s: Redo(%+v) = %d, %v", test.why, sel, n, err)
			}
		}
		want := map[string]int{}
		for _, model := range test.want {
			want[model] = first[model]
		}
		if got := run(); !maps.Equal(got, want) {
			t.Errorf("redo of %s: calls %v; want %v", test.why, got, want)
		}
		if st := status(t, a, db); st.Judge.Due() != 0 {
			t.Errorf("redo of %s: then %d judgments are due; want none", test.why, st.Judge.Due())
		}
	}
	// What failed for good is asked again where somebody wants it, and by those only who failed.
	failed := 0
	for f, err := range a.Failures(t.Context(), db) {
		if err != nil || f.Model != "cheap" {
			t.Errorf("%+v failed, %v; want failures of cheap only", f, err)
		}
		failed++
	}
	if n, err := a.Retry(t.Context(), db, ""); n != failed || n == 0 || err != nil {
		t.Errorf("Retry() = %d, %v; want %d", n, err, failed)
	}
	if got := run(); !maps.Equal(got, map[string]int{"judge-cheap": failed}) {
		t.Errorf("after retry: calls %v; want %d of cheap", got, failed)
	}
}

// TestAdaptiveCascades: batches wait for all judges of a cascade and their replacements, whether a run is stopped or not.
func TestAdaptiveCascades(t *testing.T) {
	var whole string
	for _, stop := range []int{0, 43} {
		b := newBench(cascadeRemarks)
		w, a := panelWorld(t, 16, "pairs: adaptive, stop: {goal: leader}, panel: {mode: cascade, replacements: [middle]}", 4, "cheap", "strong", "middle")
		r, all := b.runPanel(t, w, a, stop, both)
		if p := r.Progress().Judge; baseCounted(r) && p.Done+p.Failed != p.Wanted {
			t.Errorf("stops after %d calls: at the end the run shows %d done and %d failed of %d", stop, p.Done, p.Failed, p.Wanted)
		}
		if b.calls("judge-strong") == 0 || b.calls("judge-middle") == 0 {
			t.Error("nobody but the first judge was asked: this test shows nothing")
		}
		if whole == "" {
			whole = all
		}
		if all != whole {
			t.Errorf("stops after %d calls: the database differs from that of a run at once", stop)
		}
	}
}

// TestLiveCountWithRepeats: what is asked for twice is wanted twice, in a batch of adaptive pairs, too.
func TestLiveCountWithRepeats(t *testing.T) {
	for _, judging := range []string{"repeat: 0.5", "repeat: 0.5, pairs: adaptive", "repeat: 0.5, panel: {mode: cascade}"} {
		b := newBench(cascadeRemarks)
		w, a := panelWorld(t, 8, judging, 8, "cheap", "strong")
		db := w.open()
		mustSync(t, a, db)
		r, err := newRunner(t.Context(), a, db, both, b.connect)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := r.Run(t.Context(), t.Context()); err != nil {
			t.Fatal(err)
		}
		st := status(t, a, db)
		if p := r.Progress().Judge; st.Judge.Due() != 0 || baseCounted(r) && (p.Done != st.Judge.Done || p.Done+p.Failed != p.Wanted) {
			t.Errorf("%s: at the end the run shows %d done and %d failed of %d, and status %+v", judging, p.Done, p.Failed, p.Wanted, st.Judge)
		}
	}
}

// TestPanelWithAStoppedJudge: what a judge owes that is stopped stays open, nobody is asked in its place, and the next run goes on.
func TestPanelWithAStoppedJudge(t *testing.T) {
	refusing := true
	b := newBench(cascadeRemarks)
	b.fail = func(r *providers.Request) error {
		if refusing && r.Model == "judge-middle" {
			return &providers.Error{Class: providers.Refused, Reason: providers.ReasonModel, Err: errors.New("unknown")}
		}
		return b.refuse(r)
	}
	w, a := panelWorld(t, 7, "panel: {mode: cascade}", 4, "cheap", "middle", "strong")
	db := w.open()
	mustSync(t, a, db)
	r, err := newRunner(t.Context(), a, db, both, b.connect)
	if err != nil {
		t.Fatal(err)
	}
	o, err := r.Run(t.Context(), t.Context())
	if err != nil || len(o.Stopped) != 1 || o.Stopped[0].Model != "middle" {
		t.Fatalf("the run ended with %+v, %v; want the judge in the middle stopped", o, err)
	}
	st := status(t, a, db)
	if b.calls("judge-strong") != 0 || st.Judge.Due() != 5*3*2 || !strings.Contains(strings.Join(st.Notes, " "), "wait for further judges of the panel, and do not count yet: 15.") {
		t.Errorf("the last judge was asked %d times, %d judgments are due, notes %q; want 0, 30, and that 15 battles wait",
			b.calls("judge-strong"), st.Judge.Due(), st.Notes)
	}
	refusing = false
	if r, err = newRunner(t.Context(), a, db, both, b.connect); err == nil {
		_, err = r.Run(t.Context(), t.Context())
	}
	if err != nil {
		t.Fatal(err)
	}
	mended := dump(t, db)
	b = newBench(cascadeRemarks)
	w, a = panelWorld(t, 7, "panel: {mode: cascade}", 4, "cheap", "middle", "strong")
	if _, whole := b.runPanel(t, w, a, 0, both); mended != whole {
		t.Error("after the judge was mended the database differs from that of a run without trouble")
	}
}

// TestLiveCountWithEqualAnswers: equal answers take no second judgment, which nobody knows before they are there. What the
// run shows ends where status is, whether it generates them, finds them, or goes on in between.
func TestLiveCountWithEqualAnswers(t *testing.T) {
	for _, judging := range []string{
		"repeat: 1", "repeat: 0.5, orders: random", "repeat: 1, pairs: adaptive", "repeat: 1, panel: {mode: cascade}",
		"repeat: 1, panel: {mode: cascade, min_valid: 2}", "repeat: 1, panel: {replacements: [strong]}",
	} {
		for _, stages := range [][]Job{{both}, {{Generate: true}, {Judge: true}}} {
			b := newBench(cascadeRemarks)
			b.say = func(r *providers.Request) string {
				said := r.Messages[len(r.Messages)-1].Content
				if n := questionNumber.FindStringSubmatch(said); !strings.HasPrefix(r.Model, "judge-") && r.Model != "alpha" && n[1] != "1" {
					return "delta on Question " + n[1]
				}
				return b.verdict(r)
			}
			w, a := panelWorld(t, 4, judging, 8, "cheap", "strong")
			db := w.open()
			mustSync(t, a, db)
			for _, stage := range stages {
				r, err := newRunner(t.Context(), a, db, stage, b.connect)
				if err != nil {
					t.Fatal(err)
				}
				if _, err := r.Run(t.Context(), t.Context()); err != nil {
					t.Fatal(err)
				}
				st := status(t, a, db)
				if p := r.Progress().Judge; stage.Judge && (st.Judge.Due() != 0 || baseCounted(r) && (p.Done != st.Judge.Done || p.Done+p.Failed != p.Wanted)) {
					t.Errorf("%s, %v: at the end the run shows %d done and %d failed of %d, and status %+v", judging, stages, p.Done, p.Failed, p.Wanted, st.Judge)
				}
			}
		}
	}
}

// TestPanelRuns: every judge is asked exactly where the rule wants it, in one run, stage by stage, with full queues, and with
// stops in between, and each time the database is the same.
func TestPanelRuns(t *testing.T) {
	const prompts, pairs = 7, 3
	for _, test := range []struct {
		name, judging string
		judges        []string
		remark        func(string, int) byte
		wanted        func(q int) string // judges, for each battle of a question
	}{
		{"cascade", "panel: {mode: cascade}", []string{"cheap", "middle", "strong"}, cascadeRemarks, func(q int) string {
			switch {
			case q%5 == 0:
				return "cheap"
			case q%2 == 0:
				return "cheap middle"
			}
			return "cheap middle strong"
		}},
		{"replacements", "panel: {replacements: [spare, last]}", []string{"last", "one", "spare", "two"}, replacementRemarks, func(q int) string {
			switch {
			case q%12 == 0, q%6 == 0: // both fail
				return "one two spare last"
			case q%3 == 2:
				return "one two"
			}
			return "one two spare"
		}},
		{"majority of at least two", "panel: {mode: majority, min_valid: 2}", []string{"cheap", "middle", "strong"}, cascadeRemarks,
			func(int) string { return "cheap middle strong" }},
	} {
		want := map[string]int{}
		for q := range prompts {
			for _, judge := range strings.Fields(test.wanted(q)) {
				want[judge] += 2 * pairs
			}
		}
		var whole string
		for _, way := range []struct {
			name              string
			concurrency, stop int
			stages            []Job
		}{
			{"at once", 16, 0, []Job{both}},
			{"stage by stage, with full queues", 1, 0, []Job{{Generate: true}, {Judge: true}}},
			{"with stops", 4, 29, []Job{both}},
		} {
			b := newBench(test.remark)
			w, a := panelWorld(t, prompts, test.judging, way.concurrency, append([]string(nil), test.judges...)...)
			r, all := b.runPanel(t, w, a, way.stop, way.stages...)
			for judge, n := range want {
				if got := b.calls("judge-" + judge); got != n {
					t.Errorf("%s, %s: %s was asked %d times; want %d", test.name, way.name, judge, got, n)
				}
			}
			if p := r.Progress().Judge; baseCounted(r) && p.Done+p.Failed != p.Wanted {
				t.Errorf("%s, %s: at the end the run shows %d done and %d failed of %d", test.name, way.name, p.Done, p.Failed, p.Wanted)
			}
			if got, want := liveBattles(r), ratedBattles(t, r); baseCounted(r) && !maps.Equal(got, want) {
				t.Errorf("%s, %s: at the end the run ranks by battles %v; rate by %v", test.name, way.name, got, want)
			}
			if whole == "" {
				whole = all
			}
			if all != whole {
				t.Errorf("%s, %s: the database differs from that of a run at once", test.name, way.name)
			}
		}
	}
}
