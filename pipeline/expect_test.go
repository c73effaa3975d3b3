package pipeline

import (
	"math"
	"strings"
	"testing"

	"openarena/internal/testkit/fakellm"
	"openarena/store"
)

const expected = `default_endpoint: {url: URL, concurrency: 8}
models:
  - {name: Alpha, model_id: alpha, price: {input: 1, output: 10}, params: {max_tokens: 700}}
  - {name: Beta, model_id: beta, price: {input: 2, output: 20}, params: {max_tokens: 300}}
judges: [{name: Judge, model_id: judge, price: {input: 3, output: 30}, params: {max_tokens: 700}}]
datasets: [{path: prompts.jsonl}]
`

func plan(t *testing.T, a *Arena, r store.Reader) *Plan {
	t.Helper()
	p, err := a.Plan(t.Context(), r, false)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// TestPlansRangesHold: what a run takes lies where its plan says, before anything was called and after a few calls; a plan
// after a few is much narrower.
func TestPlansRangesHold(t *testing.T) {
	w := newWorld(t, fakellm.Options{AnswerBytes: 1500}, 40)
	a, db := w.arena(expected), w.open()
	mustSync(t, a, db)
	first := plan(t, a, db)
	if first.Seconds != nil || first.Total.Basis != fromLengths {
		t.Errorf("before the first run the plan takes %v s, from %s; want unknown, from lengths", first.Seconds, first.Total.Basis)
	}
	few := w.trial(expected, Trial{Limit: 12})
	run(t, few, db, both)
	before := w.server.Stats(false).Models
	mustSync(t, a, db)
	second := plan(t, a, db)
	run(t, a, db, both)
	after := w.server.Stats(false).Models
	for i, id := range []string{"alpha", "beta", "judge"} {
		one, two := append(first.Models, first.Judges...)[i], append(second.Models, second.Judges...)[i]
		within(t, one, after[id].Input, after[id].Output)
		within(t, two, after[id].Input-before[id].Input, after[id].Output-before[id].Output)
		if two.Basis != fromCalls || two.Output.High-two.Output.Low > (one.Output.High-one.Output.Low)/4 {
			t.Errorf("after 12 prompts tokens of %s lie in %v, from %s; before that in %v", id, *two.Output, two.Basis, *one.Output)
		}
	}
	if second.Seconds == nil || second.Seconds.Low <= 0 || second.Seconds.High < second.Seconds.Low {
		t.Errorf("after a run a plan takes %v s; want some", second.Seconds)
	}
	done := plan(t, a, db)
	if done.Total.Most != 0 || done.Seconds == nil || *done.Seconds != (Range{}) || *done.Total.Cost != (Range{}) {
		t.Errorf("with nothing left to do the plan is %+v, %v s", done.Total, done.Seconds)
	}
}

// within fails unless what was taken, and its cost, lie where a plan says.
func within(t *testing.T, l PlanLine, input, output int64) {
	t.Helper()
	prices := map[string][2]float64{"Alpha": {1, 10}, "Beta": {2, 20}, "Judge": {3, 30}}[l.Model]
	cost := (float64(input)*prices[0] + float64(output)*prices[1]) / 1e6
	for _, x := range []struct {
		what string
		is   float64
		in   *Range
	}{{"input", float64(input), l.Input}, {"output", float64(output), l.Output}, {"cost", cost, l.Cost}} {
		if x.in == nil || x.is < x.in.Low-1e-9 || x.is > x.in.High+1e-9 {
			t.Errorf("%s of %s is %v; the plan, from %s, says %+v", x.what, l.Model, x.is, l.Basis, x.in)
		}
	}
}

// TestSpreadHolds: of sums drawn by lot about 95 in 100 lie where the spread says.
func TestSpreadHolds(t *testing.T) {
	values := func(seed uint64) func() float64 { // of an exponential distribution, which is far from normal
		return func() float64 {
			seed = seed*6364136223846793005 + 1442695040888963407
			return -300 * math.Log(float64(seed>>11|1)/(1<<53))
		}
	}
	held, rounds := 0, 400
	for i := range rounds {
		draw := values(uint64(i) + 1)
		var s spread
		var sum float64
		for range 60 {
			v := draw()
			s.see(v)
			sum += v
		}
		var to float64
		for range 200 {
			to += draw()
		}
		if r := s.sum(sum/60, 60, 200); to >= r.Low && to <= r.High {
			held++
		}
	}
	if share := float64(held) / float64(rounds); share < 0.9 || share > 0.99 {
		t.Errorf("%.1f %% of the sums lie in their range; want about 95", 100*share)
	}
}

// TestOrphansSayWhose: what a change of the file leaves behind is told with its reason.
func TestOrphansSayWhose(t *testing.T) {
	for _, test := range []struct{ why, from, to, want string }{
		{"a limit of tokens", "params: {max_tokens: 300}", "params: {max_tokens: 400}",
			"8 judgments of Judge: of answers, prompts or orders that are not wanted any more; 4 answers of Beta: params.max_tokens changed, so that they are asked for again; the old ones are kept"},
		{"a system message", "model_id: alpha", "model_id: alpha, system: Be brief",
			"8 judgments of Judge: of answers, prompts or orders that are not wanted any more; 4 answers of Alpha: system changed, so that they are asked for again; the old ones are kept"},
		{"a judge's protocol", "model_id: judge", "model_id: judge, analysis: full", "8 judgments of Judge: analysis changed, so that they are asked for again; the old ones are kept"},
		{"another model", "model_id: beta", "model_id: delta",
			"8 judgments of Judge: of answers, prompts or orders that are not wanted any more; 4 answers of beta: the file does not name it any more"},
		{"another name, price and address", "name: Beta, model_id: beta, price: {input: 2", "name: Bea, model_id: beta, price: {input: 3", ""},
	} {
		w := newWorld(t, fakellm.Options{AnswerBytes: 80}, 4)
		db := w.open()
		run(t, w.arena(expected), db, both)
		changed := strings.Replace(expected, test.from, test.to, 1)
		if changed == expected {
			t.Fatalf("%s: nothing was changed", test.why)
		}
		a := w.arena(changed)
		mustSync(t, a, db)
		var all []string
		for _, o := range plan(t, a, db).Orphans {
			all = append(all, o.String())
		}
		if got := strings.Join(all, "; "); got != test.want {
			t.Errorf("%s: the plan says %q; want %q", test.why, got, test.want)
		}
	}
}
