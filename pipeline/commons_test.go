package pipeline

import (
	"context"
	"strings"
	"sync"
	"testing"
	"time"

	"openarena/configs"
	"openarena/internal/testkit/fakellm"
	servers "openarena/internal/testkit/simulated"
	"openarena/providers"
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
	m.spent = m.spent.plus(a.Spent.minus(m.members[m].Spent))
	m.members[m] = a
	var others Amount
	for of, g := range m.granted {
		if of != m {
			others = others.plus(g)
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

// die has a process be taken for dead.
func (m *partner) die() {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.lost = m.lost.plus(m.granted[m])
	m.granted[m] = Amount{}
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
