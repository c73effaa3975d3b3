package providers

import (
	"fmt"
	"time"

	"github.com/cenkalti/backoff/v4"
)

const (
	memory = 512 // outcomes that are kept
	fewest = 16  // outcomes that a judgment rests on at least, if there are so many
)

// load tells an overloaded server from one that sends a call away now and then. It is overload when at least half of the
// last outcomes say so: of the last sixteen, or of half as many as may be under way. A server sends away faster than it
// answers, and calls that start together are sent away together; sixteen would say too much about hundreds. For the
// same reason calls that are still open count as accepted as long as there are few outcomes.
type load struct {
	recent [memory]bool // true: sent away; a ring
	next   int
	seen   int       // outcomes in recent
	asked  time.Time // the latest return that one of them was asked for
	until  time.Time // end of the pause of the last burst
	quiet  time.Time // until then, what comes from calls started before the burst is no news
	before int       // of these, the ones still open
	bursts int       // in a row, without an answer between
	delays *backoff.ExponentialBackOff
}

// ruling is what a call that was sent away means for the endpoint.
type ruling uint8

const (
	passes  ruling = iota // nothing: its caller waits alone
	extends               // it belongs to a burst that is known: until may have moved
	begins                // a new burst: until is the end of its pause
)

// settled counts an outcome among the calls that were open at the burst.
func (l *load) settled() { l.before = max(0, l.before-1) }

// answered notes an outcome that is not about load. The server takes some calls, then, even if it took this one before the
// burst: the cut is what helps, and the next pause need not be longer.
func (l *load) answered() {
	l.note(false)
	l.bursts = 0
}

// shed notes a call that was sent away, with open others under way, of at most limit.
func (l *load) shed(after time.Duration, now time.Time, open, limit int) ruling {
	back := now.Add(after)
	// If no more are open than then, none has started since.
	if l.before > 0 && (now.Before(l.quiet) || open < l.before) {
		l.settled()
		if after > 0 && back.After(l.until) {
			l.until = back
		}
		return extends
	}
	l.settled()
	l.note(true)
	if after > 0 && back.After(l.asked) {
		l.asked = back
	}
	span := min(max(fewest, limit/2), memory)
	if 2*l.sheds(span) < min(span, l.seen+open) {
		return passes
	}
	l.begin(now, open)
	return begins
}

// begin opens a pause: as long as the server asked for; else half a second, which doubles with each burst that follows
// another. The first is short because the cut of the limit already helps.
func (l *load) begin(now time.Time, open int) {
	const jitter = 0.2
	if l.bursts == 0 || l.delays == nil {
		l.delays = doubling(jitter)
		l.delays.InitialInterval = firstRepeat
		l.delays.Reset()
	}
	l.bursts++
	l.until = now.Add(l.delays.NextBackOff())
	if l.asked.After(now) {
		l.until = l.asked
	}
	// Calls that were open answer within about this time, if they are sent away at all.
	l.quiet = now.Add(max(time.Second, l.until.Sub(now)))
	l.before = open
	l.seen, l.asked = 0, time.Time{}
}

func (l *load) note(shed bool) {
	l.recent[l.next] = shed
	l.next = (l.next + 1) % memory
	l.seen = min(l.seen+1, memory)
}

// sheds counts the calls sent away among the last span outcomes.
func (l *load) sheds(span int) int {
	n := 0
	for i := range min(span, l.seen) {
		if l.recent[(l.next-1-i+memory)%memory] {
			n++
		}
	}
	return n
}

func (l *load) reason() string {
	if l.bursts > 1 {
		return fmt.Sprintf("the server sends calls away, for the %d. time in a row", l.bursts)
	}
	return "the server sends calls away"
}
