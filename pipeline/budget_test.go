package pipeline

import (
	"context"
	"errors"
	"math"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"openarena/configs"
	"openarena/internal/testkit/fakellm"
	"openarena/providers"
	"openarena/store"
)

// budgeted is an arena of two models and a judge with a budget; 64 calls are in flight.
const budgeted = `default_endpoint: {url: URL, concurrency: 64}
models:
  - {name: Alpha, model_id: alpha, price: {input: 1, output: 10}, params: {max_tokens: 600}}
  - {name: Beta, model_id: beta, price: {input: 2, output: 20}, params: {max_tokens: 600}}
judges: [{name: Judge, model_id: judge, reask: 2, price: {input: 3, output: 30}, params: {max_tokens: 400}}]
datasets: [{path: prompts.jsonl}]
budget: {BUDGET}
`

// TestBudgetIsNotPassed: whatever happens, the server never counts more than the budget allows, and the run says why it ended.
// Then a second run has nothing left to spend, and one whose budget was raised goes on.
func TestBudgetIsNotPassed(t *testing.T) {
	const prompts = 50
	faults := fakellm.Faults{Internal: 0.15, Malformed: 0.1, Cut: 0.1}
	for _, test := range []struct {
		why, budget, raised string
		server              fakellm.Options
	}{
		{"calls", "max_calls: 90", "max_calls: 140", fakellm.Options{}},
		{"fewer calls than slots", "max_calls: 5", "max_calls: 30", fakellm.Options{}},
		{"tokens", "max_tokens: 30000", "max_tokens: 45000", fakellm.Options{}},
		{"cost", "max_cost: 0.5", "max_cost: 0.7", fakellm.Options{}},
		{"calls, of which a third fails", "max_calls: 100", "max_calls: 140", fakellm.Options{Seed: 3, Faults: faults}},
		{"calls, of which some are refused", "max_calls: 90", "max_calls: 140", fakellm.Options{Seed: 4, Slots: 48, Refuse: true}},
		{"cost, while a third of the calls fails", "max_cost: 0.5", "max_cost: 0.7", fakellm.Options{Seed: 3, Faults: faults}},
		{"tokens, while judges are asked again", "max_tokens: 60000", "max_tokens: 80000", fakellm.Options{Faults: fakellm.Faults{BadVerdict: 0.15}}},
	} {
		t.Run(test.why, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, test.server, prompts)
			a, db := w.arena(strings.Replace(budgeted, "BUDGET", test.budget, 1)), w.open()
			o := run(t, a, db, both)
			w.within(a.Config.Budget, o)
			wantUsedUp(t, a, db)
			before := w.server.Stats(false).Arrivals
			w.within(a.Config.Budget, run(t, a, db, both))
			if now := w.server.Stats(false).Arrivals; now-before > 3 {
				t.Errorf("a second run under a budget that is reached made %d calls", now-before)
			}
			more := w.arena(strings.Replace(budgeted, "BUDGET", test.raised, 1))
			o = run(t, more, db, both)
			w.within(more.Config.Budget, o)
			if now := w.server.Stats(false).Arrivals; now < before+5 {
				t.Errorf("a run under a budget that was raised made %d calls", now-before)
			}
		})
	}
}

// within fails if the server counted more than a budget allows, or the run did not say that it is reached.
func (w *world) within(b configs.Budget, o Outcome) {
	w.t.Helper()
	st := w.server.Stats(true)
	var tokens int64
	cost := 0.0
	prices := map[string]configs.Price{"alpha": {Input: 1, Output: 10}, "beta": {Input: 2, Output: 20}, "judge": {Input: 3, Output: 30}}
	for model, n := range st.Models {
		tokens += n.Input + n.Output
		cost += tokenCost(prices[model], providers.Usage{Input: n.Input, Output: n.Output})
	}
	switch {
	case o.Budget == nil:
		w.t.Errorf("the run ended with %+v; want that the budget was reached", o)
	case len(o.Stopped) > 0:
		w.t.Errorf("the run says that models were stopped, beside the budget: %v", o.Stopped)
	case b.MaxCalls > 0 && st.Arrivals > b.MaxCalls, b.MaxTokens > 0 && tokens > b.MaxTokens, b.MaxCost > 0 && cost > b.MaxCost+1e-9:
		w.t.Errorf("the server counted %d calls, %d tokens and $%.4f under the budget %+v", st.Arrivals, tokens, cost, b)
	case b.MaxCalls > 0 && st.Arrivals < b.MaxCalls:
		w.t.Errorf("%d calls were made of %d", st.Arrivals, b.MaxCalls)
	}
}

