package pipeline

import (
	"context"
	"slices"
	"strings"
	"testing"

	"openarena/internal/testkit/fakellm"
	"openarena/store"
)

// choosy is an arena of five models that chooses its pairs.
const choosy = `default_endpoint: {url: URL, concurrency: 16}
models: [{name: Alpha, model_id: alpha}, {name: Beta, model_id: beta}, {name: Gamma, model_id: gamma}, {name: Delta, model_id: delta}, {name: Eps, model_id: eps}]
judges: [{name: Judge, model_id: judge, reask: 1}]
judging: {pairs: adaptive, stop: {goal: ranking, indifference: 150}}
datasets: [{path: prompts.jsonl}]
`

// recorded are the batches of a database.
func recorded(t testing.TB, r store.Reader) (all [][]fixture) {
	t.Helper()
	if _, err := batches(t.Context(), r, func(_ uint32, b []fixture) { all = append(all, b) }); err != nil {
		t.Fatal(err)
	}
	return all
}

// sizes are how many battles each batch has.
func sizes(all [][]fixture) (n []int) {
	for _, b := range all {
		n = append(n, len(b))
	}
	return n
}

func TestAdaptiveRunStopsWhenItKnows(t *testing.T) {
	w := newWorld(t, fakellm.Options{AnswerBytes: 100}, 30)
	a, db := w.arena(choosy), w.open()
	run(t, a, db, both)
	all := recorded(t, db)
	n := 0
	for i, b := range all {
		n += len(b)
		if i == 0 && len(b) != 20 {
			t.Errorf("the first batch has %d battles; want 2 for each of 10 pairs", len(b))
		}
	}
	if len(all) < 2 || n >= 300 {
		t.Errorf("%v battles were chosen; want a few batches, and not all 300", sizes(all))
	}
	over := map[Hash]int{}
	for _, f := range slices.Concat(all...) {
		over[f.Prompt]++
	}
	for h, k := range over {
		if k > 2*n/30 {
			t.Errorf("%d of %d battles are over prompt %s of 30; want them spread", k, n, h)
		}
	}
	if len(over) != 30 {
		t.Errorf("battles are over %d prompts; want all 30", len(over))
	}
	wantDone(t, a, db, 150, int64(2*n))
	if got := w.server.Stats(false).Arrivals; got != 150+int64(2*n) {
		t.Errorf("the server counts %d calls; want 150 answers and both orders of %d battles", got, n)
	}
	board, err := a.Rate(t.Context(), db)
	if err != nil {
		t.Fatal(err)
	}
	text := strings.Join(board.Notes, "\n")
	if board.Open || board.Battles != n || !strings.Contains(text, "the ranking is settled (95 % sure, but for 150 points)") || !strings.Contains(text, "of 300 battles are judged") {
		t.Errorf("Rate() = open %v, %d battles, notes:\n%s", board.Open, board.Battles, text)
	}
	t.Log(sizes(all), text)
	run(t, a, db, both)
	if got := len(recorded(t, db)); got != len(all) {
		t.Errorf("another run has %d batches; want %d as before", got, len(all))
	}
}

// A run that is stopped anywhere goes on as if it had not been.
func TestAdaptiveRunGoesOn(t *testing.T) {
	four := strings.Replace(choosy, ", {name: Eps, model_id: eps}", "", 1)
	calm := newWorld(t, fakellm.Options{AnswerBytes: 100}, 16)
	calmDB := calm.open()
	run(t, calm.arena(four), calmDB, both)
	want := dump(t, calmDB)
	calls := calm.server.Stats(false).Arrivals
	// In the first batch, at its end, in the second.
	for _, after := range []int64{64 + 10, 64 + 24, 64 + 24 + 50} {
		if after >= calls {
			t.Fatalf("the calm run made %d calls only", calls)
		}
		stop, cancel := context.WithCancel(t.Context())
		w := newWorld(t, stopAfter(after, cancel, fakellm.Options{AnswerBytes: 100}), 16)
		a, db := w.arena(four), w.open()
		runUntil(t, a, db, both, t.Context(), stop)
		before := recorded(t, db)
		run(t, a, db, both)
		if got := dump(t, db); got != want {
			t.Errorf("stopped after %d calls (batches %v), the database ends as another one: batches %v; want %v",
				after, sizes(before), sizes(recorded(t, db)), sizes(recorded(t, calmDB)))
		}
		if got := w.server.Stats(false).Arrivals; got != calls {
			t.Errorf("stopped after %d calls, both runs made %d; want %d", after, got, calls)
		}
	}
}

// What was judged when all pairs met is used.
func TestAdaptiveTakesInWhatWasJudged(t *testing.T) {
	w := newWorld(t, fakellm.Options{AnswerBytes: 100}, 12)
	db := w.open()
	run(t, w.arena(strings.Replace(choosy, "pairs: adaptive, stop: {goal: ranking, indifference: 150}", "pairs: all", 1)), db, both)
	calls := w.server.Stats(false).Arrivals
	a := w.arena(choosy)
	p, err := a.Plan(t.Context(), db, false)
	if err != nil {
		t.Fatal(err)
	}
	if p.Total.Calls != 0 || p.OrphanJudgments != 0 {
		t.Errorf("Plan() = %d calls, %d orphans; want none of both: all is judged", p.Total.Calls, p.OrphanJudgments)
	}
	if pruned, err := a.Prune(t.Context(), db, false); err != nil || pruned.Verdicts > 0 {
		t.Errorf("Prune() = %+v, %v; want to keep what the first batch takes in", pruned, err)
	}
	run(t, a, db, both)
	if all := recorded(t, db); len(all) != 1 || len(all[0]) != 120 {
		t.Errorf("batches of %v battles; want one of all 120", sizes(all))
	}
	if got := w.server.Stats(false).Arrivals; got != calls {
		t.Errorf("%d further calls; want none", got-calls)
	}
}

