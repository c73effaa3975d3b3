package pipeline

import (
	"context"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"openarena/configs"
	"openarena/internal/testkit/fakellm"
	servers "openarena/internal/testkit/simulated"
	"openarena/providers"
	"openarena/store"
)

// together is a Commons in memory: what a database does for processes, for Runners of one process.
type together struct {
	mu      sync.Mutex
	minutes map[string]*servers.Minute
	limits  map[string]Minute
	rests   map[[2]string]time.Time
	budget  configs.Budget
	opened  bool
	began   time.Time
	spent   Amount
	lost    Amount
	members map[*partner]Account
	granted map[*partner]Amount

	borrowed, accounts int // how often it was asked
}

func newTogether() *together {
	return &together{
		minutes: map[string]*servers.Minute{}, limits: map[string]Minute{}, rests: map[[2]string]time.Time{},
		members: map[*partner]Account{}, granted: map[*partner]Amount{}, began: time.Now(),
	}
}

// partner is how one process sees it.
type partner struct {
	*together
	outstanding int
}

func (t *together) join() *partner { return &partner{together: t} }

func (m *partner) Open(ctx context.Context, terms Terms) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	for name, l := range terms.Minutes {
		if _, ok := m.limits[name]; !ok {
			m.limits[name] = l
			m.minutes[name] = &servers.Minute{RPM: int64(l.RPM), TPM: int64(l.TPM)}
		}
	}
	if m.opened {
		return nil
	}
	m.opened, m.budget = true, terms.Budget
	var err error
	m.spent, m.lost, err = terms.Spent(ctx)
	return err
}

func (m *partner) Hear(context.Context) (Word, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	w := Word{Minutes: map[string]Minute{}, Budget: m.budget, Elapsed: time.Since(m.began)}
	for name, l := range m.limits {
		w.Minutes[name] = l
	}
	for of, until := range m.rests {
		if d := time.Until(until); d > 0 {
			w.Rests = append(w.Rests, Rest{of[0], of[1], d})
		}
	}
	return w, nil
}

func (m *partner) Borrow(_ context.Context, endpoint string, w providers.Want) (providers.Block, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.borrowed++
	var back []servers.Back
	for _, b := range w.Back {
		back = append(back, servers.Back(b))
	}
	g := m.minutes[endpoint].Take(time.Now(), w.Requests, w.Tokens, w.Least, back...)
	return providers.Block{Slot: g.Slot, Requests: g.Requests, Tokens: g.Tokens, Use: g.Use, Again: g.Again}, nil
}

func (m *partner) Rest(_ context.Context, r Rest) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if of, until := [2]string{r.Endpoint, r.ModelID}, time.Now().Add(r.For); until.After(m.rests[of]) {
		m.rests[of] = until
	}
	return nil
}

func (m *partner) Wake(_ context.Context, endpoint string) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	for of := range m.rests {
		if of[0] == endpoint {
			delete(m.rests, of)
		}
	}
	return nil
}

func (m *partner) Limit(_ context.Context, endpoint string, l Minute) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.limits[endpoint] = l
	m.minutes[endpoint].RPM, m.minutes[endpoint].TPM = int64(l.RPM), int64(l.TPM)
	return nil
}

func (m *partner) Budget(_ context.Context, b configs.Budget) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.budget = b
	return nil
}

func (m *partner) Outstanding(_ context.Context, calls int) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.outstanding = calls
	return nil
}

func (m *partner) Account(_ context.Context, a Account) (Balance, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.accounts++
	m.spent = m.spent.Plus(a.Spent.minus(m.members[m].Spent))
	m.members[m] = a
	var others Amount
	for of, g := range m.granted {
		if of != m {
			others = others.Plus(g)
		}
	}
	room := ceiling(m.budget).minus(m.spent).minus(m.lost).minus(others)
	reserved := a.Held
	if a.Least.within(room) {
		reserved = Amount{min(a.Want.Calls, room.Calls), min(a.Want.Tokens, room.Tokens), min(a.Want.Nanos, room.Nanos)}
	}
	m.granted[m] = reserved
	return Balance{Reserved: reserved, Others: others, Spent: m.spent, Lost: m.lost, Budget: m.budget}, nil
}

