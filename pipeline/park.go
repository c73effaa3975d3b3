package pipeline

import (
	"errors"
	"fmt"
	"time"

	"openarena/providers"
)

const (
	// parkFrom is the wait from which a refusal is taken for one of the model, not of the call: a limit of the minute is used up.
	// Shorter waits come with refusals that are scattered over calls which the server takes.
	parkFrom = 5 * time.Second
	// quotaFrom is the wait that nobody waits for unasked.
	quotaFrom = time.Hour
)

// served is a model as its server knows it, whoever calls it: contestants and judges share its limits.
type served struct {
	name   string    // the first that calls it
	id     string    // its model_id
	parked time.Time // until then the server wants no call of it; guarded by the endpoint's mutex, as is spread
	spread time.Time // until then all know that it rests
	pace   providers.Pace
}

func (e *endpoint) serves(id, name string) *served {
	if e.models == nil {
		e.models = map[string]*served{}
	}
	if e.models[id] == nil {
		e.models[id] = &served{name: name, id: id}
	}
	return e.models[id]
}

// rest is how long the model's server wants no call of it; 0: it may be called. The endpoint's mutex is held.
func (s *served) rest() time.Duration { return max(0, time.Until(s.parked), s.pace.Wait()) }

// park keeps calls from a model for as long as its server asked. The second model that is parked at the same time parks the whole
// endpoint until the first of them may be called: the limit is one of the key. It returns an error if that takes too long to
// wait for.
func (e *endpoint) park(c *callee, failed *providers.Error) *providers.Error {
	if failed.After < parkFrom {
		return nil
	}
	if failed.After > quotaFrom && !e.run.job.Wait {
		return quota(failed, time.Now())
	}
	e.rest(c.served, time.Now().Add(failed.After))
	return nil
}

// rest keeps calls from a model until then, and from the whole endpoint where it is the second one that rests.
func (e *endpoint) rest(s *served, until time.Time) {
	defer e.run.service.yield(s) // when the lock is free
	e.mu.Lock()
	defer e.mu.Unlock()
	now := time.Now()
	if until.After(s.parked) {
		s.parked = until
	}
	parked, first := 0, s.parked
	for _, m := range e.models {
		if m.parked.After(now) {
			parked++
			if m.parked.Before(first) {
				first = m.parked
			}
		}
	}
	if parked > 1 || len(e.models) == 1 {
		e.gate.Pause(first)
	}
	e.wakeUp()
}

// alone reports whether a refusal is about one model of several, and so says nothing about the load of their server.
func (e *endpoint) alone(err error) bool {
	failed, ok := errors.AsType[*providers.Error](err)
	if !ok || failed.Class != providers.Overloaded || failed.After < parkFrom {
		return false
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	parked := 0
	for _, m := range e.models {
		if m.parked.After(time.Now()) {
			parked++
		}
	}
	return len(e.models) > 1 && parked < 2
}

// quota is the refusal of a server that wants hours of rest: it stops the model, as an empty account does.
func quota(failed *providers.Error, now time.Time) *providers.Error {
	q := *failed
	q.Class, q.Reason = providers.Refused, providers.ReasonQuota
	q.Hint = fmt.Sprintf("it takes calls again %s: run again then, or with --wait now", clock(now.Add(failed.After), now))
	return &q
}

// clock is a time of the day for people, with the day where it is not today.
func clock(t, now time.Time) string {
	t, now = t.Local(), now.Local()
	if t.YearDay() == now.YearDay() && t.Year() == now.Year() {
		return t.Format("at 15:04")
	}
	return t.Format("on 2 January at 15:04")
}

// restNote says which models of the endpoint are kept from calls, and until when; "": none. The endpoint's mutex is held.
func (e *endpoint) restNote(now time.Time) string {
	for _, c := range e.callees {
		if c.cause == nil && c.served.parked.After(now) {
			return fmt.Sprintf("%s rests, as its server asked, until %s", c.name, c.served.parked.Local().Format("15:04:05"))
		}
		if back := c.breaker.Back(); c.cause == nil && back.After(now) {
			text := fmt.Sprintf("%s is tried again at %s", c.name, back.Local().Format("15:04:05"))
			if cause := c.breaker.Cause(); cause != nil {
				text += ": " + cause.Error()
			}
			return text
		}
	}
	return ""
}