func TestAdaptiveModelIsAdded(t *testing.T) {
	w := newWorld(t, fakellm.Options{AnswerBytes: 100}, 30)
	db := w.open()
	run(t, w.arena(strings.Replace(choosy, ", {name: Eps, model_id: eps}", "", 1)), db, both)
	before := recorded(t, db)
	a := w.arena(choosy)
	st := status(t, a, db)
	if !st.Board.Open {
		t.Errorf("with a model that was added status says that nothing is open: %q", st.Notes)
	}
	run(t, a, db, both)
	all := recorded(t, db)
	if len(all) <= len(before) || !slices.EqualFunc(all[:len(before)], before, slices.Equal) {
		t.Fatalf("batches %v, and %v before; want those and more", sizes(all), sizes(before))
	}
	eps := a.Contestants[4].ID
	met := map[ID]int{}
	for _, f := range all[len(before)] {
		switch eps {
		case f.A.Contestant:
			met[f.B.Contestant]++
		case f.B.Contestant:
			met[f.A.Contestant]++
		}
	}
	if len(met) != 4 || len(all[len(before)]) != 8 {
		t.Errorf("the batch after a model was added has %d battles, with %d opponents of it; want 2 against each of 4", len(all[len(before)]), len(met))
	}
	if st := status(t, a, db); st.Board.Open || st.Judge.Due() != 0 {
		t.Errorf("at the end status says open %v, %+v", st.Board.Open, st.Judge)
	}
}

// A trial chooses among its prompts and models, and what it judged is used by the whole.
func TestAdaptiveTrial(t *testing.T) {
	w := newWorld(t, fakellm.Options{AnswerBytes: 100}, 16)
	db := w.open()
	few := w.trial(choosy, Trial{Limit: 4})
	run(t, few, db, both)
	tried := recorded(t, db)
	total := 0
	for _, b := range tried {
		total += len(b)
	}
	if total != 40 { // 10 pairs over 4 prompts: too few to know
		t.Errorf("a trial of 4 prompts chose %v battles; want all 40", sizes(tried))
	}
	if st := status(t, few, db); st.Board.Open || !strings.Contains(strings.Join(st.Notes, " "), "there are no more that could tell more") {
		t.Errorf("after the trial status says open %v, %q", st.Board.Open, st.Notes)
	}
	calls := w.server.Stats(false).Arrivals
	some := w.trial(choosy, Trial{Limit: 8, Models: map[string]bool{"Alpha": true}})
	run(t, some, db, both)
	alpha := some.Contestants[0].ID
	for _, b := range recorded(t, db)[len(tried):] {
		for _, f := range b {
			if f.A.Contestant != alpha && f.B.Contestant != alpha {
				t.Errorf("a trial of Alpha chose %v", f)
			}
		}
	}
	if got := w.server.Stats(false).Arrivals; got > calls+4+2*16 {
		t.Errorf("a trial of Alpha made %d calls; want at most 4 answers and no more battles than there are answers", got-calls)
	}
	a := w.arena(choosy)
	run(t, a, db, both)
	if st := status(t, a, db); st.Board.Open {
		t.Errorf("the whole is not done: %q", st.Notes)
	}
}

// Pairs are chosen whoever judges, and however a panel decides.
func TestAdaptivePanels(t *testing.T) {
	for what, judges := range map[string]string{
		"pointwise": "judges: [{name: Judge, model_id: judge, protocol: pointwise, reask: 1}]\njudging: {pairs: adaptive",
		"a cascade": "judges: [{name: Judge, model_id: judge, reask: 1}, {name: Chief, model_id: judge-chief, reask: 1}]\n" +
			"judging: {panel: {mode: cascade}, repeat: 0.1, pairs: adaptive",
	} {
		w := newWorld(t, fakellm.Options{AnswerBytes: 100, Faults: fakellm.Faults{BadVerdict: 0.1}}, 12)
		from, to := strings.Index(choosy, "judges:"), strings.Index(choosy, ", stop:")
		yaml := strings.Replace(choosy[:from]+judges+choosy[to:], "goal: ranking, indifference: 150", "goal: leader", 1)
		a, db := w.arena(yaml), w.open()
		run(t, a, db, both)
		calls := w.server.Stats(false).Arrivals
		st := status(t, a, db)
		if st.Board.Open || st.Judge.Due() != 0 || st.Judge.Wanted == 0 || st.Judge.Done != st.Judge.Wanted {
			t.Errorf("%s: status at the end: open %v, %+v, notes %q", what, st.Board.Open, st.Judge, st.Notes)
		}
		p, err := a.Plan(t.Context(), db, false)
		if err != nil || p.Total.Calls != 0 || p.OrphanJudgments != 0 {
			t.Errorf("%s: Plan() = %+v, %v; want no calls and no orphans", what, p, err)
		}
		run(t, a, db, both)
		if again := w.server.Stats(false).Arrivals - calls; again != 0 {
			t.Errorf("%s: another run makes %d calls; want none", what, again)
		}
	}
}
