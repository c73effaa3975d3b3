package pipeline

import (
	"cmp"
	"errors"
	"net/url"
	"strconv"
	"time"

	"openarena/configs"
	"openarena/providers"
)

// Observer is told how a run goes. Its methods are called by many goroutines, some of which hold a lock: they return at once,
// whatever becomes of what they were told, and keep nothing that they were handed but copies.
type Observer interface {
	Called(Call)    // a call ended
	Happened(Event) // anything else worth a line
}

// Call is one call that ended.
type Call struct {
	Callee
	Prompt  Hash
	Answer  AnswerKey  // of a contestant's call
	Verdict VerdictKey // of a judge's call
	Attempt int        // of this task in this run, from 1

	Request *providers.Request
	Started time.Time
	Took    time.Duration
	Waited  time.Duration // in the queue, before it was started

	Reply *providers.Reply // nil: it failed
	Err   error            // a *providers.Error, or that the run gave it up
}

// Callee is who is called, and where.
type Callee struct {
	Model    string // as people call it
	ModelID  string
	Judge    bool
	Endpoint string // its name in the file
	Kind     string // of protocol
	Host     string // without port
	Port     int    // 0: not known
}

// Event is something that happened to a run beside calls.
type Event struct {
	What     string // one of the Event constants
	Endpoint string
	Model    string
	Judge    bool
	Until    time.Time // zero: not known
	Reason   string    // a short stable word, or ""
	Detail   string    // a sentence for people, or ""
}

// What can happen.
const (
	EventPaused  = "endpoint.paused"  // a server asked for a pause
	EventParked  = "model.paused"     // a server asked for a pause of one model
	EventHeld    = "endpoint.held"    // somebody told the run to pause it
	EventResumed = "endpoint.resumed" // and to go on
	EventLimits  = "limits.changed"   // of an endpoint, or of the budget
	EventRetry   = "endpoint.retried" // what waited was told to go on
	EventStopped = "model.stopped"    // a model was given up for this run
	EventPulled  = "model.pulled"     // a server fetched a model, or failed to
)

// ClassOf is the class of a call's error in a word: "ok" without one, "canceled" where the run gave it up.
func (c *Call) ClassOf() string {
	e, ok := errors.AsType[*providers.Error](c.Err)
	switch {
	case c.Err == nil:
		return "ok"
	case !ok:
		return "canceled"
	}
	return e.Class.String()
}

// ReasonOf is why it failed, a short stable word; "" if it did not, or was given up.
func (c *Call) ReasonOf() string { return reasonOf(c.Err) }

func reasonOf(err error) string {
	if e, ok := errors.AsType[*providers.Error](err); ok {
		return e.Reason
	}
	return ""
}

// tellable is what may be told of why a model was stopped or not pulled: a word, and a sentence of ours. What a server or a judge
// said stays here: it may be a text of the arena, or quote one.
func tellable(cause error) (reason, sentence string) {
	if e, ok := errors.AsType[*providers.Error](cause); ok {
		return e.Reason, e.Hint
	}
	if reached, ok := errors.AsType[budgetReached](cause); ok {
		return "budget", reached.Error()
	}
	return "verdicts", ""
}

// observe tells the observer of a call that ended.
func (e *endpoint) observe(c *callee, t *task, r *providers.Request, started time.Time, reply *providers.Reply, err error) {
	if e.run.job.Observe == nil {
		return
	}
	call := Call{
		Callee: c.who, Prompt: t.prompt, Answer: t.answer, Verdict: t.verdict, Attempt: 1 + t.tries + t.refusals, Request: r,
		Started: started, Took: time.Since(started), Reply: reply, Err: err,
	}
	if !t.due.IsZero() {
		call.Waited = started.Sub(t.due)
	}
	e.run.job.Observe.Called(call)
}

// observePause tells of a pause that a call which failed brought about, of its model or of all.
func (e *endpoint) observePause(c *callee, err error) {
	failed, ok := errors.AsType[*providers.Error](err)
	if e.run.job.Observe == nil || !ok || failed.Class != providers.Overloaded {
		return
	}
	until := e.gate.State().PausedUntil
	e.mu.Lock()
	news := until.After(e.paused)
	e.paused = until
	parked := c.served.parked
	alone := parked.After(c.told) && parked.After(until)
	c.told = parked
	e.mu.Unlock()
	if alone {
		e.run.happened(Event{What: EventParked, Endpoint: e.name, Model: c.name, Judge: c.judging, Until: parked, Reason: failed.Reason})
	}
	if news {
		e.run.happened(Event{What: EventPaused, Endpoint: e.name, Until: until, Reason: failed.Reason})
	}
}

// pulled tells of a pull that ended for this model, well or not.
func (c *callee) pulled(err error) {
	e := Event{What: EventPulled, Endpoint: c.endpoint.name, Model: c.name, Judge: c.judging}
	if err != nil {
		e.Reason, e.Detail = tellable(err)
	}
	c.endpoint.run.happened(e)
}

// happened tells the observer of an event.
func (r *Runner) happened(e Event) {
	if r.job.Observe != nil {
		r.job.Observe.Happened(e)
	}
}

// whoIs is a model as observers know it.
func whoIs(m configs.Model, judge bool) Callee {
	c := Callee{Model: m.Name, ModelID: m.ModelID, Judge: judge, Endpoint: m.Endpoint.Name, Kind: cmp.Or(m.Endpoint.Kind, "openai")}
	if u, err := url.Parse(m.Endpoint.URL); err == nil {
		c.Host = u.Hostname()
		c.Port, _ = strconv.Atoi(u.Port()) // none: what the scheme says
		if c.Port == 0 && u.Scheme == "https" {
			c.Port = 443
		} else if c.Port == 0 {
			c.Port = 80
		}
	}
	return c
}
