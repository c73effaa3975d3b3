package pipeline

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"openarena/internal/spelling"
)

// Directive is what somebody tells a run that is going on. What it changes lasts for this run only: the file says what the next
// one does.
type Directive struct {
	Do       string    `json:"do"`                 // one of the Do constants
	Endpoint string    `json:"endpoint,omitempty"` // of set; of pause and resume, where "" is all of them
	Limits   *Limits   `json:"limits,omitempty"`   // of set, or
	Budget   *Budget   `json:"budget,omitempty"`
	Vote     *VoteSlip `json:"vote,omitempty"` // of vote
}

// What a run can be told.
const (
	DoPause  = "pause"  // start no call; those in flight end and are saved
	DoResume = "resume" // start calls again
	DoSet    = "set"    // change limits
	DoRetry  = "retry"  // whatever waits for its next try is tried now
	DoVote   = "vote"   // save a vote: this, too, is for whoever has the database open, and does not touch the run
	DoStop   = "stop"   // as the first Ctrl-C: this is for whoever runs the Runner, which only tells what is in force
)

// Limits are new ones of an endpoint; nil keeps what is in force, 0 is auto or none.
type Limits struct {
	Concurrency *int `json:"concurrency,omitempty"`
	RPM         *int `json:"rpm,omitempty"`
	TPM         *int `json:"tpm,omitempty"`
}

// Budget are new limits of what the run may spend; nil keeps what is in force, 0 is none.
type Budget struct {
	MaxCost   *float64       `json:"max_cost,omitempty"` // USD
	MaxCalls  *int64         `json:"max_calls,omitempty"`
	MaxTokens *int64         `json:"max_tokens,omitempty"`
	MaxTime   *time.Duration `json:"max_time_ns,omitempty"`
}

// InForce is what holds for a run after a directive.
type InForce struct {
	Paused    bool            `json:"paused"` // all of it
	Stopping  bool            `json:"stopping"`
	Endpoints []EndpointForce `json:"endpoints"`
	Budget    []BudgetLine    `json:"budget"`            // null without limits
	Retried   *int            `json:"retried,omitempty"` // of retry: calls and models that no longer wait
}

// EndpointForce is what holds for one endpoint.
type EndpointForce struct {
	Name        string   `json:"name"`
	Also        []string `json:"also,omitempty"` // further names of the same address and key
	Paused      bool     `json:"paused"`
	Concurrency int      `json:"concurrency"` // 0: auto
	RPM         int      `json:"rpm"`         // 0: none
	TPM         int      `json:"tpm"`         // 0: none
	Limit       int      `json:"limit"`       // calls at once, now
	InFlight    int      `json:"in_flight"`
	Note        string   `json:"note,omitempty"` // why it waits, or is slower than it may be
}

// Why a directive is not carried out; the run is as it was.
var (
	ErrDirective = errors.New("not carried out")                                     // it makes no sense for this run
	ErrOver      = errors.New("the run makes no call any more, and is about to end") // stopped, or writing its results
)

// Obey carries out a directive and tells what holds now. It may be called at any time, from anywhere, and returns soon. Errors
// are of ErrDirective or ErrOver.
func (r *Runner) Obey(d Directive) (*InForce, error) {
	at, err := r.named(d)
	if err != nil {
		return nil, err
	}
	over := r.ended()
	if over && d.Do != DoStop {
		return nil, ErrOver
	}
	var retried *int
	switch d.Do {
	case DoStop:
	case DoPause:
		for _, e := range at {
			e.gate.Hold()
			r.happened(Event{What: EventHeld, Endpoint: e.name})
		}
	case DoResume:
		for _, e := range at {
			e.gate.Unhold()
			r.happened(Event{What: EventResumed, Endpoint: e.name})
		}
	case DoSet:
		if err := r.set(at, d); err != nil {
			return nil, err
		}
	case DoRetry:
		retried = new(int)
		for _, e := range at {
			if err := r.wake(e); err != nil {
				return nil, err
			}
			*retried += e.retry()
			r.happened(Event{What: EventRetry, Endpoint: e.name})
		}
	default:
		return nil, fmt.Errorf("%w: this run knows no %q; it may be of another version of openarena", ErrDirective, d.Do)
	}
	f := r.inForce()
	f.Retried, f.Stopping = retried, over || d.Do == DoStop
	return f, nil
}