// wantUsedUp fails if more of the budget is left than one more call may take.
func wantUsedUp(t *testing.T, a *Arena, db store.Reader) {
	t.Helper()
	spent, _, err := a.spentEver(t.Context(), db, 0)
	if err != nil {
		t.Fatal(err)
	}
	const tokens, cost = 3000, 0.03
	left := a.Config.Budget
	left.MaxCost -= spent.cost
	left.MaxTokens -= spent.tokens
	if left.MaxCost > cost || left.MaxTokens > tokens {
		t.Errorf("the run stopped with %d tokens or $%.4f left of %+v", left.MaxTokens, left.MaxCost, a.Config.Budget)
	}
}

// TestWhatIsLeftIsTold: a limit that is not used up ends a run as well, where the next call is too large for the rest.
func TestWhatIsLeftIsTold(t *testing.T) {
	for _, c := range []struct {
		why          string
		limits       configs.Budget
		spent, worst amount
		want         string
	}{
		{"calls", configs.Budget{MaxCalls: 3}, amount{calls: 3, cost: 1}, amount{calls: 1, cost: 1}, "max_calls: 3"},
		{"cost", configs.Budget{MaxCost: 0.05}, amount{cost: 0.04958}, amount{cost: 0.001024}, "max_cost: 0.05, of which $0.00042 is left; the next call may take $0.001"},
		{"cost, all of it", configs.Budget{MaxCost: 0.05}, amount{cost: 0.05}, amount{cost: 0.001}, "max_cost: 0.05"},
		{"cost, tiny", configs.Budget{MaxCost: 0.000001}, amount{}, amount{cost: 12.345}, "max_cost: 0.000001, of which $0.000001 is left; the next call may take $12"},
		{"cost, beyond it", configs.Budget{MaxCost: 1}, amount{cost: 3}, amount{cost: 1}, "max_cost: 1"},
		{"tokens", configs.Budget{MaxCalls: 9, MaxTokens: 1000}, amount{calls: 1, tokens: 800}, amount{calls: 1, tokens: 4100}, "max_tokens: 1000, of which 200 are left; the next call may take 4100"},
	} {
		b := budget{limits: c.limits, spent: c.spent}
		if got := b.reached(c.worst).(budgetReached).limit; got != c.want {
			t.Errorf("%s: %q; want %q", c.why, got, c.want)
		}
	}
}

// TestFreeModelsGoOn: a limit of costs stops those only who would pass it.
func TestFreeModelsGoOn(t *testing.T) {
	w := newWorld(t, fakellm.Options{}, 20)
	a, db := w.arena(`default_endpoint: {url: URL, concurrency: 8}
models:
  - {name: Dear, model_id: dear, price: {input: 100, output: 1000}, params: {max_tokens: 1000}}
  - {name: Own, model_id: own, price: {input: 0, output: 0}}
judges: [{name: Judge, model_id: judge, price: {input: 0, output: 0}}]
datasets: [{path: prompts.jsonl}]
budget: {max_cost: 3.5}
`), w.open()
	o := run(t, a, db, both)
	st := w.server.Stats(true)
	if o.Budget == nil || !strings.Contains(o.Budget.Error(), "max_cost: 3.5") || st.Models["own"].Arrivals != 20 {
		t.Errorf("%v; calls %+v; want that the budget was reached and all 20 of the model that costs nothing", o.Budget, st.Models)
	}
	// An answer takes about half a dollar and may take one.
	if n := st.Models["dear"].Arrivals; n < 4 || n > 6 {
		t.Errorf("the dear model was called %d times; want 4 to 6", n)
	}
	if said := status(t, a, db).Stopped; len(said) != 1 || !strings.Contains(said[0], "budget") {
		t.Errorf("status says %q of why the run ended", said)
	}
}

