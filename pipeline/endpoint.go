package pipeline

import (
	"reflect"
	"slices"
	"sync"
	"time"

	"openarena/configs"
	"openarena/providers"
)

// endpoint is one address with one key: one queue and one gate for all the models behind it.
type endpoint struct {
	run  *Runner
	name string
	url  string

	common string // its name among processes that share its limits; "": it is this machine's own

	pace  pace
	names []string // in the file, the one above first
	lines []line
	gate  *providers.Gate
	calls sync.WaitGroup // in flight, or on the way to the disk

	mu          sync.Mutex
	callees     []*callee
	models      map[string]*served // by model_id
	uncommitted int                // replies on the way to the disk
	closed      bool               // no new calls
	shift       shift
	paused      time.Time // the end of the pause that observers were told of last
	allRest     time.Time // the end of the pause that all know of
	wake        chan struct{}
}

// endpointKey tells endpoints apart: names do not matter.
type endpointKey struct{ url, key string }

func (r *Runner) endpoint(c configs.Endpoint) *endpoint {
	key := endpointKey{c.URL, c.APIKey.Reveal()}
	if e := r.endpoints[key]; e != nil {
		if !slices.Contains(e.names, c.Name) {
			e.names = append(e.names, c.Name)
		}
		return e
	}
	e := &endpoint{run: r, name: c.Name, url: c.URL, names: []string{c.Name}, gate: providers.NewGate(limits(c)), wake: make(chan struct{}, 1)}
	r.endpoints[key] = e
	r.order = append(r.order, e)
	return e
}

// line is a client and the settings it was made from.
type line struct {
	settings configs.Endpoint
	client   providers.Client
}

// connect returns a client for one of the names that point here. They share connections unless their settings differ, as
// headers may.
func (e *endpoint) connect(c configs.Endpoint) (providers.Client, error) {
	settings := c
	settings.Name, settings.Concurrency, settings.RPM, settings.TPM = "", 0, 0, 0
	for _, l := range e.lines {
		if reflect.DeepEqual(l.settings, settings) {
			return l.client, nil
		}
	}
	client, err := e.run.connect(address(c))
	if err == nil {
		e.lines = append(e.lines, line{settings, client})
	}
	return client, err
}

// address is an endpoint as providers know it.
func address(c configs.Endpoint) providers.Endpoint {
	return providers.Endpoint{
		Name: c.Name, URL: c.URL, Kind: c.Kind, Key: c.APIKey, Auth: c.Auth, Headers: c.Headers,
		Timeout: c.Timeout, IdleTimeout: c.IdleTimeout, Connections: c.Concurrency, Stream: c.Stream,
	}
}

func limits(c configs.Endpoint) providers.Limits {
	return providers.Limits{Concurrency: c.Concurrency, RPM: c.RPM, TPM: c.TPM}
}

// slots is how many calls may be in flight now.
func (e *endpoint) slots() int { return max(e.gate.Limit(), 1) }

// wakeUp tells the dispatcher that something changed.
func (e *endpoint) wakeUp() {
	select {
	case e.wake <- struct{}{}:
	default:
	}
}

// close drops what waits; what is in flight goes on.
func (e *endpoint) close() {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.closed = true
	for _, c := range e.callees {
		c.drop()
	}
	e.wakeUp()
}

// shareFiles keeps the calls of all endpoints together within what the process may open.
func (r *Runner) shareFiles() {
	gates := make([]*providers.Gate, len(r.order))
	for i, e := range r.order {
		gates[i] = e.gate
	}
	r.warning = providers.ShareFiles(gates)
}

// Warning is what people should know of this machine before the run begins; "": nothing.
func (r *Runner) Warning() string { return r.warning }
