package pipeline

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"openarena/internal/testkit/fakellm"
	"openarena/pipeline/export"
	"openarena/pipeline/judge"
	"openarena/pipeline/rating"
	"openarena/store"
)

var alone = strings.Replace(plain, "reask: 1", "protocol: pointwise", 1)

// arrivals is how often a model was asked.
func (w *world) arrivals(model string) int64 {
	w.t.Helper()
	return w.server.Stats(false).Models[model].Arrivals
}

// Every answer is judged once, whatever meets; a run that comes back pays nothing; one more model is one more call a prompt.
func TestPointwiseJudgesAnswers(t *testing.T) {
	w := newWorld(t, fakellm.Options{}, 10)
	a, db := w.arena(alone), w.open()
	run(t, a, db, both)
	wantDone(t, a, db, 30, 30)
	if n := w.arrivals("judge"); n != 30 {
		t.Errorf("the judge was asked %d times; want 30", n)
	}
	for key := range verdictsIn(t, db) {
		if !key.alone() || key.Order != 0 {
			t.Errorf("the verdict %+v is not about one answer", key)
		}
	}
	board, err := a.Rate(t.Context(), db)
	if err != nil || board.Battles != 30 || board.Prompts != 10 {
		t.Errorf("Rate = %+v, %v; want 30 battles on 10 prompts", board, err)
	}
	run(t, a, db, both)
	if p, err := a.Plan(t.Context(), db, false); err != nil || p.Total.Calls != 0 || p.OrphanJudgments != 0 || p.Judges[0].Reuse != 30 {
		t.Errorf("Plan = %+v, %v; want nothing to do and nothing orphaned", p, err)
	}
	if n := w.arrivals("judge"); n != 30 {
		t.Errorf("after a run that had nothing to do the judge was asked %d times; want 30", n)
	}
	more := w.arena(strings.Replace(alone, "models: [", "models: [{name: Delta, model_id: delta}, ", 1))
	if p, err := more.Plan(t.Context(), db, false); err != nil || p.Judges[0].Calls != 10 || p.Judges[0].Reuse != 30 {
		t.Errorf("with one more model Plan = %+v, %v; want 10 calls of the judge", p, err)
	}
	run(t, more, db, both)
	if n := w.arrivals("judge"); n != 40 {
		t.Errorf("with one more model the judge was asked %d times; want 40", n)
	}
	n, err := more.PruneCount(t.Context(), db)
	if err != nil || n.Verdicts+n.Judgments+n.Answers > 0 {
		t.Errorf("PruneCount = %+v, %v; want nothing to prune", n, err)
	}
	if n, err := a.PruneCount(t.Context(), db); err != nil || n.Verdicts != 10 || n.Judgments != 10 {
		t.Errorf("without that model PruneCount = %+v, %v; want its 10 verdicts", n, err)
	}
}

// Only the answers that take part in a battle are judged, and a judge skips those of its own model where another one remains.
func TestPointwiseWantsWhatBattlesWant(t *testing.T) {
	for _, tt := range []struct {
		why, yaml string
		want      string // judgments of each judge
	}{
		{"circular", strings.Replace(alone, "datasets:", "judging: {pairs: circular}\ndatasets:", 1), "15"},
		{"a baseline", strings.Replace(alone, "datasets:", "judging: {pairs: {baseline: Beta}}\ndatasets:", 1), "15"},
		{"one battle a prompt", strings.Replace(alone, "datasets:", "judging: {pairs: {random: 1}}\ndatasets:", 1), "10"},
		{"one order", strings.Replace(alone, "datasets:", "judging: {orders: random}\ndatasets:", 1), "15"},
		{"its own model, beside another judge", strings.Replace(alone, "judges: [", "judges: [{name: Own, model_id: alpha, protocol: pointwise}, ", 1), "10 15"},
		{"its own model, alone", strings.Replace(alone, "model_id: judge", "model_id: alpha", 1), "15"},
		{"two samples", strings.Replace(alone, "model_id: alpha", "model_id: alpha, samples: 2", 1), "20"},
		{"beside a judge of pairs", strings.Replace(alone, "judges: [", "judges: [{name: Pairs, model_id: pairs-judge, protocol: scores}, ", 1), "30 15"},
	} {
		w := newWorld(t, fakellm.Options{}, 5)
		a, db := w.arena(tt.yaml), w.open()
		run(t, a, db, both)
		var got []string
		for _, j := range status(t, a, db).Judges {
			if j.Done != j.Wanted {
				t.Errorf("%s: %s is at %+v", tt.why, j.Model, j.Count)
			}
			got = append(got, fmt.Sprint(j.Done))
		}
		if strings.Join(got, " ") != tt.want {
			t.Errorf("%s: judgments %v; want %s", tt.why, got, tt.want)
		}
	}
}

