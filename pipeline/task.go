package pipeline

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"time"

	"openarena/configs"
	"openarena/providers"
)

// task is one thing to ask for: an answer, or a judgment with all its attempts.
type task struct {
	prompt   Hash
	answer   AnswerKey            // of a contestant's task
	verdict  VerdictKey           // of a judge's task
	failed   bool                 // a failure of an earlier run is on record
	tries    int                  // temporary failures so far
	refusals int                  // times the server was overloaded
	rung     string               // of a judge's task: how it was last asked for structured output
	adapted  providers.Adaptation // how it was last sent
	due      time.Time            // since when it waits in the queue
	fresh    bool                 // of a judge's task: no reply to it is in the database
	stint    *stint               // that it belongs to; nil: the run looks for its work itself

	paced    providers.Ticket // of its model's limits, while it is being called
	exchange *exchange        // of a judge's task: what was said so far, while it is being called
}

const (
	// maxTries is how often a task may fail before it is left to the next run.
	maxTries = 4
	// maxRefusals is how often a server may be too busy for one task.
	maxRefusals = 50
)

// errSettled: the task needs no call any more.
var errSettled = errors.New("settled without a call")

// stage is what a contestant or a judge does with its tasks.
type stage interface {
	// prepare reads what the call needs. errSettled: nothing is left to do.
	prepare(ctx context.Context, t *task) (*providers.Request, error)
	// save commits a reply.
	save(ctx context.Context, t *task, r *providers.Reply) error
	// follow makes of a saved reply what it is for. again: the task wants another call.
	follow(ctx context.Context, t *task) (again bool, err error)
	// adapt changes the requests to come after a server refused a field of a task's; false: there is nothing to change.
	adapt(ctx context.Context, t *task, e *providers.Error) bool
	// fail records a task that will not be tried again in this run.
	fail(ctx context.Context, t *task, f failure) error
	// feed offers the tasks that are wanted and not done, until there are no more.
	feed(ctx context.Context) error
	// survey counts what is done of a stint's part, and has the stint take what is missing.
	survey(ctx context.Context, st *stint) error
}

// callee is a model that is called, contestant or judge, with its queue. The fields below endpoint are guarded by the
// endpoint's mutex.
type callee struct {
	stage
	name     string
	who      Callee    // for observers
	told     time.Time // of its last pause, observers were
	judging  bool
	endpoint *endpoint
	pull     string // of an Ollama's model: auto, ask, never
	client   providers.Client
	tally    counters
	reckoner reckoner
	learnt   *learnt
	open     sync.WaitGroup // feeder and tasks of a judge

	queue     []*task               // in the order they were offered
	delayed   map[*task]*time.Timer // waiting for their next try
	flying    int                   // being called or committed
	admitting atomic.Int64          // of those that fly, what waits to be admitted
	answered  bool                  // at least once in this run
	denied    int                   // calls in a row that were forbidden
	short     int64                 // the change of the budget without which it has no room; 0: it has
	stock     stock                 // of the model on its server
	fetches   int                   // times it was looked after
	fetcher   *fetcher              // nil: nobody looks after it
	resting   bool                  // of the breaker, or as the server asked, while a task is being picked
	room      chan struct{}         // a token when a place in the queue became free
	breaker   *providers.Breaker
	gauge     providers.Gauge
	served    *served
	cause     error         // why it was stopped; nil while it is not
	stopped   chan struct{} // closed with cause
}

// queueSize is how many tasks wait for one model. Twice what is in flight keeps every slot busy.
func (c *callee) queueSize() int { return 2*c.endpoint.slots() + 16 }

func (r *Runner) newCallee(ctx context.Context, m configs.Model, judging bool) (*callee, error) {
	e := r.endpoint(m.Endpoint)
	client, err := e.connect(m.Endpoint)
	if err != nil {
		return nil, fmt.Errorf("model %q: %w", m.Name, err)
	}
	known, err := r.learntOf(ctx, m)
	if err != nil {
		return nil, err
	}
	c := &callee{
		name: m.Name, judging: judging, endpoint: e, client: client, learnt: known, served: e.serves(m.ModelID, m.Name),
		fetcher: r.fetcherOf(address(m.Endpoint)), pull: cmp.Or(m.Endpoint.Pull, "auto"),
		delayed: map[*task]*time.Timer{}, room: make(chan struct{}, 1), breaker: providers.NewBreaker(), stopped: make(chan struct{}),
	}
	if c.fetcher != nil {
		c.stock = unasked
	}
	e.callees = append(e.callees, c)
	return c, nil
}

