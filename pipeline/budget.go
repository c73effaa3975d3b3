package pipeline

import (
	"fmt"
	"strconv"
	"sync"
	"sync/atomic"
	"time"

	"openarena/configs"
)

// budget decides before each call whether it may be made: what was ever spent in this database, what is in flight at worst,
// and the call at worst must fit together. So no limit is passed, and work stops when nothing more fits. Time alone counts
// for each run anew: it is not used up. A budget without limits only counts.
type budget struct {
	mu      sync.Mutex
	limits  configs.Budget
	file    configs.Budget // what the file says; limits are others once somebody has told the run so
	spent   amount         // ever, calls that failed or were lost included
	held    amount         // in flight, at worst
	flying  int64
	started time.Time
	timer   *time.Timer
	late    bool   // max_time has passed
	closed  bool   // the run is over
	share   *share // nil: nobody else spends from it

	unpriced []string // models that a limit of costs cannot count

	changes atomic.Int64 // counts what may make room; a model that found none looks again after the next one
}

// amount is what calls take.
type amount struct {
	calls, tokens int64
	cost          float64 // US dollars; of a model whose price nobody knows 0
}

func (a *amount) add(b amount) {
	a.calls += b.calls
	a.tokens += b.tokens
	a.cost += b.cost
}

func (a *amount) take(b amount) {
	a.calls -= b.calls
	a.tokens -= b.tokens
	a.cost -= b.cost
}

// room is what a budget says to a call.
type room uint8

const (
	granted room = iota
	later        // not before something in flight has ended
	never        // not in this run
	short        // it has to be asked what others leave
)

// rounding is how far sums of floats may be beside the truth, in dollars.
const rounding = 1e-9

// reserve takes what a call may need at worst, if there is room for it.
func (b *budget) reserve(worst amount) room {
	b.mu.Lock()
	defer b.mu.Unlock()
	all := b.spent
	all.add(b.held)
	all.add(worst)
	switch {
	case b.late:
		return never
	case b.share != nil:
		return b.share.reserve(b, worst)
	case b.exceeded(all) == "":
		b.held.add(worst)
		b.flying++
		return granted
	case b.flying > 0:
		return later
	}
	return never
}

// exceeded names the limit that an amount is beyond; "": none.
func (b *budget) exceeded(all amount) string {
	switch l := b.limits; {
	case l.MaxCalls > 0 && all.calls > l.MaxCalls:
		return fmt.Sprintf("max_calls: %d", l.MaxCalls)
	case l.MaxTokens > 0 && all.tokens > l.MaxTokens:
		return fmt.Sprintf("max_tokens: %d", l.MaxTokens)
	case l.MaxCost > 0 && all.cost > l.MaxCost+rounding:
		return "max_cost: " + dollars(l.MaxCost, -1)
	}
	return ""
}

// settle puts what a call took in the place of what was reserved for it.
func (b *budget) settle(worst, took amount) {
	b.mu.Lock()
	b.held.take(worst)
	b.spent.add(took)
	if b.share != nil {
		b.share.mine.add(took)
		b.share.held.take(worst)
	}
	if b.flying--; b.flying == 0 {
		b.tidy() // of floats something is left over
	}
	b.mu.Unlock()
	b.changes.Add(1)
}

// limited reports whether anything could end the work.
func (b *budget) limited() bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.limits != configs.Budget{}
}

// budgetReached is why a model was stopped whose next call would not have fitted any more.
type budgetReached struct{ limit, next string }

func (e budgetReached) Error() string {
	return fmt.Sprintf("the budget is reached (%s); what was done is kept. %s", e.limit, e.next)
}

// reached is the error of a call that found no room, for good.
func (b *budget) reached(worst amount) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.late {
		return budgetReached{"max_time: " + b.limits.MaxTime.String(), "Go on for as long again"}
	}
	all := b.spent
	all.add(b.held)
	left := b.left(all, worst)
	all.add(worst)
	next := "Raise it in the file to go on"
	if b.limits != b.file {
		next = "`openarena ctl` had set it; go on with what the file says"
	}
	return budgetReached{b.exceeded(all) + left, next}
}

// left says how much is left of the limit that a call is too large for; "": nothing.
func (b *budget) left(all, worst amount) string {
	const format = ", of which %s left; the next call may take %s"
	switch l := b.limits; {
	case l.MaxCalls > 0 && all.calls+worst.calls > l.MaxCalls:
	case l.MaxTokens > 0 && all.tokens+worst.tokens > l.MaxTokens:
		if rest := l.MaxTokens - all.tokens; rest > 0 {
			return fmt.Sprintf(format, fmt.Sprintf("%d are", rest), fmt.Sprint(worst.tokens))
		}
	case l.MaxCost > 0:
		if rest := l.MaxCost - all.cost; rest > rounding {
			return fmt.Sprintf(format, "$"+dollars(rest, 2)+" is", "$"+dollars(worst.cost, 2))
		}
	}
	return ""
}

// dollars writes an amount without an exponent, with so many digits that mean something; -1: all.
func dollars(v float64, digits int) string {
	if digits > 0 {
		v, _ = strconv.ParseFloat(strconv.FormatFloat(v, 'g', digits, 64), 64)
	}
	return strconv.FormatFloat(v, 'f', -1, 64)
}

// BudgetLine is one limit of a budget, and how much of it is left.
type BudgetLine struct {
	What     string  `json:"what"`  // cost_usd, calls, tokens, or seconds
	Limit    float64 `json:"limit"` // as the file or `ctl` says
	Spent    float64 `json:"spent"` // ever in this database, failed and possibly lost calls included; seconds: by this run
	InFlight float64 `json:"in_flight"`
	Left     float64 `json:"left"` // when what is in flight has taken all that it may
}

// state are the limits there are.
func (b *budget) state(now time.Time) (lines []BudgetLine) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.lines(now)
}

func (b *budget) lines(now time.Time) (lines []BudgetLine) {
	line := func(what string, limit, spent, held float64) {
		if limit > 0 {
			lines = append(lines, BudgetLine{what, limit, spent, held, max(0, limit-spent-held)})
		}
	}
	line("cost_usd", b.limits.MaxCost, b.spent.cost, b.held.cost)
	line("calls", float64(b.limits.MaxCalls), float64(b.spent.calls), float64(b.held.calls))
	line("tokens", float64(b.limits.MaxTokens), float64(b.spent.tokens), float64(b.held.tokens))
	if !b.started.IsZero() {
		line("seconds", b.limits.MaxTime.Seconds(), now.Sub(b.started).Seconds(), 0)
	}
	return lines
}