// A text that changes is judged again, and nothing else is.
func TestPointwiseJudgesAChangedAnswerAgain(t *testing.T) {
	w := newWorld(t, fakellm.Options{}, 5)
	yaml := strings.Replace(alone, "{name: Beta, model_id: beta}",
		"{name: Beta, answers: {path: beta.jsonl, prompt_field: prompt, field: output}}", 1)
	rows := func(second string) {
		var b strings.Builder
		for i, text := range []string{"one", second, "", "  \\n", "five"} {
			fmt.Fprintf(&b, "{\"prompt\": %q, \"output\": \"%s\"}\n", question(i), text)
		}
		w.write("beta.jsonl", b.String())
	}
	rows("two")
	a, db := w.arena(yaml), w.open()
	mustSync(t, a, db)
	if p, err := a.Plan(t.Context(), db, false); err != nil || p.Judges[0].Calls != 13 {
		t.Errorf("Plan = %+v, %v; want 13 calls of the judge: two answers are empty", p, err)
	}
	run(t, a, db, both)
	wantDone(t, a, db, 15, 15)
	if n := w.arrivals("judge"); n != 13 {
		t.Errorf("the judge was asked %d times; want 13: two answers are empty", n)
	}
	rows("zwei")
	a = w.arena(yaml)
	run(t, a, db, both)
	if n := w.arrivals("judge"); n != 14 {
		t.Errorf("after one answer changed the judge was asked %d times; want 14", n)
	}
	wantDone(t, a, db, 15, 15)
	if report, err := a.Reparse(t.Context(), db); err != nil || report[0].Read != 13 || report[0].Changed != 0 || len(verdictsIn(t, db)) != 15 {
		t.Errorf("Reparse = %+v, %v, %d verdicts; want 13 read and that on the old text taken away", report, err, len(verdictsIn(t, db)))
	}
	for p, err := range view(t, a, db).Prompts(t.Context(), false) {
		if err != nil {
			t.Fatal(err)
		}
		for _, j := range p.Judgments {
			empty := strings.TrimSpace(p.Answers[j.First].Text) == "" || strings.TrimSpace(p.Answers[j.Second].Text) == ""
			if forfeit := slices.Contains(j.Flags, judge.FlagForfeit); forfeit != empty || forfeit && (j.Attempts != 0 || j.Level != 2 && j.Level != -2) {
				t.Errorf("%q against %q is judged %+v", p.Answers[j.First].Text, p.Answers[j.Second].Text, j)
			}
		}
	}
}

func view(t testing.TB, a *Arena, r store.Reader) *View {
	t.Helper()
	v, err := a.View(t.Context(), r)
	if err != nil {
		t.Fatal(err)
	}
	return v
}

