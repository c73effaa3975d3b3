package pipeline

import (
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"strconv"
	"strings"
	"sync"
	"testing"

	"openarena/providers"
	"openarena/store"
)

// TestFleets: an arena of any kind that three Runners work on, each given parts by lot and some of them cut short, becomes the
// one of a single run, exports and calls included. OPENARENA_FLEETS=100 tries that many.
func TestFleets(t *testing.T) {
	seeds := []int{4, 9} // adaptive pairs, and a cascade, with replacements and cut slices
	if n, err := strconv.Atoi(os.Getenv("OPENARENA_FLEETS")); err == nil {
		seeds = seeds[:0]
		for seed := range n {
			seeds = append(seeds, seed)
		}
	}
	for _, seed := range seeds {
		t.Run(strconv.Itoa(seed), func(t *testing.T) {
			dice := rand.New(rand.NewPCG(uint64(seed), 11))
			m := newMixture(dice)
			judging, alone := m.judging(dice), dice.IntN(2) == 0
			var want, rows string
			for _, together := range []bool{false, true} {
				w := &world{t: t, dir: t.TempDir()}
				w.write("prompts.jsonl", `{"prompt": "One?", "answer": "1"}`+"\n"+`{"prompt": "Two?"}`+"\n"+`{"prompt": "Three?", "answer": "3"}`)
				w.write("more.jsonl", promptLines(4, 9))
				a, db := w.arena(m.yaml+judging), w.open()
				mustSync(t, a, db)
				if !together {
					m.run(t, a, db, 0)
					want, rows = dump(t, db), fmt.Sprint(exported(t, a, db, "battles"), exported(t, a, db, "ranked"))
					continue
				}
				newFleet(t, m, dice, alone).run(a, db)
				m.settled(t, judging, a, db)
				if got := dump(t, db); got != want {
					t.Errorf("%s: part by part the database became another one:\n%s", judging, firstDifference(got, want))
				}
				if got := fmt.Sprint(exported(t, a, db, "battles"), exported(t, a, db, "ranked")); got != rows {
					t.Errorf("%s: part by part the exports are others", judging)
				}
			}
			if t.Failed() {
				t.Log(m.yaml)
			}
		})
	}
}

func firstDifference(got, want string) string {
	was := strings.Split(want, "\n")
	for i, line := range strings.Split(got, "\n") {
		if i >= len(was) || line != was[i] {
			return fmt.Sprintf("line %d: %s\nwant %s", i+1, line, was[min(i, len(was)-1)])
		}
	}
	return "it is shorter"
}

// fleet is who hands out parts, as a scheduler would.
type fleet struct {
	t       *testing.T
	mixture *mixture
	whole   bool // no slice is cut short

	mu     sync.Mutex
	dice   *rand.Rand
	slices map[int]context.CancelFunc // of the parts that are being worked on
	number int
}

func newFleet(t *testing.T, m *mixture, dice *rand.Rand, whole bool) *fleet {
	f := &fleet{t: t, mixture: m, dice: dice, whole: whole, slices: map[int]context.CancelFunc{}}
	m.hook = func(context.Context, string, int) { f.cut() }
	return f
}

// cut ends a slice by lot.
func (f *fleet) cut() {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.whole || f.dice.IntN(6) > 0 {
		return
	}
	for _, cancel := range f.slices { // any
		cancel()
		return
	}
}

// slice is the context of one call of Work.
func (f *fleet) slice() (context.Context, func()) {
	ctx, cancel := context.WithCancel(f.t.Context())
	f.mu.Lock()
	defer f.mu.Unlock()
	f.number++
	n := f.number
	f.slices[n] = cancel
	return ctx, func() {
		cancel()
		f.mu.Lock()
		delete(f.slices, n)
		f.mu.Unlock()
	}
}

// run works until nothing is wanted any more. Two take themselves for the leader who chooses adaptive pairs.
func (f *fleet) run(a *Arena, db store.Store) {
	f.t.Helper()
	for more := true; more; {
		f.epoch(a, db)
		var states [2]BatchState
		var leading sync.WaitGroup
		for i := range states {
			leading.Go(func() {
				var err error
				if states[i], err = a.NextBatch(f.t.Context(), db); err != nil {
					f.t.Error(err)
				}
			})
		}
		leading.Wait()
		more = states[0] == BatchRecorded || states[1] == BatchRecorded
		if ended := states[0]; !more && (ended == BatchWaiting) != (a.adaptive() && status(f.t, a, db).Judge.Due() > 0) {
			f.t.Errorf("NextBatch ends with %v", states)
		}
	}
}