func TestUnpricedModelsAreRefused(t *testing.T) {
	w := newWorld(t, fakellm.Options{}, 2)
	yaml := `default_endpoint: {url: URL}
models: [{name: Known, model_id: known, price: {input: 1, output: 1}}, {name: Riddle, model_id: riddle}]
judges: [{name: Judge, model_id: judge}]
datasets: [{path: prompts.jsonl}]
budget: {max_cost: 5}
`
	a, db := w.arena(yaml), w.open()
	mustSync(t, a, db)
	_, err := NewRunner(t.Context(), a, db, both)
	var unpriced *UnpricedError
	if !errors.As(err, &unpriced) || strings.Join(unpriced.Models, " ") != "Judge Riddle" {
		t.Errorf("NewRunner = %v; want an error that names Judge and Riddle", err)
	}
	if n := w.server.Stats(false).Arrivals; n != 0 {
		t.Errorf("%d calls were made", n)
	}
	allowed := both
	allowed.AllowUnknownCost = true
	if o := run(t, a, db, allowed); o.Budget != nil || o.Answers != 4 {
		t.Errorf("with costs allowed to be unknown the run ended with %+v", o)
	}
	// What a model spent that the file does not name any more counts, or is refused.
	other := w.arena(strings.Replace(strings.Replace(yaml, "{name: Riddle, model_id: riddle}", "{name: New, model_id: new, price: {input: 1, output: 1}}", 1),
		"model_id: judge}", "model_id: judge, price: {input: 1, output: 1}}", 1))
	mustSync(t, other, db)
	if _, err := NewRunner(t.Context(), other, db, both); !errors.As(err, &unpriced) || !strings.HasPrefix(unpriced.Models[0], "riddle") {
		t.Errorf("NewRunner = %v; want an error that names riddle", err)
	}
}

// TestBudgetIsSetWhileARunGoesOn, and tells what is left.
func TestBudgetIsSetWhileARunGoesOn(t *testing.T) {
	w := newWorld(t, fakellm.Options{}, 50)
	a, db := w.arena(strings.Replace(budgeted, "{BUDGET}", "{max_calls: 1000}", 1)), w.open()
	mustSync(t, a, db)
	model := &scripted{}
	r, err := newRunner(t.Context(), a, db, Job{Generate: true}, model.connect)
	if err != nil {
		t.Fatal(err)
	}
	model.hook = func(_ context.Context, _ string, n int) {
		if n == 10 {
			if err := r.SetBudget(configs.Budget{MaxCalls: 40}); err != nil {
				t.Error(err)
			}
		}
	}
	o, err := r.Run(t.Context(), t.Context())
	if n := model.calls(""); err != nil || o.Budget == nil || n < 40 || n > 40+64 {
		t.Errorf("%d calls, %+v, %v; want 40, or what was in flight when that was said", n, o, err)
	}
	line := r.Progress().Budget
	if len(line) != 1 || line[0].What != "calls" || line[0].Limit != 40 || line[0].Left != 0 || line[0].InFlight != 0 {
		t.Errorf("what is left is %+v; want no call of 40", line)
	}
}