// The ratings are those of the protocol scores on the same scores.
func TestPointwiseRatesLikeScores(t *testing.T) {
	w := newWorld(t, fakellm.Options{}, 12)
	db := w.open()
	run(t, w.arena(plain), db, Job{Generate: true})
	score := func(s *sheet, side Side) int {
		of, _ := s.answer(side)
		return 1 + int(of.Digest[0])%10
	}
	for _, outcome := range []string{"win", "levels", "share"} {
		var boards []*rating.Leaderboard
		var ranked []string
		for protocol, form := range map[string]string{"scores": `{"score_a":%d,"score_b":%d}`, "pointwise": `{"score":%d}`} {
			a := w.arena(strings.Replace(plain, "reask: 1", "protocol: "+protocol, 1) + "rating: {outcome: " + outcome + "}\n")
			p, all := a.pairing(), listingsOf(t, a, db)
			var b store.Batch
			for s, err := range a.sheets(t.Context(), db, all, walkOptions{span: everything}) {
				if err != nil {
					t.Fatal(err)
				}
				for key, w := range p.askable(s) {
					first, second := score(s, key.A), score(s, key.B)
					if key.Order == 1 {
						first, second = second, first
					}
					said := fmt.Sprintf(form, first, second)
					if key.alone() {
						said = fmt.Sprintf(form, first)
					}
					b.Put(store.Verdicts, key.bytes(), verdict{w.judge.read(judge.Reply{Text: said}, judge.Case{}), judge.ParserVersion, 1}.meta(), nil)
				}
			}
			if _, err := db.Apply(t.Context(), &b); err != nil {
				t.Fatal(err)
			}
			board, err := a.Rate(t.Context(), db)
			if err != nil || board.Battles == 0 {
				t.Fatalf("%s: Rate = %+v, %v", protocol, board, err)
			}
			boards, ranked = append(boards, board), append(ranked, exported(t, a, db, "ranked"))
		}
		if d := cmp.Diff(boards[0], boards[1], cmpopts.EquateApprox(0, 1e-6)); d != "" { // a mean of two orders is rounded
			t.Errorf("outcome %s: the protocols rate differently:\n%s", outcome, d)
		}
		if ranked[0] != ranked[1] {
			t.Errorf("outcome %s: one protocol ranks\n%s\nthe other\n%s", outcome, ranked[0], ranked[1])
		}
	}
}

// Invalid verdicts count once for their answer, and leave its battles open.
func TestPointwiseInvalid(t *testing.T) {
	w := newWorld(t, fakellm.Options{Faults: fakellm.Faults{BadVerdict: 1}}, 3)
	a, db := w.arena(strings.Replace(alone, "protocol: pointwise", "protocol: pointwise, reask: 0", 1)), w.open()
	run(t, a, db, both)
	board, err := a.Rate(t.Context(), db)
	if err != nil || board.Battles != 0 || !strings.Contains(strings.Join(board.Notes, " "), "invalid verdicts: 9.") {
		t.Errorf("Rate = %+v, %v; want no battle, and 9 invalid verdicts", board, err)
	}
	for _, line := range board.Ratings {
		if line.Invalid != 3 {
			t.Errorf("%s has %d invalid verdicts; want 3", line.Model, line.Invalid)
		}
	}
	if st := status(t, a, db); st.Judge.Done != 9 || st.Judge.Invalid != 9 {
		t.Errorf("status = %+v; want 9 judgments, all invalid", st.Judge)
	}
	if n, err := a.Reread(t.Context(), db); err != nil || n != 0 {
		t.Errorf("Reread = %d, %v", n, err)
	}
	report, err := a.Reparse(t.Context(), db)
	if err != nil || report[0].Read != 9 || report[0].Changed != 0 {
		t.Errorf("Reparse = %+v, %v; want 9 read, nothing changed", report, err)
	}
}

