package pipeline

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"sync"

	"openarena/providers"
)

// stock is whether calls for a model may go out, as far as its server has to have it first.
type stock uint8

const (
	inStock stock = iota // it does, or it is for the call to find out
	unasked              // an Ollama server, or one that may be, has not been asked yet
	fetched              // it is asked, or pulls the model
)

// maxFetches is how often a model is looked after in one run: somebody may remove it while others pull.
const maxFetches = 3

// fetcher looks after the models of one Ollama server: whoever calls a model that it does not have waits until it was pulled.
// It pulls one after the other, each once for all that wait. Other servers, and other models, go on meanwhile.
type fetcher struct {
	server  *providers.Ollama
	guess   bool            // only the port says that it is an Ollama
	granted map[string]bool // what a person said to pulls, before the run

	mu    sync.Mutex
	asked lane // models that the server is asked for
	pulls lane // those that it does not have
}

// lane is a queue of models; the first is under way.
type lane struct {
	queue []*fetch
	wake  chan struct{}
}

// fetch is one model.
type fetch struct {
	model   string // as the first who wants it calls it
	waiting []*callee
	at      providers.Pulled
}

// fetcherOf is who looks after the models of an endpoint, nil if it is no Ollama by all that is known.
func (r *Runner) fetcherOf(at providers.Endpoint) *fetcher {
	if !providers.MayBeOllama(at) {
		return nil
	}
	server, err := providers.NewOllama(at)
	if err != nil {
		return nil // its client has told
	}
	f := r.fetchers[server.Address()]
	if f == nil {
		f = &fetcher{
			server: server, guess: true, granted: map[string]bool{}, asked: lane{wake: make(chan struct{}, 1)}, pulls: lane{wake: make(chan struct{}, 1)},
		}
		if r.fetchers == nil {
			r.fetchers = map[string]*fetcher{}
		}
		r.fetchers[server.Address()] = f
	}
	f.guess = f.guess && at.Kind != "ollama"
	return f
}

// summon has the server asked for those models that have work now. The caller holds the endpoint's lock.
func (e *endpoint) summon() {
	for _, c := range e.callees {
		if c.stock == unasked && len(c.queue) > 0 {
			c.summon()
		}
	}
}

// summon: the caller holds the endpoint's lock.
func (c *callee) summon() {
	c.stock = fetched
	c.fetches++
	c.fetcher.want(c)
}

// expect has the server asked for models that will have work, once it is known which do: contestants before judges, which can do
// nothing without answers.
func (r *Runner) expect(census *census) {
	ask := func(c *callee, n Count) {
		c.endpoint.mu.Lock()
		defer c.endpoint.mu.Unlock()
		if c.stock == unasked && n.toAsk() > 0 {
			c.summon()
		}
	}
	for _, c := range r.callees {
		if s, ok := c.stage.(*generateStage); ok {
			ask(c, census.answers[s.contestant.Place])
		}
	}
	for _, c := range r.callees {
		if s, ok := c.stage.(*judgeStage); ok {
			ask(c, census.verdicts[s.judge.Place].Count)
		}
	}
}

// refetch reports whether a model that its server does not know is fetched now, so that its task only has to wait.
func (e *endpoint) refetch(c *callee, failed *providers.Error) bool {
	e.mu.Lock()
	defer e.mu.Unlock()
	if failed.Reason != providers.ReasonModel || c.fetcher == nil || c.cause != nil || e.closed {
		return false
	}
	if c.stock != inStock {
		return true // another of its calls has seen it first
	}
	if c.fetches >= maxFetches || !c.fetcher.may([]*callee{c}) {
		return false
	}
	c.summon()
	return true
}

// want adds a callee to those that wait for its model.
func (f *fetcher) want(c *callee) {
	f.mu.Lock()
	defer f.mu.Unlock()
	model := c.model().ModelID
	for _, q := range slices.Concat(f.asked.queue, f.pulls.queue) {
		if providers.OllamaName(q.model) == providers.OllamaName(model) {
			q.waiting = append(q.waiting, c)
			return
		}
	}
	f.asked.add(&fetch{model: model, waiting: []*callee{c}})
}

// add: the caller holds the fetcher's lock.
func (l *lane) add(q *fetch) {
	l.queue = append(l.queue, q)
	select {
	case l.wake <- struct{}{}:
	default:
	}
}

// work looks after what is wanted until ctx ends. A pull may take hours, and a question does not wait for it.
func (f *fetcher) work(ctx context.Context) {
	var both sync.WaitGroup
	both.Go(func() { f.each(ctx, &f.asked, f.ask) })
	both.Go(func() { f.each(ctx, &f.pulls, f.pull) })
	both.Wait()
}

// each has do look after the models of a lane, one after the other, and take them out of it.
func (f *fetcher) each(ctx context.Context, l *lane, do func(context.Context, *fetch)) {
	for ctx.Err() == nil {
		if q := f.first(l); q != nil {
			do(ctx, q)
			continue
		}
		select {
		case <-l.wake:
		case <-ctx.Done():
		}
	}
}

func (f *fetcher) first(l *lane) *fetch {
	f.mu.Lock()
	defer f.mu.Unlock()
	if len(l.queue) == 0 {
		return nil
	}
	return l.queue[0]
}