// TestTimeIsUp: nothing is started after max_time, and the next run has its own.
func TestTimeIsUp(t *testing.T) {
	w := newWorld(t, fakellm.Options{}, 200)
	a, db := w.arena(strings.Replace(budgeted, "BUDGET", "max_time: 1h", 1)), w.open()
	for range 2 {
		mustSync(t, a, db)
		model := &scripted{}
		r, err := newRunner(t.Context(), a, db, Job{Generate: true}, model.connect)
		if err != nil {
			t.Fatal(err)
		}
		model.hook = func(_ context.Context, _ string, n int) {
			if n == 3 { // an hour has passed
				r.budget.mu.Lock()
				r.budget.started = r.budget.started.Add(-time.Hour)
				r.budget.mu.Unlock()
				r.timeIsUp()
			}
		}
		o, err := r.Run(t.Context(), t.Context())
		n := model.calls("")
		if err != nil || o.Budget == nil || !strings.Contains(o.Budget.Error(), "max_time: 1h") || n < 3 || n > 2+64 || o.Answers != int64(n) {
			t.Errorf("%d calls, %+v, %v; want those in flight and no more, all kept, and that max_time was reached", n, o, err)
		}
	}
}

// TestFailedCallsThatMayBeBilled count in tokens as what they may have taken, also in the next run; the dump knows nothing of
// them.
func TestFailedCallsThatMayBeBilled(t *testing.T) {
	w := newWorld(t, fakellm.Options{}, 3)
	a, db := w.arena(strings.Replace(budgeted, "BUDGET", "max_calls: 1000", 1)), w.open()
	mustSync(t, a, db)
	const failing = 4
	model := &scripted{}
	var sent atomic.Int64
	model.fail = func(*providers.Request) error {
		if n := sent.Add(1); n <= failing {
			reason := []string{providers.ReasonCut, providers.ReasonTimeout, providers.ReasonServer, providers.ReasonConnect}[n-1]
			return &providers.Error{Reason: reason, Err: errors.New("no")}
		}
		return nil
	}
	r, err := newRunner(t.Context(), a, db, Job{Generate: true}, model.connect)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := r.Run(t.Context(), t.Context()); err != nil {
		t.Fatal(err)
	}
	all, unpriced, err := a.spentEver(t.Context(), db, 0)
	if err != nil || len(unpriced) > 0 {
		t.Fatal(unpriced, err)
	}
	calls := int64(model.calls(""))
	reckoned := promptTokens([]providers.Message{{Content: question(0)}})
	want := (calls-failing)*15 + 2*(reckoned+600)
	if all.calls != calls || all.tokens != want {
		t.Errorf("%d calls and %d tokens were spent; want %d and %d", all.calls, all.tokens, calls, want)
	}
	if now := r.budget.spent; now.calls != all.calls || now.tokens != all.tokens || math.Abs(now.cost-all.cost) > 1e-9 {
		t.Errorf("the run counted %+v, the database %+v", now, all)
	}
	calm := newWorld(t, fakellm.Options{}, 3).open()
	mustSync(t, a, calm)
	r, err = newRunner(t.Context(), a, calm, Job{Generate: true}, (&scripted{}).connect)
	if err == nil {
		_, err = r.Run(t.Context(), t.Context())
	}
	if err != nil || dump(t, db) != dump(t, calm) {
		t.Errorf("the dump tells of failed calls, or %v", err)
	}
}

// TestLostCallsCount: calls that died with a run are spent.
func TestLostCallsCount(t *testing.T) {
	w := newWorld(t, fakellm.Options{}, 3)
	a, db := w.arena(budgetless), w.open()
	run(t, a, db, both)
	before, _, err := a.spentEver(t.Context(), db, 0)
	if err != nil {
		t.Fatal(err)
	}
	budgeted := w.arena(budgetless + "budget: {max_calls: 1000}\n")
	dies, err := openLedger(t.Context(), db, nil)
	if err != nil {
		t.Fatal(err)
	}
	if err := dies.write(t.Context(), int(before.calls)); err != nil {
		t.Fatal(err)
	}
	counted := status(t, budgeted, db).Budget
	if spent := counted[0].Spent; spent != float64(2*before.calls) {
		t.Errorf("status tells of %v calls after a run that died; want %d, as the next run will", spent, 2*before.calls)
	}
	l, err := openLedger(t.Context(), db, nil) // the next run books them
	if err != nil {
		t.Fatal(err)
	}
	if err := l.close(t.Context()); err != nil {
		t.Fatal(err)
	}
	if again := status(t, budgeted, db).Budget; !slices.Equal(again, counted) {
		t.Errorf("status tells of %+v after the next run, and of %+v before", again, counted)
	}
	after, _, err := a.spentEver(t.Context(), db, 0)
	if err != nil || after.calls != 2*before.calls || after.tokens != 2*before.tokens || math.Abs(after.cost-2*before.cost) > 1e-9 {
		t.Errorf("as many lost calls as there were make of %+v %+v, %v; want twice as much", before, after, err)
	}
}