// offer queues a task, waiting for room. It reports false when the model was stopped or ctx ended.
func (c *callee) offer(ctx context.Context, t *task) bool {
	for {
		if ctx.Err() != nil {
			return false
		}
		switch c.tryOffer(t) {
		case queued:
			return true
		case closed:
			return false
		}
		select {
		case <-c.room:
		case <-c.stopped:
		case <-ctx.Done():
		}
	}
}

type offered uint8

const (
	queued offered = iota
	full
	closed
)

// tryOffer queues a task if there is room.
func (c *callee) tryOffer(t *task) offered {
	e := c.endpoint
	e.mu.Lock()
	defer e.mu.Unlock()
	switch {
	case c.cause != nil || e.closed || t.stint.over():
		return closed
	case len(c.queue)+len(c.delayed) >= c.queueSize():
		return full
	}
	t.due = time.Now()
	c.queue = append(c.queue, t)
	c.counted(t).Add(1)
	e.wakeUp()
	if t.stint != nil && len(c.queue)+len(c.delayed) < c.queueSize() { // several wait for room, and a token may stand for more than one place
		c.nudge()
	}
	return queued
}

// later puts a task back to be tried after wait; 0 is at once.
func (c *callee) later(t *task, wait time.Duration) {
	e := c.endpoint
	e.mu.Lock()
	defer e.mu.Unlock()
	if c.cause != nil || e.closed || t.stint.over() {
		c.counted(t).Done()
		return
	}
	if wait <= 0 {
		t.due = time.Now()
		c.queue = append([]*task{t}, c.queue...)
		e.wakeUp()
		return
	}
	c.delayed[t] = time.AfterFunc(wait, func() { c.comeBack(t) })
}

// comeBack moves a delayed task to the head of the queue: it has waited longest.
func (c *callee) comeBack(t *task) {
	e := c.endpoint
	e.mu.Lock()
	defer e.mu.Unlock()
	c.comeBackLocked(t)
}

func (c *callee) comeBackLocked(t *task) {
	if _, ok := c.delayed[t]; !ok {
		return // dropped meanwhile
	}
	delete(c.delayed, t)
	t.due = time.Now()
	c.queue = append([]*task{t}, c.queue...)
	c.endpoint.wakeUp()
}

// why is what the model was stopped for; nil: it was not.
func (c *callee) why() error {
	c.endpoint.mu.Lock()
	defer c.endpoint.mu.Unlock()
	return c.cause
}

// stop gives up on a model: nothing of its queue is called. The first cause stays.
func (c *callee) stop(cause error) {
	c.endpoint.mu.Lock()
	defer c.endpoint.mu.Unlock()
	c.stopLocked(cause)
}

func (c *callee) stopLocked(cause error) {
	if c.cause != nil {
		return
	}
	c.cause = cause
	reason, detail := tellable(cause)
	c.endpoint.run.happened(Event{What: EventStopped, Endpoint: c.endpoint.name, Model: c.name, Judge: c.judging, Reason: reason, Detail: detail})
	close(c.stopped)
	c.drop()
	c.endpoint.wakeUp()
}

// nudge leaves a token for who waits for room.
func (c *callee) nudge() {
	select {
	case c.room <- struct{}{}:
	default:
	}
}

// drop empties the queue.
func (c *callee) drop() {
	for _, t := range c.queue {
		c.counted(t).Done()
	}
	for t, timer := range c.delayed {
		timer.Stop()
		c.counted(t).Done()
	}
	c.queue = nil
	clear(c.delayed)
}

// counter counts tasks that are not over.
type counter interface {
	Add(int)
	Done()
}

// counted is where a task counts: in its stint, else in those of the run.
func (c *callee) counted(t *task) counter {
	if t.stint != nil {
		return &t.stint.open
	}
	return c.pending()
}

// pending counts the tasks of a judge, or of all contestants together.
func (c *callee) pending() counter {
	if c.judging {
		return &c.open
	}
	return &c.endpoint.run.generating
}
