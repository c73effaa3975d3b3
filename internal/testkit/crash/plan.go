package crash

import (
	"math/rand/v2"
	"os"
	"strings"
	"sync/atomic"
	"time"
)

// plan is the moment at which a life is to end. One of its conditions is set.
type plan struct {
	cause    string
	arrivals int64         // requests that arrived in this life
	replies  int64         // replies sent in this life
	newFile  bool          // a file appears: an export's temporary one, or the database where there is none yet
	delay    time.Duration // after the condition, or after the start where there is none
}

// draw picks a plan that suits the step. fresh: there is no database yet; long: reading prompts and answers takes a while.
func draw(dice *rand.Rand, s step, fresh, long bool) plan {
	upTo := func(d time.Duration) time.Duration { return time.Duration(dice.Int64N(int64(d))) }
	switch {
	case s.file != "" && dice.IntN(3) > 0, s.args[0] == "run" && !fresh && dice.IntN(10) == 0:
		return plan{cause: "while an export is written", newFile: true, delay: upTo(500 * time.Microsecond)}
	case s.kills <= 2: // commands of a few milliseconds
		return plan{cause: "at a random time", delay: upTo(30 * time.Millisecond)}
	case long && dice.IntN(2) == 0:
		return plan{cause: "while prompts and answers are read", newFile: fresh, delay: upTo(50 * time.Millisecond)}
	case fresh && dice.IntN(2) == 0:
		return plan{cause: "while the database is created", newFile: true, delay: upTo(2 * time.Millisecond)}
	}
	switch dice.IntN(4) {
	case 0:
		return plan{cause: "at a random time", delay: upTo(200 * time.Millisecond)}
	case 1:
		return plan{cause: "when a request arrives", arrivals: 1 + dice.Int64N(40)}
	default:
		return plan{cause: "between reply and commit", replies: 1 + dice.Int64N(40), delay: upTo(2 * time.Millisecond)}
	}
}

// arm returns a channel that is closed at the moment, and a function that ends the waiting.
func (p *plan) arm(a *arena) (moment <-chan struct{}, disarm func()) {
	over, reached, due := make(chan struct{}), make(chan struct{}), make(chan struct{})
	switch {
	case p.arrivals > 0 || p.replies > 0:
		s := a.stage.server.Stats(false)
		t := &trigger{arrivals: s.Arrivals + p.arrivals, replies: s.Replies + p.replies, byReply: p.replies > 0, reached: reached}
		a.stage.events.current.Store(t)
	case p.newFile:
		go awaitFile(a.dir, over, reached)
	default:
		close(reached)
	}
	go func() {
		select {
		case <-reached:
		case <-over:
			return
		}
		t := time.NewTimer(p.delay)
		defer t.Stop()
		select {
		case <-t.C:
			close(due)
		case <-over:
		}
	}()
	return due, func() {
		a.stage.events.current.Store(nil)
		close(over)
	}
}

// awaitFile closes reached when a name appears in dir that was not there. Files that come and go with a process beside
// its database do not count.
func awaitFile(dir string, over <-chan struct{}, reached chan<- struct{}) {
	known := map[string]bool{}
	for _, name := range list(dir) {
		known[name] = true
	}
	fresh := !known[database]
	look := time.NewTicker(100 * time.Microsecond) // a small export exists for less than a millisecond under its first name
	defer look.Stop()
	for {
		select {
		case <-over:
			return
		case <-look.C:
		}
		for _, name := range list(dir) {
			if !known[name] && (fresh || !strings.Contains(name, database)) {
				close(reached)
				return
			}
		}
	}
}

// list is the names in dir, in any order.
func list(dir string) []string {
	d, err := os.Open(dir)
	if err != nil {
		return nil
	}
	defer d.Close()
	names, _ := d.Readdirnames(-1) // a listing that is incomplete is made again a moment later
	return names
}

// events carries what the server sees to the plan in force.
type events struct{ current atomic.Pointer[trigger] }

type trigger struct {
	arrivals, replies int64 // the server's counts at which it is due
	byReply           bool
	reached           chan struct{}
	fired             atomic.Bool
}

func (e *events) onArrive(n int64) {
	if t := e.current.Load(); t != nil && !t.byReply && n >= t.arrivals {
		t.fire()
	}
}

func (e *events) onReplied(n int64) {
	if t := e.current.Load(); t != nil && t.byReply && n >= t.replies {
		t.fire()
	}
}

func (t *trigger) fire() {
	if t.fired.CompareAndSwap(false, true) {
		close(t.reached)
	}
}