const budgetless = `default_endpoint: {url: URL}
models: [{name: Alpha, model_id: alpha, price: {input: 1, output: 10}}, {name: Beta, model_id: beta, price: {input: 2, output: 20}}]
judges: [{name: Judge, model_id: judge, price: {input: 3, output: 30}}]
datasets: [{path: prompts.jsonl}]
`

// Time may be up in the moment in which a run ends.
func TestTimeIsUpAtTheEnd(t *testing.T) {
	w := offline(t)
	w.write("prompts.jsonl", promptLines(0, 1))
	a, db := w.arena(twoServers), w.open()
	mustSync(t, a, db)
	r, err := newRunner(t.Context(), a, db, both, (&scripted{}).connect)
	if err != nil {
		t.Fatal(err)
	}
	r.saving, r.calling = t.Context(), t.Context()
	var late sync.WaitGroup
	late.Go(func() {
		for _, c := range r.callees {
			c.stop(budgetReached{"max_time: 1h", "Go on for as long again"})
		}
	})
	if _, err := r.outcome(t.Context(), t.Context()); err != nil { // the race detector is the test
		t.Error(err)
	}
	late.Wait()
}

// At worst an answer is as long as its params allow; where they do not say, as the server was told, or as the longest that was seen.
func TestReckonedAnswers(t *testing.T) {
	bounded := map[string]any{"max_tokens": int64(100)}
	for _, c := range []struct {
		why      string
		params   map[string]any
		unstated int64
		seen     int // answers of 50 tokens
		want     int64
	}{
		{"as params say", bounded, 0, 0, 100},
		{"nobody says, nothing was seen", nil, 0, 0, unboundedOutput},
		{"nobody says, enough was seen", nil, 0, enoughSeen, 50},
		{"the protocol sends a bound of its own", nil, providers.UnstatedAnswer("anthropic"), enoughSeen, 8192},
		{"params come before that", bounded, providers.UnstatedAnswer("anthropic"), 0, 100},
	} {
		r := reckoner{unstated: c.unstated}
		q := &providers.Request{Params: c.params, Messages: []providers.Message{{Role: "user", Content: "Why?"}}}
		for range c.seen {
			r.took(r.reckon(q), providers.Usage{Input: 5, Output: 50})
		}
		if h := r.reckon(q); h.output != c.want {
			t.Errorf("%s: %d tokens are reckoned; want %d", c.why, h.output, c.want)
		}
	}
}

// Whoever reads why a run ended is told where the limit stands: in the file, or in what was said to this run alone.
func TestWhereAReachedBudgetStands(t *testing.T) {
	file := configs.Budget{MaxCalls: 10}
	for _, c := range []struct {
		limits configs.Budget
		want   string
	}{
		{file, "(max_calls: 10); what was done is kept. Raise it in the file to go on"},
		{configs.Budget{MaxCalls: 5}, "(max_calls: 5); what was done is kept. `openarena ctl` had set it; go on with what the file says"},
	} {
		b := budget{file: file, limits: c.limits, spent: amount{calls: c.limits.MaxCalls}}
		if got := b.reached(amount{calls: 1}).Error(); !strings.Contains(got, c.want) {
			t.Errorf("reached() = %q; want %q", got, c.want)
		}
	}
}