// redo takes back what was said of the answers of one model, and the run asks for that alone.
func TestPointwiseRedo(t *testing.T) {
	w := newWorld(t, fakellm.Options{}, 6)
	a, db := w.arena(alone), w.open()
	run(t, a, db, both)
	before := dump(t, db)
	if report, err := a.Reparse(t.Context(), db); err != nil || report[0].Read != 18 || report[0].Changed != 0 || dump(t, db) != before {
		t.Errorf("Reparse = %+v, %v; want 18 read, nothing changed", report, err)
	}
	if n, err := a.Redo(t.Context(), db, Selection{Judge: "Judge", Model: "Alpha"}); err != nil || n != 6 {
		t.Errorf("Redo = %d, %v; want 6", n, err)
	}
	if p, err := a.Plan(t.Context(), db, false); err != nil || p.Judges[0].Calls != 6 {
		t.Errorf("Plan = %+v, %v; want 6 calls", p, err)
	}
	run(t, a, db, both)
	if n := w.arrivals("judge"); n != 24 {
		t.Errorf("the judge was asked %d times; want 24", n)
	}
	wantDone(t, a, db, 18, 18)
}

// What `show` and the export of battles hold: one row per battle, with both scores and what was said of either.
func TestPointwiseShown(t *testing.T) {
	w := newWorld(t, fakellm.Options{}, 2)
	a, db := w.arena(alone), w.open()
	run(t, a, db, both)
	rows := 0
	for p, err := range view(t, a, db).Prompts(t.Context(), true) {
		if err != nil {
			t.Fatal(err)
		}
		scores := map[int]float64{}
		for _, j := range p.Judgments {
			rows++
			if j.First >= j.Second || j.ScoreFirst == nil || j.ScoreSecond == nil || j.Attempts != 2 || j.Verdict == "" || j.Weight != 1 {
				t.Errorf("a battle is judged %+v", j)
				continue
			}
			if !strings.HasPrefix(j.Explanation, "Answer A: ref-") || !strings.Contains(j.Explanation, "\n\nAnswer B: ref-") {
				t.Errorf("a battle is explained %q", j.Explanation)
			}
			for place, s := range map[int]float64{j.First: *j.ScoreFirst, j.Second: *j.ScoreSecond} {
				if before, ok := scores[place]; ok && before != s {
					t.Errorf("answer %d has the scores %g and %g", place, before, s)
				}
				scores[place] = s
			}
		}
	}
	if rows != 6 {
		t.Errorf("%d battles are shown; want 6", rows)
	}
}

// While a run goes on, battles come in as their second verdict does; in the end all are there, once.
func TestPointwiseLive(t *testing.T) {
	w := newWorld(t, fakellm.Options{}, 8)
	db := w.open()
	few := w.trial(alone, Trial{Limit: 3})
	run(t, few, db, both)
	a := w.arena(strings.Replace(alone, "models: [", "models: [{name: Delta, model_id: delta}, ", 1))
	mustSync(t, a, db)
	r, err := NewRunner(t.Context(), a, db, both)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := r.Run(t.Context(), t.Context()); err != nil {
		t.Fatal(err)
	}
	n := 0
	for _, line := range r.Progress().Ranking {
		n += line.Battles
	}
	if n != 2*8*6 {
		t.Errorf("the live ranking rests on %d battles of a model; want %d", n, 2*8*6)
	}
	if len(r.live.fresh) > 0 {
		t.Errorf("%d verdicts are still to be counted", len(r.live.fresh))
	}
	if p := r.Progress().Judge; p.Wanted != 32 || p.Done != 32 {
		t.Errorf("the judge is at %+v; want 32 of 32", p)
	}
}

// A part of the judgments is asked for twice, each drawn by its answer.
func TestPointwiseRepeats(t *testing.T) {
	w := newWorld(t, fakellm.Options{}, 20)
	a, db := w.arena(alone+"judging: {repeat: 0.3}\n"), w.open()
	run(t, a, db, both)
	repeats := 0
	for key := range verdictsIn(t, db) {
		repeats += int(key.Repeat)
	}
	if repeats < 6 || repeats > 32 {
		t.Errorf("%d of 60 judgments were repeated; want about 18", repeats)
	}
	wantDone(t, a, db, 60, 60+int64(repeats))
	if board, err := a.Rate(t.Context(), db); err != nil || board.Battles != 60 {
		t.Errorf("Rate = %+v, %v; want 60 battles", board, err)
	}
}

