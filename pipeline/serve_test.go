package pipeline

import (
	"context"
	"errors"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"openarena/providers"
	"openarena/store"
)

// parts is a job that is fed part by part.
var parts = Job{Generate: true, Judge: true, Parts: true}

// serving starts a Runner that is fed part by part, until the test ends.
func serving(t testing.TB, a *Arena, s store.Store, connect func(providers.Endpoint) (providers.Client, error)) *Runner {
	t.Helper()
	r, err := newRunner(t.Context(), a, s, parts, connect)
	if err != nil {
		t.Fatal(err)
	}
	stop, cancel := context.WithCancel(context.Background())
	var ended sync.WaitGroup
	ended.Go(func() {
		if o, err := r.Serve(context.Background(), stop); err != nil || !o.Interrupted {
			t.Errorf("Serve() = %+v, %v; want it to be interrupted", o, err)
		}
	})
	t.Cleanup(func() {
		cancel()
		ended.Wait()
	})
	return r
}

func mustParts(t testing.TB, a *Arena, r store.Reader) []Part {
	t.Helper()
	all, err := a.Parts(t.Context(), r)
	if err != nil {
		t.Fatal(err)
	}
	return all
}

// TestServeDoesWhatRunDoes: an arena worked part by part is the one that a run makes, at the same calls, and the counts of its parts
// add up to those of all.
func TestServeDoesWhatRunDoes(t *testing.T) {
	whole := &scripted{}
	_, _, db, _ := runWhole(t, plain, 40, whole.connect)
	want := dump(t, db)

	w, s := &world{t: t, dir: t.TempDir()}, &scripted{}
	w.write("prompts.jsonl", promptLines(0, 40))
	a := w.arena(plain)
	db = w.open()
	mustSync(t, a, db)
	r := serving(t, a, db, s.connect)
	var sum PartResult
	for round := range 2 {
		sum = PartResult{}
		for _, p := range mustParts(t, a, db) {
			got, err := r.Work(t.Context(), p)
			if err != nil || !got.Complete || round > 0 && got.Asked > 0 {
				t.Errorf("round %d: Work(%+v) = %+v, %v; want it complete", round, p, got, err)
			}
			sum.Wanted, sum.Done, sum.Failed, sum.Waiting = sum.Wanted+got.Wanted, sum.Done+got.Done, sum.Failed+got.Failed, sum.Waiting+got.Waiting
		}
	}
	if st := status(t, a, db); sum.Wanted != st.Generate.Wanted+st.Judge.Wanted || sum.Done != sum.Wanted {
		t.Errorf("all parts have %+v; the status is %+v and %+v", sum, st.Generate, st.Judge)
	}
	if got := dump(t, db); got != want {
		t.Errorf("part by part the database is another one than after a run:\n%s\nwant\n%s", got, want)
	}
	if s.calls("") != whole.calls("") {
		t.Errorf("part by part it took %d calls; a run %d", s.calls(""), whole.calls(""))
	}
}

// TestServeForgets: a Runner that is fed part by part keeps nothing of parts that are over.
func TestServeForgets(t *testing.T) {
	w, s := &world{t: t, dir: t.TempDir()}, &scripted{}
	w.write("prompts.jsonl", promptLines(0, 20))
	a := w.arena(plain)
	db := w.open()
	mustSync(t, a, db)
	r := serving(t, a, db, s.connect)
	for _, p := range mustParts(t, a, db) {
		if _, err := r.Work(t.Context(), p); err != nil {
			t.Fatal(err)
		}
	}
	if n := len(r.service.stints); n > 0 {
		t.Errorf("%d parts are remembered", n)
	}
	if n := len(r.live.fresh); n > 0 {
		t.Errorf("%d verdicts are remembered", n)
	}
	for _, c := range r.callees {
		if j, ok := c.stage.(*judgeStage); ok && len(j.claims.set) > 0 {
			t.Errorf("%d judgments are remembered", len(j.claims.set))
		}
	}
}

// busiest is the part of a model that has the most to do.
func busiest(t *testing.T, a *Arena, r *Runner, db store.Store, model string) (most Part) {
	t.Helper()
	best := 0
	for _, p := range mustParts(t, a, db) {
		if p.Judge || a.contestant(p.Who).Name != model {
			continue
		}
		n := 0
		for range a.wanted(t.Context(), db, r.listings, p.span()) {
			n++
		}
		if n > best {
			most, best = p, n
		}
	}
	return most
}

