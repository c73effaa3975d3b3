// Package doctor looks at endpoints as a run is going to use them, from address to answer, before it does.
package doctor

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"time"

	"openarena/providers"
)

// State is what a finding comes to.
type State string

// The states. A warning keeps no run from working, a failure does.
const (
	OK      State = "ok"
	Warning State = "warning"
	Failed  State = "failed"
	Skipped State = "skipped" // could not be looked at, since something before it failed or was not wanted
)

// Finding is one thing that was looked at.
type Finding struct {
	Endpoint string `json:"endpoint,omitempty"` // its name; "": it is of the file or the machine
	Check    string `json:"check"`              // what was looked at: connection, tls, key, models, model, judge, limits …
	Model    string `json:"model,omitempty"`    // as the file calls it
	State    State  `json:"state"`
	Says     string `json:"says"`
	Todo     string `json:"todo,omitempty"`
	Reason   string `json:"reason,omitempty"` // of a failure: see providers' reasons
}

// Endpoint is an address with the models that are called there.
type Endpoint struct {
	providers.Endpoint
	Models []Model
	Pull   string // whether a run may have Ollama fetch a model: auto, ask, never
}

// Model is a contestant or a judge.
type Model struct {
	Name   string // in the file
	ID     string // as the server knows it
	System string
	Params map[string]any
	Judge  bool
	Rung   string // of a judge, how it is to be asked for structured output: json_schema, json_object, text, or auto
}

// Options say how far to go.
type Options struct {
	NoCalls  bool          // connect and ask for the list of models, but have no model answer
	Patience time.Duration // with one answer; 0: a minute
}

// Report is what was found at one endpoint.
type Report struct {
	Findings  []Finding
	Calls     int // answers that models were asked for
	Usage     providers.Usage
	RoundTrip time.Duration  // the least; 0: nothing answered
	Skew      *time.Duration // how far the server's clock is ahead; nil: it does not tell
}

// Calls is how many answers Examine will ask an endpoint's models for, if all goes well.
func (e Endpoint) Calls() int { return len(e.exams()) }

// exam is one call: a model is asked for a word, or a judge for an object.
type exam struct {
	Model
	structured bool
}

// exams asks every model once, and that of a judge which also plays twice, since a judge is asked otherwise.
func (e Endpoint) exams() (all []exam) {
	type subject struct {
		id         string
		structured bool
	}
	done := map[subject]bool{}
	for _, m := range e.Models {
		s := subject{m.ID, m.Judge && m.Rung != providers.RungText}
		if !done[s] {
			done[s] = true
			all = append(all, exam{m, s.structured})
		}
	}
	return all
}

// patient is an endpoint that is being looked at.
type patient struct {
	Endpoint
	Options
	client providers.Client
	seen   *providers.Seen
	report Report
	names  []string // that the server lists; nil: it lists none
	keyed  bool     // that the key is good was said
	denied bool     // it is not
	rates  providers.Rates
	lacks  map[string]bool // what an Ollama server would have to pull, by ID
}

const defaultPatience = time.Minute

// Examine looks at an endpoint: whether it can be reached, is encrypted, takes the key, knows the models, and answers. Each step
// has its own bound of time; when ctx ends, what was found until then is returned.
func Examine(ctx context.Context, e Endpoint, o Options) Report {
	o.Patience = cmp.Or(o.Patience, defaultPatience)
	if e.Timeout == 0 || e.Timeout > o.Patience {
		e.Timeout = o.Patience
	}
	p := &patient{Endpoint: e, Options: o}
	ctx, p.seen = providers.Watch(ctx)
	var err error
	if p.client, err = providers.New(e.Endpoint); err != nil {
		p.find(Finding{Check: "connection", State: Failed, Says: err.Error(), Reason: providers.ReasonInvalid})
		return p.report
	}
	if p.connect(ctx) {
		p.list(ctx)
		p.ollama(ctx)
		p.trip()
		p.ask(ctx)
		p.limits()
	}
	if skew, ok := p.seen.Skew(); ok {
		p.report.Skew = &skew
	}
	return p.report
}

func (p *patient) find(f Finding) {
	f.Endpoint = p.Name
	p.report.Findings = append(p.report.Findings, f)
}

// failed puts an error of a call or a connection down.
func (p *patient) failed(f Finding, err error) {
	f.State = cmp.Or(f.State, Failed)
	f.Says = err.Error()
	if e, ok := errors.AsType[*providers.Error](err); ok {
		f.Says, f.Todo, f.Reason = e.Err.Error(), cmp.Or(f.Todo, e.Hint), e.Reason
		if e.Status != 0 {
			f.Says = fmt.Sprintf("HTTP %d: %s", e.Status, f.Says)
		}
	}
	p.find(f)
}