// Nothing is shown first, so that the orders of the file are nothing to a pointwise judge: what is wanted and what comes of it
// are the same.
func TestPointwiseKnowsNoOrders(t *testing.T) {
	w := newWorld(t, fakellm.Options{}, 20)
	db := w.open()
	var done int64
	exports := map[string]string{}
	for _, orders := range []string{"both", "random", "fixed"} {
		a := w.arena(alone + "judging: {repeat: 0.3, orders: " + orders + "}\n")
		if done == 0 {
			run(t, a, db, both)
			done = status(t, a, db).Judge.Done
		}
		wantDone(t, a, db, 60, done)
		if plan, err := a.Plan(t.Context(), db, false); err != nil || plan.Total.Calls != 0 || plan.OrphanJudgments != 0 {
			t.Errorf("orders: %s: the plan is of %d calls, %d judgments are orphans, %v; want none", orders, plan.Total.Calls, plan.OrphanJudgments, err)
		}
		if n, err := a.Prune(t.Context(), db, true); err != nil || n != (Pruned{}) {
			t.Errorf("orders: %s: prune would drop %+v, %v; want nothing", orders, n, err)
		}
		for _, kind := range []string{"ranked", "battles"} {
			if got := exported(t, a, db, kind); exports[kind] == "" {
				exports[kind] = got
			} else if got != exports[kind] {
				t.Errorf("orders: %s: %s is exported as\n%s\nwith both orders\n%s", orders, kind, got, exports[kind])
			}
		}
	}
}

func listingsOf(t testing.TB, a *Arena, r store.Reader) []listing {
	t.Helper()
	all, err := a.listings(t.Context(), r)
	if err != nil {
		t.Fatal(err)
	}
	return all
}