// TestServeStops: a part whose model takes no calls any more comes back at once, and says why.
func TestServeStops(t *testing.T) {
	for _, c := range []struct {
		name, yaml string
		fail       error
		refused    bool
		budget     bool
	}{
		{"a key that is refused", plain, &providers.Error{Class: providers.Refused, Reason: "key", Status: 401, Err: errors.New("no")}, true, false},
		{"a budget that is used up", plain + "budget: {max_calls: 1}\n", nil, false, true},
	} {
		t.Run(c.name, func(t *testing.T) {
			w, s := &world{t: t, dir: t.TempDir()}, &scripted{fail: func(*providers.Request) error { return c.fail }}
			w.write("prompts.jsonl", promptLines(0, 60))
			a := w.arena(c.yaml)
			db := w.open()
			mustSync(t, a, db)
			r := serving(t, a, db, s.connect)
			p := busiest(t, a, r, db, "Alpha")
			for range 2 {
				got, err := r.Work(t.Context(), p)
				if err != nil || got.Complete || got.Left == 0 || got.Left+got.Done != got.Wanted {
					t.Errorf("Work() = %+v, %v; want something left", got, err)
				}
				if (got.Stopped != nil && got.Stopped.Refused) != c.refused || (got.Budget != nil) != c.budget {
					t.Errorf("Work() says %v and %v of who is stopped", got.Stopped, got.Budget)
				}
			}
			if n := s.calls(""); n == 0 || n > 16 {
				t.Errorf("%d calls were made; want those at the start only", n)
			}
		})
	}
}

// TestServeRests: a part whose model is parked by its server leaves its turn to others, and goes on when it may.
func TestServeRests(t *testing.T) {
	w := offline(t)
	w.write("prompts.jsonl", promptLines(0, 60))
	a, db := w.arena(parkArena), newOutside(t, w.open(), time.Millisecond)
	mustSync(t, a, db)
	synctest.Test(t, func(t *testing.T) {
		x := &exclusive{start: time.Now(), n: map[string]int{}, refuse: func(model string, _ int, since time.Duration) time.Duration {
			if model == "b" && since < time.Minute {
				return time.Minute - since
			}
			return 0
		}}
		r, err := newRunner(t.Context(), a, db, parts, x.connect)
		if err != nil {
			t.Fatal(err)
		}
		stop, cancel := context.WithCancel(t.Context())
		var ended sync.WaitGroup
		ended.Go(func() { r.Serve(t.Context(), stop) })
		p := busiest(t, a, r, db, "B")
		for round := range 2 { // the second comes while it is parked
			got, err := r.Work(t.Context(), p)
			if err != nil || got.Complete || got.Left != got.Wanted || got.Rest <= 0 || got.Rest > time.Minute || time.Since(x.start) > 30*time.Second {
				t.Errorf("round %d: after %v Work() = %+v, %v; want a rest until a minute is over", round, time.Since(x.start), got, err)
			}
			if round > 0 {
				time.Sleep(got.Rest)
			}
		}
		if got, err := r.Work(t.Context(), p); err != nil || !got.Complete {
			t.Errorf("when the rest is over Work() = %+v, %v; want it complete", got, err)
		}
		cancel()
		ended.Wait()
	})
}

// TestServeKeepsCallsInFlight: when a slice ends, or the worker is to stop, calls in flight end and are saved, and no other is made.
func TestServeKeepsCallsInFlight(t *testing.T) {
	for _, of := range []string{"a slice", "Serve"} {
		w := offline(t)
		w.write("prompts.jsonl", promptLines(0, 80))
		a, db := w.arena(strings.Replace(plain, "concurrency: 16", "concurrency: 2", 1)), newOutside(t, w.open(), time.Millisecond)
		mustSync(t, a, db)
		synctest.Test(t, func(t *testing.T) {
			answer := make(chan struct{})
			s := &scripted{hook: func(ctx context.Context, _ string, _ int) {
				select {
				case <-answer:
				case <-ctx.Done():
				}
			}}
			r, err := newRunner(t.Context(), a, db, parts, s.connect)
			if err != nil {
				t.Fatal(err)
			}
			stop, cancel := context.WithCancel(t.Context())
			slice, end := context.WithCancel(t.Context())
			var ended sync.WaitGroup
			ended.Go(func() { r.Serve(t.Context(), stop) })
			p := busiest(t, a, r, db, "Alpha")
			ended.Go(func() {
				got, err := r.Work(slice, p)
				if err != nil || got.Done != 2 || got.Left == 0 || got.Complete {
					t.Errorf("at the end of %s Work() = %+v, %v; want the two calls that were in flight done, and others left", of, got, err)
				}
			})
			synctest.Wait()
			if of == "Serve" {
				cancel()
			} else {
				end()
			}
			synctest.Wait()
			close(answer)
			synctest.Wait()
			cancel()
			end()
			ended.Wait()
			if n := s.calls(""); n != 2 {
				t.Errorf("at the end of %s %d calls are made; want the two that were in flight", of, n)
			}
		})
	}
}