// epoch works on all parts, with Runners of its own, in rounds: what is left of one is for the next.
func (f *fleet) epoch(a *Arena, db store.Store) {
	f.t.Helper()
	var runners []*Runner
	stop, cancel := context.WithCancel(f.t.Context())
	var serving sync.WaitGroup
	for range 3 {
		r, err := newRunner(f.t.Context(), a, db, parts, f.mixture.connect)
		if err != nil {
			f.t.Fatal(err)
		}
		runners = append(runners, r)
		serving.Go(func() {
			if _, err := r.Serve(f.t.Context(), stop); err != nil {
				f.t.Error(err)
			}
		})
	}
	all := mustParts(f.t, a, db)
	over := map[Part]bool{}
	for left := all; len(left) > 0 && !f.t.Failed(); {
		left = f.round(a, runners, all, left, over)
	}
	cancel()
	serving.Wait()
}

// round works once on each of the parts, and returns what is to be looked at again.
func (f *fleet) round(a *Arena, runners []*Runner, all, of []Part, over map[Part]bool) (left []Part) {
	f.mu.Lock()
	f.dice.Shuffle(len(of), func(i, j int) { of[i], of[j] = of[j], of[i] })
	f.mu.Unlock()
	todo := make(chan Part, len(of))
	last := map[Part]bool{} // nothing more comes that it could wait for
	for _, p := range of {
		last[p] = true
		for _, q := range a.Before(p, all) {
			last[p] = last[p] && over[q]
		}
		todo <- p
	}
	close(todo)
	var working sync.WaitGroup
	var mu sync.Mutex
	for _, r := range runners {
		for range 2 {
			working.Go(func() {
				for p := range todo {
					ctx, end := f.slice()
					got, err := r.Work(ctx, p)
					end()
					mu.Lock()
					switch {
					case err != nil && ctx.Err() == nil:
						f.t.Errorf("Work(%+v) = %+v, %v", p, got, err)
					case err == nil && (got.Complete || got.Left == 0 && last[p]):
						over[p] = true
					default:
						left = append(left, p)
					}
					mu.Unlock()
				}
			})
		}
	}
	working.Wait()
	return left
}

// TestTwoOnOnePart: two Runners that work on the same parts at once do no harm: the reply that is stored first is the one that
// counts, each judgment counts once, and what was paid twice is in the books.
func TestTwoOnOnePart(t *testing.T) {
	both := &twins{}
	both.hook, both.say = both.meet, both.speak
	w := &world{t: t, dir: t.TempDir()}
	w.write("prompts.jsonl", promptLines(0, 12))
	a := w.arena(strings.Replace(plain, "reask: 1", "reask: 0", 1))
	db := w.open()
	mustSync(t, a, db)
	one, other := serving(t, a, db, both.connect), serving(t, a, db, both.connect)
	wanted := int64(0)
	for _, p := range mustParts(t, a, db) {
		tasks := 0
		for _, err := range a.wanted(t.Context(), db, one.listings, p.span()) {
			if err != nil {
				t.Fatal(err)
			}
			tasks++
			if p.Judge {
				tasks += 5 // three pairs in both orders
			}
		}
		both.expect(2 * tasks)
		var working sync.WaitGroup
		for _, r := range []*Runner{one, other} {
			working.Go(func() {
				if got, err := r.Work(t.Context(), p); err != nil || !got.Complete || got.Done != int64(tasks) {
					t.Errorf("Work(%+v) = %+v, %v; want %d done", p, got, err, tasks)
				}
			})
		}
		working.Wait()
		wanted += int64(tasks)
	}
	st := status(t, a, db)
	calls := int64(0)
	for _, m := range append(st.Models, st.Judges...) {
		calls += m.Calls
	}
	if done := st.Generate.Done + st.Judge.Done; done != wanted || calls != 2*wanted || int64(both.calls("")) != calls {
		t.Errorf("%d are done at %d calls, of which the books have %d; want %d at twice as many", done, both.calls(""), calls, wanted)
	}
	before := dump(t, db)
	if changed, err := a.Reparse(t.Context(), db); err != nil || dump(t, db) != before {
		t.Errorf("the verdicts are not those of the stored replies: %+v, %v", changed, err)
	}
}

// twins are models that say something else each time, and wait with their answers until so many calls are there.
type twins struct {
	scripted
	meeting sync.Mutex
	left    int
	there   chan struct{}
	said    int
}

func (b *twins) expect(calls int) { b.left, b.there = calls, make(chan struct{}) }

func (b *twins) meet(ctx context.Context, _ string, _ int) {
	b.meeting.Lock()
	there := b.there
	if b.left--; b.left == 0 {
		close(there)
	}
	b.meeting.Unlock()
	select {
	case <-there:
	case <-ctx.Done():
	}
}

func (b *twins) speak(r *providers.Request) string {
	b.meeting.Lock()
	defer b.meeting.Unlock()
	b.said++
	if r.Model != "judge" {
		return fmt.Sprintf("%s says %d", r.Model, b.said)
	}
	return fmt.Sprintf(`{"analysis": "so", "score_a": %d, "score_b": 3, "verdict": "%s"}`, 4+b.said%6, [...]string{"A>B", "A>>B"}[b.said%2])
}