// fleetOf runs an arena in so many Runners at once, each on its own part of the prompts and with its own database, and returns how
// they ended.
func (w *world) fleetOf(n int, yaml string, all *together) []Outcome {
	w.t.Helper()
	outcomes := make([]Outcome, n)
	var runs sync.WaitGroup
	for i := range n {
		part := &world{t: w.t, dir: w.t.TempDir(), server: w.server}
		part.write("prompts.jsonl", promptLines(1000*i, 1000*i+50))
		a, db := part.arena(yaml), part.open()
		mustSync(w.t, a, db)
		job := both
		job.Commons = all.join()
		r, err := NewRunner(w.t.Context(), a, db, job)
		if err != nil {
			w.t.Fatal(err)
		}
		runs.Go(func() {
			var err error
			if outcomes[i], err = r.Run(w.t.Context(), w.t.Context()); err != nil {
				w.t.Error(err)
			}
		})
	}
	runs.Wait()
	return outcomes
}

// TestBudgetOfAll: three processes spend from one budget, never more than it has, and as much as one process would; all say why
// they ended.
func TestBudgetOfAll(t *testing.T) {
	faults := fakellm.Faults{Internal: 0.15, Malformed: 0.1, Cut: 0.1}
	for _, test := range []struct {
		why, budget string
		server      fakellm.Options
	}{
		{"calls", "max_calls: 90", fakellm.Options{}},
		{"fewer calls than processes", "max_calls: 2", fakellm.Options{}},
		{"tokens", "max_tokens: 30000", fakellm.Options{}},
		{"cost, while a third of the calls fails", "max_cost: 0.5", fakellm.Options{Seed: 3, Faults: faults}},
	} {
		t.Run(test.why, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, test.server, 1)
			yaml, all := strings.Replace(budgeted, "BUDGET", test.budget, 1), newTogether()
			limits := w.arena(yaml).Config.Budget
			for _, o := range w.fleetOf(3, yaml, all) {
				w.within(limits, o)
			}
			const tokens, nanos = 3000, 30_000_000
			left := ceiling(limits).minus(all.spent).minus(all.lost)
			if limits.MaxTokens > 0 && left.Tokens > tokens || limits.MaxCost > 0 && left.Nanos > nanos {
				t.Errorf("all ended with %+v left; want less than a call takes", left)
			}
			for m, g := range all.granted {
				if g != (Amount{}) || m.outstanding != 0 {
					t.Errorf("a process that ended has %+v reserved and %d calls outstanding; want nothing", g, m.outstanding)
				}
			}
		})
	}
}

// driveAll has so many processes ask x for one model's answers to 60 prompts each, in virtual time, and returns how they ended.
// ready is handed the Runners before they run.
func (x *exclusive) driveAll(t *testing.T, n int, arena string, all *together, ready func([]*Runner)) []Outcome {
	t.Helper()
	var arenas []*Arena
	var stores []store.Store
	for range n {
		w := offline(t)
		w.write("prompts.jsonl", promptLines(0, 60))
		a, db := w.arena(arena), newOutside(t, w.open(), 5*time.Millisecond)
		mustSync(t, a, db)
		arenas, stores = append(arenas, a), append(stores, db)
	}
	outcomes := make([]Outcome, n)
	synctest.Test(t, func(t *testing.T) {
		x.start, x.n = time.Now(), map[string]int{}
		all.began = x.start
		var runners []*Runner
		for i := range n {
			r, err := newRunner(t.Context(), arenas[i], stores[i], Job{Generate: true, Commons: all.join()}, x.connect)
			if err != nil {
				t.Fatal(err)
			}
			runners = append(runners, r)
		}
		if ready != nil {
			ready(runners)
		}
		var runs sync.WaitGroup
		for i, r := range runners {
			runs.Go(func() {
				var err error
				if outcomes[i], err = r.Run(t.Context(), t.Context()); err != nil {
					t.Error(err)
				}
			})
		}
		runs.Wait()
	})
	return outcomes
}

// fullest is the most calls that came within a minute.
func (x *exclusive) fullest() (most int) {
	first := 0
	for i, c := range x.calls {
		for c.at-x.calls[first].at >= time.Minute {
			first++
		}
		most = max(most, i+1-first)
	}
	return most
}

const sharedArena = `default_endpoint: {url: "http://one.test/v1", concurrency: 8LIMITS}
models: [{name: A, model_id: a, params: {max_tokens: 100}}, {name: B, model_id: b, params: {max_tokens: 100}}]
judges: [{name: Judge, model_id: judge}]
datasets: [{path: prompts.jsonl}]
BUDGET`

func sharing(limits, budget string) string {
	return strings.NewReplacer("LIMITS", limits, "BUDGET", budget).Replace(sharedArena)
}