// named are the endpoints that a directive is about.
func (r *Runner) named(d Directive) ([]*endpoint, error) {
	if d.Endpoint == "" {
		return r.order, nil
	}
	for _, e := range r.order {
		if slices.Contains(e.names, d.Endpoint) {
			return []*endpoint{e}, nil
		}
	}
	names := r.names()
	return nil, fmt.Errorf("%w: this run calls no endpoint named %q%s; it calls %s", ErrDirective, d.Endpoint, spelling.Hint(d.Endpoint, names), strings.Join(names, ", "))
}

// names are all names of endpoints.
func (r *Runner) names() (all []string) {
	for _, e := range r.order {
		all = append(all, e.names...)
	}
	return all
}

// inForce is the state of all endpoints.
func (r *Runner) inForce() *InForce {
	f := &InForce{Paused: r.held(), Endpoints: []EndpointForce{}, Budget: r.budget.state(time.Now())}
	for _, e := range r.order {
		g := e.gate.State()
		f.Endpoints = append(f.Endpoints, EndpointForce{
			Name: e.name, Also: e.names[1:], Paused: g.Held, Concurrency: g.Limits.Concurrency, RPM: g.Limits.RPM, TPM: g.Limits.TPM,
			Limit: g.Limit, InFlight: g.InFlight - g.Admitting, Note: g.Reason,
		})
	}
	return f
}

// held reports whether all endpoints were told to pause.
func (r *Runner) held() bool {
	return len(r.order) > 0 && !slices.ContainsFunc(r.order, func(e *endpoint) bool { return !e.gate.State().Held })
}

// ended reports whether no call is made any more, whatever is ordered.
func (r *Runner) ended() bool {
	return len(r.order) > 0 && !slices.ContainsFunc(r.order, func(e *endpoint) bool {
		e.mu.Lock()
		defer e.mu.Unlock()
		return !e.closed
	})
}

// set changes the limits of one endpoint, or the budget.
func (r *Runner) set(at []*endpoint, d Directive) error {
	switch {
	case d.Budget != nil:
		return r.rebudget(*d.Budget)
	case d.Limits == nil:
		return fmt.Errorf("%w: nothing is said to be set", ErrDirective)
	case len(at) > 1:
		return fmt.Errorf("%w: say which endpoint; this run calls %s", ErrDirective, strings.Join(r.names(), ", "))
	}
	for _, e := range at {
		e.limit(*d.Limits)
		if err := r.limitAll(e); err != nil {
			return err
		}
	}
	return nil
}

// rebudget puts stated limits of what is spent in the place of those in force.
func (r *Runner) rebudget(b Budget) error {
	r.budget.mu.Lock()
	now := r.budget.limits
	r.budget.mu.Unlock()
	put(&now.MaxCost, b.MaxCost)
	put(&now.MaxCalls, b.MaxCalls)
	put(&now.MaxTokens, b.MaxTokens)
	put(&now.MaxTime, b.MaxTime)
	if err := r.SetBudget(now); err != nil {
		return fmt.Errorf("%w: %w", ErrDirective, err)
	}
	if err := r.budgetAll(now); err != nil {
		return err
	}
	r.happened(Event{What: EventLimits, Detail: fmt.Sprintf("budget: max_cost %g, max_calls %d, max_tokens %d, max_time %v; 0: none", now.MaxCost, now.MaxCalls, now.MaxTokens, now.MaxTime)})
	return nil
}

// put replaces a value where there is another.
func put[T any](to, from *T) {
	if from != nil {
		*to = *from
	}
}

// limit puts stated limits in the place of those in force.
func (e *endpoint) limit(l Limits) {
	now := e.gate.State().Limits
	put(&now.Concurrency, l.Concurrency)
	put(&now.RPM, l.RPM)
	put(&now.TPM, l.TPM)
	e.gate.Set(now)
	e.run.happened(Event{What: EventLimits, Endpoint: e.name, Detail: fmt.Sprintf("concurrency %d, rpm %d, tpm %d; 0: auto or none", now.Concurrency, now.RPM, now.TPM)})
	e.wakeUp()
}

// retry has everything go on that waits for its next try, and returns how much that is.
func (e *endpoint) retry() (n int) {
	if e.gate.Retry() {
		n++
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	for _, m := range e.models {
		if m.parked.After(time.Now()) {
			m.parked = time.Time{}
			n++
		}
	}
	for _, c := range e.callees {
		for t, timer := range c.delayed {
			if timer.Stop() { // else it is coming back by itself
				c.comeBackLocked(t)
				n++
			}
		}
		if c.cause == nil && c.breaker.Retry() {
			n++
		}
	}
	e.wakeUp()
	return n
}

// heldNote is why an endpoint waits that was told to.
const heldNote = "paused by `openarena ctl`"
