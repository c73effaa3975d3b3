package pipeline

import (
	"context"
	"time"

	"openarena/configs"
	"openarena/providers"
)

// Commons is what the processes that work on one arena have together beside its records: the limits of a minute, what a server
// asked for, and the budget. Its methods may be called by many goroutines at once and outlast a lost connection; an error
// means that this process cannot go on. Endpoints are known by their names in the file.
type Commons interface {
	Minutes
	Treasury
	// Open says what the file wants to hold, before anything else is asked. What `ctl` has set since that file was published stays.
	Open(ctx context.Context, t Terms) error
	// Hear is what holds now. It is asked while there is work, as often as it says itself.
	Hear(ctx context.Context) (Word, error)
}

// Minutes are limits of a minute that all keep together, and the rests that servers ask for.
type Minutes interface {
	// Borrow takes a block of an endpoint's minute. Limits that the endpoint does not have bound nothing.
	Borrow(ctx context.Context, endpoint string, w providers.Want) (providers.Block, error)
	// Rest tells all to leave an endpoint, or a model of it, alone. A rest is never shortened.
	Rest(ctx context.Context, r Rest) error
	// Wake ends the rests of an endpoint and its models.
	Wake(ctx context.Context, endpoint string) error
	// Limit states other limits for all.
	Limit(ctx context.Context, endpoint string, l Minute) error
}

// Treasury is a budget that all spend from.
type Treasury interface {
	// Account books what this process has spent and reserves what it may spend next.
	Account(ctx context.Context, a Account) (Balance, error)
	// Outstanding notes a bound of the calls of this process that may be paid for and not saved; 0: there are none. If the process
	// dies, they are booked as possibly lost.
	Outstanding(ctx context.Context, calls int) error
	// Budget states another budget for all.
	Budget(ctx context.Context, b configs.Budget) error
}

// Minute is what may be sent to an endpoint in any 60 seconds; 0: no limit.
type Minute struct{ RPM, TPM int }

// Rest is a server's wish to be left alone.
type Rest struct {
	Endpoint string
	ModelID  string        // "": all models of the endpoint
	For      time.Duration // from now
}

// Terms are what a file says. Spent is asked where nobody has anything reserved and the file was published anew: what was ever
// spent, and of it, apart, what may have been lost.
type Terms struct {
	Minutes map[string]Minute
	Budget  configs.Budget
	Spent   func(context.Context) (booked, lost Amount, err error)
}

// Word is what holds for all.
type Word struct {
	Minutes map[string]Minute
	Rests   []Rest
	Budget  configs.Budget
	Elapsed time.Duration // since the file was published
	Again   time.Duration // when to ask once more; 0: in a second
	Report  time.Duration // how often to tell what was spent, where it does not matter yet; 0: every 5 seconds
}

// Amount is what calls take.
type Amount struct{ Calls, Tokens, Nanos int64 } // Nanos: billionths of a US dollar

// Account is how a process stands. All of it is absolute, so that it can be told twice.
type Account struct {
	Spent Amount // since the process began
	Held  Amount // for calls in flight, at worst
	Least Amount // to be reserved, Held included; if there is not so much, nothing but Held is
	Want  Amount // at most
}

// Balance is how all stand.
type Balance struct {
	Reserved Amount // for this process
	Others   Amount // reserved for others
	Spent    Amount // by all, ever, this process included as it was told
	Lost     Amount // reserved by processes that died: they may have spent it
	Budget   configs.Budget
}

// Plus is the sum.
func (a Amount) Plus(b Amount) Amount {
	return Amount{a.Calls + b.Calls, a.Tokens + b.Tokens, a.Nanos + b.Nanos}
}

func (a Amount) minus(b Amount) Amount {
	return Amount{a.Calls - b.Calls, a.Tokens - b.Tokens, a.Nanos - b.Nanos}
}

// amount is the same with dollars.
func (a Amount) amount() amount { return amount{a.Calls, a.Tokens, float64(a.Nanos) / nanos} }

// shared is the name that an endpoint has in common with other processes; "": it is this machine's own, or nobody else is there.
// Several names of one address and key share their limits, and the first in the alphabet stands for them, whichever of the
// models this process works on.
func (r *Runner) shared(e *endpoint) string {
	if r.job.Commons == nil {
		return ""
	}
	name := e.name
	for _, c := range r.arena.endpoints() {
		if r.endpoints[endpointKey{c.URL, c.APIKey.Reveal()}] == e {
			name = min(name, c.Name)
		}
	}
	for _, own := range r.job.Own {
		if own == name {
			return ""
		}
	}
	return name
}

// endpoints are those of all models and judges.
func (a *Arena) endpoints() (all []configs.Endpoint) {
	for _, c := range a.Contestants {
		if c.Answers == nil {
			all = append(all, c.Endpoint)
		}
	}
	for _, j := range a.Judges {
		all = append(all, j.Endpoint)
	}
	return all
}

// joinCommons says what the file wants, and has endpoints and budget go by what holds for all.
func (r *Runner) joinCommons(ctx context.Context) error {
	commons := r.job.Commons
	if commons == nil {
		return nil
	}
	t := Terms{Minutes: map[string]Minute{}, Budget: r.arena.Config.Budget, Spent: func(ctx context.Context) (booked, lost Amount, err error) {
		all, gone, _, err := r.arena.books(ctx, r.store, 0)
		return exact(all), exact(gone), err
	}}
	for _, e := range r.order {
		if e.common = r.shared(e); e.common != "" {
			l := e.gate.State().Limits
			e.gate.Share()
			t.Minutes[e.common] = Minute{l.RPM, l.TPM}
		}
	}
	if err := commons.Open(ctx, t); err != nil {
		return err
	}
	r.budget.share = newShare(commons)
	word, err := commons.Hear(ctx)
	if err != nil {
		return err
	}
	r.heed(word)
	r.hearing, r.reporting = word.Again, word.Report
	return r.budget.account(ctx, amount{}, func(*share) Amount { return Amount{} })
}