func exported(t testing.TB, a *Arena, r store.Reader, kind string) string {
	t.Helper()
	var b strings.Builder
	if _, err := export.Write(t.Context(), &b, view(t, a, r), export.Options{Type: kind, Format: "jsonl"}); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// Stopped again and again, a run ends with the database of one that was not, and no reply is paid for twice.
func TestPointwiseStopped(t *testing.T) {
	var stop atomic.Value
	w := newWorld(t, fakellm.Options{OnArrive: func(n int64) {
		if n%9 == 0 {
			stop.Load().(context.CancelFunc)()
		}
	}}, 6)
	whole := newWorld(t, fakellm.Options{}, 6)
	a, db := w.arena(alone), w.open()
	for range 20 {
		ctx, cancel := context.WithCancel(t.Context())
		stop.Store(cancel)
		o := runUntil(t, a, db, both, t.Context(), ctx)
		cancel()
		if !o.Interrupted {
			break
		}
	}
	wantDone(t, a, db, 18, 18)
	if n := w.arrivals("judge"); n != 18 {
		t.Errorf("the judge was asked %d times; want 18", n)
	}
	other := whole.open()
	run(t, whole.arena(alone), other, both)
	if d := cmp.Diff(dump(t, other), dump(t, db)); d != "" {
		t.Errorf("the database differs from that of a run that was not stopped:\n%s", d)
	}
}

// A cascade whose first judge scores answers: pairs are compared where the scores are equal, and there only.
func TestPointwiseInACascade(t *testing.T) {
	w := newWorld(t, fakellm.Options{}, 12)
	first := strings.Replace(alone, "judges: [", "judges: [{name: Cheap, model_id: judge-cheap, protocol: pointwise}, ", 1)
	first = strings.Replace(first, "protocol: pointwise}]", "protocol: scores}]", 1) + "judging: {panel: {mode: cascade}}\n"
	a, db := w.arena(first), w.open()
	mustSync(t, a, db)
	r, err := NewRunner(t.Context(), a, db, both)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := r.Run(t.Context(), t.Context()); err != nil {
		t.Fatal(err)
	}
	ties := 0
	for p, err := range view(t, a, db).Prompts(t.Context(), false) {
		if err != nil {
			t.Fatal(err)
		}
		for _, j := range p.Judgments {
			if j.Judge == "Cheap" && j.State == "tie" {
				ties++
			}
		}
	}
	st := status(t, a, db)
	if cheap, other := st.Judges[0].Count, st.Judges[1].Count; cheap.Done != 36 || other.Done != int64(2*ties) || ties == 0 || ties == 36 || st.Judge.Pending+st.Judge.Failed > 0 {
		t.Errorf("the judges are at %+v and %+v with %d ties of 36; want 36 answers, and each tie in both orders", cheap, other, ties)
	}
	if p := r.Progress().Judge; p.Wanted != p.Done || p.Done != st.Judge.Done {
		t.Errorf("the run knows of %+v; want %d judgments", p, st.Judge.Done)
	}
	n := 0
	for _, line := range r.Progress().Ranking {
		n += line.Battles
	}
	if n != 2*36 {
		t.Errorf("the live ranking rests on %d battles of a model; want 72", n)
	}
}

// The other way round answers are scored only where two orders disagreed about a pair.
func TestPointwiseEndsACascade(t *testing.T) {
	w := newWorld(t, fakellm.Options{}, 12)
	yaml := strings.Replace(alone, "judges: [", "judges: [{name: Pairs, model_id: judge-pairs, protocol: scores}, ", 1) + "judging: {panel: {mode: cascade}}\n"
	a, db := w.arena(yaml), w.open()
	mustSync(t, a, db)
	r, err := NewRunner(t.Context(), a, db, both)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := r.Run(t.Context(), t.Context()); err != nil {
		t.Fatal(err)
	}
	st := status(t, a, db)
	if st.Judges[0].Done != 72 || st.Judges[1].Done == 0 || st.Judges[1].Done == 36 || st.Judge.Done != st.Judge.Wanted {
		t.Errorf("the judges are at %+v and %+v; want 72 comparisons and some answers", st.Judges[0].Count, st.Judges[1].Count)
	}
	if p := r.Progress().Judge; p.Wanted != p.Done || p.Done != st.Judge.Done {
		t.Errorf("the run knows of %+v; want %d judgments", p, st.Judge.Done)
	}
	if board, err := a.Rate(t.Context(), db); err != nil || board.Battles != 36 {
		t.Errorf("Rate = %+v, %v; want 36 battles", board, err)
	}
	calls := w.arrivals("judge") + w.arrivals("judge-pairs")
	run(t, a, db, both)
	if again := w.arrivals("judge") + w.arrivals("judge-pairs"); again != calls {
		t.Errorf("a run that had nothing to do made %d calls", again-calls)
	}
}

// What a panel knows of answers is kept, and is no orphan, where a cascade does not want it by now; nor are repeats.
func TestPointwiseIsKeptForACascade(t *testing.T) {
	w := newWorld(t, fakellm.Options{}, 8)
	yaml := strings.Replace(alone, "judges: [", "judges: [{name: Pairs, model_id: judge-pairs, protocol: scores}, ", 1) + "judging: {repeat: 0.3, panel: {mode: mean}}\n"
	db := w.open()
	run(t, w.arena(yaml), db, both)
	a := w.arena(strings.Replace(yaml, "mode: mean", "mode: cascade", 1))
	plan, err := a.Plan(t.Context(), db, false)
	if err != nil || plan.Judges[1].Reuse == 24 || plan.Total.Most != 0 || plan.OrphanJudgments != 0 {
		t.Errorf("the plan reuses %d scores, with %d calls at most and %d orphans, %v; want some and none", plan.Judges[1].Reuse, plan.Total.Most, plan.OrphanJudgments, err)
	}
	if n, err := a.Prune(t.Context(), db, true); err != nil || n != (Pruned{}) {
		t.Errorf("prune would drop %+v, %v; want nothing", n, err)
	}
}

// Equal texts tie, whatever scores they got, and keep these.
func TestPointwiseOfEqualTexts(t *testing.T) {
	a := offline(t).arena(alone)
	s := newSheet(Hash{1})
	w := asked{judge: &a.Judges[0]}
	for i := range a.Contestants {
		s.give(Side{a.Contestants[i].ID, 0}, reply{Digest: textDigest("the same")})
		score := float64(3 * (i + 1))
		v := verdict{Verdict: judge.Verdict{State: judge.Decided, ScoreA: &score, ScoreB: &score, Method: judge.MethodJSON}, Attempts: 1}
		s.judge(w.single(&s.wanted, &s.answers[i]), v)
	}
	p := a.pairing()
	for _, b := range p.of(s.Prompt) {
		m := p.battleMargins(s, b)
		if m.level != 0 || m.share != 0.5 || m.ties != 1 || m.shown != 1 || m.weight != 1 {
			t.Errorf("two equal texts come to %+v; want a tie", m)
		}
	}
	for _, d := range s.decided(p) {
		if d.verdict.State != judge.Tie || d.verdict.ScoreA == nil || *d.verdict.ScoreA == *d.verdict.ScoreB || d.verdict.Attempts != 0 {
			t.Errorf("two equal texts are shown as %+v; want a tie with their scores", d.verdict)
		}
	}
}

// An answer that meets nobody is not judged: the file that the other one comes from has none for its prompt.
func TestPointwiseOfAnAnswerThatMeetsNobody(t *testing.T) {
	w := newWorld(t, fakellm.Options{}, 5)
	w.write("beta.jsonl", fmt.Sprintf("{\"prompt\": %q, \"output\": \"one\"}\n{\"prompt\": %q, \"output\": \"two\"}\n", question(0), question(3)))
	yaml := strings.Replace(alone, ", {name: Gamma, model_id: gamma}", "", 1)
	yaml = strings.Replace(yaml, "model_id: beta", "answers: {path: beta.jsonl, prompt_field: prompt, field: output}", 1)
	a, db := w.arena(yaml), w.open()
	mustSync(t, a, db)
	if p, err := a.Plan(t.Context(), db, false); err != nil || p.Judges[0].Calls != 4 {
		t.Errorf("Plan = %+v, %v; want 4 calls of the judge", p, err)
	}
	run(t, a, db, both)
	wantDone(t, a, db, 7, 4)
	if n := w.arrivals("judge"); n != 4 {
		t.Errorf("the judge was asked %d times; want 4", n)
	}
}

// Where pairs are chosen batch by batch, battles of answers that were judged before come in with their batch.
func TestPointwiseLiveWithAdaptivePairs(t *testing.T) {
	w := newWorld(t, fakellm.Options{}, 10)
	a, db := w.arena(alone+"judging: {pairs: adaptive, stop: {goal: ranking, indifference: 10}}\n"), w.open()
	mustSync(t, a, db)
	r, err := NewRunner(t.Context(), a, db, both)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := r.Run(t.Context(), t.Context()); err != nil {
		t.Fatal(err)
	}
	board, err := a.Rate(t.Context(), db)
	if err != nil || board.Battles == 0 {
		t.Fatalf("Rate = %+v, %v", board, err)
	}
	n, p := 0, r.Progress()
	for _, line := range p.Ranking {
		n += line.Battles
	}
	if n != 2*board.Battles {
		t.Errorf("the live ranking rests on %d battles of a model; want %d", n, 2*board.Battles)
	}
	if p.Judge.Wanted != p.Judge.Done {
		t.Errorf("the judge is at %+v; want all that is wanted", p.Judge)
	}
}