// ask asks the server for a model. Those that wait for it go on if it is there, or if calls may find out for themselves.
func (f *fetcher) ask(ctx context.Context, q *fetch) {
	if f.guess {
		if _, err := f.server.Version(ctx); err != nil {
			f.done(ctx, &f.asked, false, nil)
			return
		}
	}
	f.mu.Lock()
	waiting := slices.Clone(q.waiting)
	f.mu.Unlock()
	if slices.ContainsFunc(waiting, func(c *callee) bool { return c.pull != "never" }) {
		if has, err := f.server.Has(ctx, q.model); !has && err == nil {
			f.missing(ctx, q, waiting)
			return
		}
	}
	f.done(ctx, &f.asked, true, nil)
}

// missing has a model pulled that the server does not have, if it may be.
func (f *fetcher) missing(ctx context.Context, q *fetch, waiting []*callee) {
	if !f.may(waiting) {
		f.done(ctx, &f.asked, true, notPulled(waiting[0]))
		return
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	f.asked.queue = f.asked.queue[1:]
	f.pulls.add(q)
}

func (f *fetcher) pull(ctx context.Context, q *fetch) {
	err := f.server.Pull(ctx, q.model, func(at providers.Pulled) {
		f.mu.Lock()
		q.at = at
		f.mu.Unlock()
	})
	f.done(ctx, &f.pulls, true, err)
}

// may reports whether the model that these callees have in common may be pulled.
func (f *fetcher) may(waiting []*callee) bool {
	return slices.ContainsFunc(waiting, func(c *callee) bool {
		return c.pull == "auto" || c.pull == "ask" && f.granted[providers.OllamaName(c.model().ModelID)]
	})
}

// notPulled says that a model is not there, and why nobody fetched it.
func notPulled(c *callee) error {
	id := c.model().ModelID
	hint := fmt.Sprintf("pull is never: fetch it with: ollama pull %s, or write pull: auto", id)
	if c.pull == "ask" {
		hint = fmt.Sprintf("pull: ask was not answered with yes, and asks only where a person is at the terminal; fetch it with: ollama pull %s, or write pull: auto", id)
	}
	return &providers.Error{
		Class: providers.Refused, Reason: providers.ReasonModel, Endpoint: c.endpoint.name, Hint: hint, Err: fmt.Errorf("the server does not have the model %q", id),
	}
}

// done takes the first of a lane out of it, and lets those go on who waited, or stops them.
func (f *fetcher) done(ctx context.Context, l *lane, ollama bool, err error) {
	if ctx.Err() != nil {
		return // nobody calls any more
	}
	f.mu.Lock()
	waiting, pulled := l.queue[0].waiting, l == &f.pulls
	l.queue = l.queue[1:]
	f.mu.Unlock()
	if pulled {
		waiting[0].pulled(err)
	}
	for _, c := range waiting {
		if err != nil {
			c.stop(err)
			continue
		}
		e := c.endpoint
		e.mu.Lock()
		c.stock = inStock
		e.shift.grouped = e.shift.grouped || ollama
		e.mu.Unlock()
		e.wakeUp()
	}
}

// note tells of the pull that is under way; "" if none is.
func (f *fetcher) note() string {
	if f == nil {
		return ""
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	if len(f.pulls.queue) == 0 {
		return ""
	}
	q := f.pulls.queue[0]
	text := "pulling " + q.model
	switch at := q.at; {
	case at.Total > 0 && at.Completed < at.Total:
		text += fmt.Sprintf(": %d %% of %s", 100*at.Completed/at.Total, bytesText(at.Total))
	case at.Total > 0:
		text += fmt.Sprintf(": %s, %s", bytesText(at.Total), cmp.Or(at.Status, "checking"))
	}
	if n := len(f.pulls.queue) - 1; n > 0 {
		text += fmt.Sprintf("; %d more to come", n)
	}
	return text
}

// pulling tells of a pull that models of the endpoint wait for. The caller holds the lock.
func (e *endpoint) pulling() string {
	for _, c := range e.callees {
		if c.stock == fetched {
			return c.fetcher.note()
		}
	}
	return ""
}

func bytesText(n int64) string {
	if n < 1e9 {
		return fmt.Sprintf("%.0f MB", float64(n)/1e6)
	}
	return fmt.Sprintf("%.1f GB", float64(n)/1e9)
}

// askPulls asks, before the run, for each model that is not there and has work, whether it may be pulled: where the
// endpoint says `pull: ask`, and there is somebody to ask.
func (r *Runner) askPulls(ctx context.Context) error {
	var pending map[calleeKey]int64
	for _, c := range r.callees {
		name := providers.OllamaName(c.model().ModelID)
		if c.pull != "ask" || c.fetcher == nil || r.job.Ask == nil {
			continue
		}
		f := c.fetcher
		if _, asked := f.granted[name]; asked {
			continue
		}
		if has, err := f.server.Has(ctx, c.model().ModelID); has || err != nil {
			if ctx.Err() != nil {
				return ctx.Err()
			}
			continue // whatever it is, the calls will tell
		}
		if pending == nil {
			var err error
			if pending, err = r.pending(ctx); err != nil {
				return err
			}
		}
		if pending[calleeKey{c.name, c.judging}] == 0 {
			continue
		}
		f.granted[name] = r.job.Ask(fmt.Sprintf("%s does not have the model %s. Pull it?", c.endpoint.name, c.model().ModelID))
	}
	return nil
}
