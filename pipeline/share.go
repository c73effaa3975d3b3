package pipeline

import (
	"context"
	"math"
	"time"

	"openarena/configs"
)

// share is a process's part of a budget that others spend from: it reserves blocks and makes calls from them. What it spent and what
// is in flight at worst never pass what it was granted, and all that was granted never passes the budget.
type share struct {
	treasury Treasury
	asking   chan struct{} // holds a token while somebody asks the treasury

	// Guarded by the budget's mutex, as it is between two answers of the treasury that the process is counted by it.
	mine    amount // spent since the process began
	held    amount // in flight, at worst
	granted Amount // that mine and held together may come to
	told    Amount // mine, as the treasury knows it
	all     Balance
	size    int64     // calls of the last block
	asked   time.Time // when it was
	used    time.Time // when a call was last made from it
	wanting bool      // a model waits for what others may give back
}

const (
	nanos = 1e9
	// blocksLeft is the least number of blocks that what is left of a budget is handed out in.
	blocksLeft = 100
	// blockTime is how long a block should last at most.
	blockTime = time.Minute
	// keepFor is how long a block is kept of which nothing is used.
	keepFor = 2 * time.Second
	// reportEvery is how often others hear what was spent, where it does not matter yet and nothing else is said.
	reportEvery = 5 * time.Second
)

func newShare(t Treasury) *share { return &share{treasury: t, asking: make(chan struct{}, 1)} }

// exact is an amount in whole numbers.
func exact(a amount) Amount { return Amount{a.calls, a.tokens, int64(math.Round(a.cost * nanos))} }

// above is an amount in whole numbers, no less.
func above(a amount) Amount { return Amount{a.calls, a.tokens, int64(math.Ceil(a.cost*nanos - 1e-3))} }

// bounded leaves of an amount what a budget limits.
func bounded(a Amount, l configs.Budget) Amount {
	if l.MaxCalls <= 0 {
		a.Calls = 0
	}
	if l.MaxTokens <= 0 {
		a.Tokens = 0
	}
	if l.MaxCost <= 0 {
		a.Nanos = 0
	}
	return a
}

// within reports whether no part of an amount is more than that of another.
func (a Amount) within(b Amount) bool {
	return a.Calls <= b.Calls && a.Tokens <= b.Tokens && a.Nanos <= b.Nanos
}

// reserve takes a call out of what was granted. The budget's mutex is held.
func (s *share) reserve(b *budget, worst amount) room {
	held := s.held
	held.add(worst)
	needed := bounded(exact(s.mine).Plus(above(held)), b.limits)
	if !needed.within(s.granted) {
		return short
	}
	s.held = held
	s.used = time.Now()
	b.held.add(worst)
	b.flying++
	return granted
}

// account tells the treasury how this process stands, and takes what it grants beside what is in flight: at most what want says, and
// the worst that it needs, or nothing. While it is asked nobody takes from what was granted before.
func (b *budget) account(ctx context.Context, worst amount, want func(*share) Amount) error {
	s := b.share
	b.mu.Lock()
	least := s.held
	least.add(worst)
	a := Account{Spent: exact(s.mine), Held: above(s.held), Least: above(least)}
	a.Want = a.Held.Plus(want(s))
	s.granted = a.Spent.Plus(a.Held)
	b.mu.Unlock()
	all, err := s.treasury.Account(ctx, a)
	if err != nil {
		return err
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	s.granted, s.told, s.all, s.asked = a.Spent.Plus(all.Reserved), a.Spent, all, time.Now()
	b.sum()
	return nil
}

// sum makes what the budget says to people: what all have spent, and reserved. The mutex is held.
func (b *budget) sum() {
	s := b.share
	b.spent = s.all.Spent.Plus(s.all.Lost).Plus(exact(s.mine).minus(s.told)).amount()
	b.held = s.all.Others.amount()
	b.held.add(s.held)
}

// tidy drops what sums of floats leave over when nothing is in flight any more. The mutex is held.
func (b *budget) tidy() {
	b.held = amount{}
	if b.share != nil {
		b.share.held = amount{}
		b.sum()
	}
}

// left is what of a budget nobody has spent or reserved; of what it does not limit, very much.
func (a Balance) left() Amount {
	all := a.Spent.Plus(a.Lost).Plus(a.Others).Plus(a.Reserved)
	limits := ceiling(a.Budget)
	return limits.minus(all)
}

// ceiling is a budget in whole numbers.
func ceiling(b configs.Budget) Amount {
	const none = math.MaxInt64 / 4
	a := Amount{none, none, none}
	if b.MaxCalls > 0 {
		a.Calls = b.MaxCalls
	}
	if b.MaxTokens > 0 {
		a.Tokens = b.MaxTokens
	}
	if b.MaxCost > 0 {
		a.Nanos = int64(math.Round(b.MaxCost * nanos))
	}
	return a
}

// block is what to ask for beside what is in flight: as many calls at their worst as were asked for before, twice over, and half as
// many where that lasted long enough; no more than a small part of what is left, and a call at least.
func (s *share) block(worst Amount, now time.Time) Amount {
	if s.size *= 2; now.Sub(s.asked) > blockTime {
		s.size /= 4
	}
	left := s.all.left()
	most := func(left, each int64) {
		if each > 0 {
			s.size = min(s.size, left/blocksLeft/each)
		}
	}
	most(left.Calls, worst.Calls)
	most(left.Tokens, worst.Tokens)
	most(left.Nanos, worst.Nanos)
	s.size = max(s.size, 1)
	return Amount{worst.Calls * s.size, worst.Tokens * s.size, worst.Nanos * s.size}
}

// draw reserves a call at its worst, after asking what the others leave. One asks at a time, and the others take what it brought.
func (r *Runner) draw(worst amount) room {
	b := &r.budget
	s := b.share
	select {
	case s.asking <- struct{}{}:
	case <-r.starting.Done():
		return later
	}
	defer func() { <-s.asking }()
	if room := b.reserve(worst); room != short {
		return room
	}
	need := above(worst)
	if err := b.account(r.saving, worst, func(s *share) Amount { return s.block(need, time.Now()) }); err != nil {
		r.abort(err)
		return later
	}
	if room := b.reserve(worst); room != short {
		return room
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	all := s.all.Spent.Plus(s.all.Lost).Plus(need)
	if !bounded(all, s.all.Budget).within(ceiling(s.all.Budget)) {
		b.limits = s.all.Budget
		return never
	}
	s.wanting = true
	return later
}

// tend gives back what is not used, tells what was spent, and has those look again who wait for what others give back.
func (r *Runner) tend(ctx context.Context, now time.Time, reporting time.Duration) error {
	b := &r.budget
	s := b.share
	select {
	case s.asking <- struct{}{}:
	default:
		return nil // somebody asks just now
	}
	defer func() { <-s.asking }()
	b.mu.Lock()
	spent := exact(s.mine)
	rest := bounded(s.granted.minus(spent).minus(above(s.held)), b.limits)
	rest = Amount{max(0, rest.Calls), max(0, rest.Tokens), max(0, rest.Nanos)}
	idle := rest != Amount{} && now.Sub(s.used) >= keepFor
	news := spent != s.told && now.Sub(s.asked) >= reporting
	wanting := s.wanting
	s.wanting = false
	b.mu.Unlock()
	if wanting {
		r.roomCame()
	}
	if !idle && !news {
		return nil
	}
	return b.account(ctx, amount{}, func(*share) Amount {
		if idle {
			return Amount{}
		}
		return rest
	})
}