// TestMinuteOfAll: three processes keep one limit of a minute together, exactly and without leaving much of it; one that `ctl` states to
// any of them holds for all.
func TestMinuteOfAll(t *testing.T) {
	x := &exclusive{}
	for _, o := range x.driveAll(t, 3, sharing(", rpm: 90", ""), newTogether(), nil) {
		if o.Answers != 120 {
			t.Errorf("%+v; want 120 answers", o)
		}
	}
	if most, took := x.fullest(), max(x.last("a"), x.last("b")); most > 90 || most < 89 || took > 5*time.Minute {
		t.Errorf("360 calls took %v, at most %d in a minute; want 90, and less than 5 minutes", took, most)
	}

	x, all := &exclusive{}, newTogether()
	x.driveAll(t, 3, sharing("", ""), all, func(runners []*Runner) {
		rpm := 60
		if _, err := runners[1].Obey(Directive{Do: DoSet, Endpoint: "default_endpoint", Limits: &Limits{RPM: &rpm}}); err != nil {
			t.Error(err)
		}
	})
	before := 0
	for _, c := range x.calls {
		if c.at < 1500*time.Millisecond {
			before++ // than the others had heard of it
		}
	}
	if most := x.fullest(); most > before+60 || before >= 240 {
		t.Errorf("under 60 requests a minute stated by `ctl` %d calls came in a minute, %d before all had heard of it", most, before)
	}
}

// TestNothingStated: without limits and a budget the commons is asked for news only.
func TestNothingStated(t *testing.T) {
	x, all := &exclusive{}, newTogether()
	x.driveAll(t, 2, sharing("", ""), all, nil)
	if all.borrowed != 0 || all.accounts > 8 {
		t.Errorf("%d blocks were asked for, and %d accounts told; want none, and one at the beginning and the end", all.borrowed, all.accounts)
	}
}

// TestRestOfAll: a server's wish to rest that one process is told is obeyed by the others as soon as they hear of it.
func TestRestOfAll(t *testing.T) {
	const rest = time.Minute
	var refused time.Duration
	x := &exclusive{refuse: func(model string, n int, since time.Duration) time.Duration {
		if model == "a" && n == 40 {
			refused = since
			return rest
		}
		return 0
	}}
	for _, o := range x.driveAll(t, 3, sharing("", ""), newTogether(), nil) {
		if o.Answers != 120 || o.Failed != 0 {
			t.Errorf("%+v; want 120 answers", o)
		}
	}
	early, after := 0, 0
	for _, c := range x.calls {
		if c.model == "a" && c.at > refused+hearEvery+100*time.Millisecond {
			after++
			if c.at < refused+rest {
				early++
			}
		}
	}
	if early > 0 || after == 0 || x.last("b") > refused+rest {
		t.Errorf("%d of %d calls came before the minute was over that the server had asked for; the other model's last came after %v", early, after, x.last("b"))
	}
}

// TestQuotaOfAll: a quota that is used up for hours stops its model everywhere.
func TestQuotaOfAll(t *testing.T) {
	x := &exclusive{refuse: func(model string, n int, _ time.Duration) time.Duration {
		if model == "a" && n == 40 {
			return 3 * time.Hour
		}
		return 0
	}}
	for _, o := range x.driveAll(t, 3, sharing("", ""), newTogether(), nil) {
		if len(o.Stopped) != 1 || o.Stopped[0].Model != "A" || !o.Stopped[0].Refused {
			t.Errorf("%+v; want that A was stopped, refused by its server", o)
		}
	}
}

// TestBudgetOfAllIsSet: a budget that `ctl` states to one process holds for all, and the time of all ends at once.
func TestBudgetOfAllIsSet(t *testing.T) {
	x, all := &exclusive{}, newTogether()
	calls := int64(150)
	outcomes := x.driveAll(t, 3, sharing(", rpm: 60", "budget: {max_calls: 1000}"), all, func(runners []*Runner) {
		f, err := runners[2].Obey(Directive{Do: DoSet, Budget: &Budget{MaxCalls: &calls}})
		if err != nil || len(f.Budget) != 1 || f.Budget[0].Limit != 150 {
			t.Errorf("Obey = %+v, %v; want the new limit", f, err)
		}
	})
	for _, o := range outcomes {
		if o.Budget == nil || !strings.Contains(o.Budget.Error(), "max_calls: 150") {
			t.Errorf("%+v; want that max_calls: 150 was reached", o)
		}
	}
	if len(x.calls) != 150 {
		t.Errorf("%d calls were made; want 150", len(x.calls))
	}

	x, all = &exclusive{}, newTogether()
	for _, o := range x.driveAll(t, 2, sharing(", rpm: 30", "budget: {max_time: 90s}"), all, nil) {
		if o.Budget == nil || !strings.Contains(o.Budget.Error(), "max_time: 1m30s") {
			t.Errorf("%+v; want that max_time was reached", o)
		}
	}
}