// TestServeWaitsForAnswers: a judge's part is not complete while answers are to come, though there is nothing to ask for.
func TestServeWaitsForAnswers(t *testing.T) {
	w, s := &world{t: t, dir: t.TempDir()}, &scripted{}
	w.write("prompts.jsonl", promptLines(0, 60))
	a := w.arena(plain)
	db := w.open()
	mustSync(t, a, db)
	r := serving(t, a, db, s.connect)
	answers := busiest(t, a, r, db, "Alpha")
	judgments := Part{Judge: true, Who: a.Judges[0].ID, From: answers.From, To: answers.To}
	work := func(p Part) PartResult {
		t.Helper()
		got, err := r.Work(t.Context(), p)
		if err != nil {
			t.Fatal(err)
		}
		return got
	}
	for i, pairs := range []int64{0, 0, 1, 3} {
		if i > 0 {
			work(Part{Who: a.Contestants[i-1].ID, From: answers.From, To: answers.To})
		}
		got := work(judgments)
		n := got.Wanted / 6 // prompts: three pairs in both orders
		if n == 0 || got.Done != 2*pairs*n || got.Waiting != got.Wanted-got.Done || got.Left != 0 || got.Complete != (got.Waiting == 0) {
			t.Errorf("with %d models answered: %+v; want %d of each 6 done, and the others waited for", i, got, 2*pairs)
		}
	}
}

// TestParts: ranges cover all hashes once, are fine enough for parts of a thousand, and those of two models are within each other.
func TestParts(t *testing.T) {
	for _, c := range []struct {
		units  int64
		ranges int
	}{{0, 16}, {16_000, 16}, {16_001, 32}, {1_000_000, 1024}, {1 << 40, 4096}} {
		all := appendParts(nil, Part{}, c.units)
		if len(all) != c.ranges {
			t.Errorf("%d units make %d parts; want %d", c.units, len(all), c.ranges)
		}
		for i, p := range all {
			if i > 0 && !follows(all[i-1].To, p.From) {
				t.Errorf("%d units: part %d begins at %s; the one before ends at %s", c.units, i, p.From, all[i-1].To)
			}
		}
		if all[0].From != everything.from || all[len(all)-1].To != everything.to {
			t.Errorf("%d units: the parts go from %s to %s", c.units, all[0].From, all[len(all)-1].To)
		}
	}
}

// follows reports whether a hash is the one behind another.
func follows(one, next Hash) bool {
	for i := len(one) - 1; i >= 0; i-- {
		if one[i]++; one[i] != 0 {
			break
		}
	}
	return one == next
}

// TestServeHearsOfBadJudges: what one worker found of a judge, another goes by with its next part.
func TestServeHearsOfBadJudges(t *testing.T) {
	w := &world{t: t, dir: t.TempDir()}
	w.write("prompts.jsonl", promptLines(0, 60))
	a := w.arena(strings.Replace(plain, "reask: 1", "reask: 0", 1))
	db := w.open()
	mustSync(t, a, db)
	s := &scripted{say: func(r *providers.Request) string {
		if r.Model == "judge" {
			return "Both have their merits."
		}
		return ""
	}}
	one, other := serving(t, a, db, s.connect), serving(t, a, db, s.connect)
	var judging []Part
	for _, p := range mustParts(t, a, db) {
		if p.Judge {
			judging = append(judging, p)
		} else if _, err := one.Work(t.Context(), p); err != nil {
			t.Fatal(err)
		}
	}
	place := 0
	for stopped := false; !stopped && place < len(judging); place++ {
		got, err := one.Work(t.Context(), judging[place])
		if err != nil {
			t.Fatal(err)
		}
		stopped = got.Stopped != nil
	}
	before := s.calls("judge")
	got, err := other.Work(t.Context(), judging[place])
	if err != nil || got.Stopped == nil || !strings.Contains(got.Stopped.String(), "50 of its first 50 verdicts") || got.Left == 0 {
		t.Errorf("Work() = %+v, %v; want the judge stopped", got, err)
	}
	if n := s.calls("judge") - before; n > 0 {
		t.Errorf("the judge was asked %d more times", n)
	}
}
