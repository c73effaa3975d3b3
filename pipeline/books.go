package pipeline

import (
	"context"
	"sync"
	"sync/atomic"

	"openarena/providers"
	"openarena/store"
)

// What is counted in Totals per contestant ('c') and judge ('j'), in the commit of what it counts.
const (
	countCalls = iota
	countInput
	countCached
	countOutput
	countReasoning
	countEstimated // calls whose server sent no usage
	// Of the calls whose provider told what they cost: how many, their tokens, and that, in billionths of a US dollar.
	countTold
	countToldInput
	countToldCached
	countToldOutput
	countToldCost
	// Of calls that failed: how many were sent, and the tokens of those that may be billed all the same, at worst. How often
	// a server fails is no part of the work, so that Dump leaves them out.
	countFailed
	countFailedInput
	countFailedOutput
	counts
)

// ofFailures tells counters of what failed from those of the work.
func ofFailures(count byte) bool {
	return count == countFailed || count == countFailedInput || count == countFailedOutput
}

func totalKey(kind byte, id ID, count byte) []byte {
	return append(append(append(make([]byte, 0, 2+idSize), kind), id[:]...), count)
}

// book adds a call to the books.
func book(b *store.Batch, kind byte, id ID, u providers.Usage) {
	numbers := [counts]int64{countCalls: 1, countInput: u.Input, countCached: u.Cached, countOutput: u.Output, countReasoning: u.Reasoning}
	if u.Estimated {
		numbers[countEstimated] = 1
	}
	if u.Cost != nil {
		numbers[countTold], numbers[countToldCost] = 1, *u.Cost
		numbers[countToldInput], numbers[countToldCached], numbers[countToldOutput] = u.Input, u.Cached, u.Output
	}
	for i, n := range numbers {
		if n != 0 {
			b.Add(totalKey(kind, id, byte(i)), n)
		}
	}
}

// Spent is what was paid for, retries and unreadable verdicts included.
type Spent struct {
	Calls     int64
	Usage     providers.Usage
	Estimated int64 // calls without usage from the server
	Told      Told  // of these calls, those whose provider told the price
	Failed    Failed
}

// Told is what providers say themselves that calls cost.
type Told struct {
	Calls int64
	Usage providers.Usage
	Cost  int64 // billionths of a US dollar
}

// Failed are calls that brought nothing.
type Failed struct {
	Calls int64
	// Of those that the server may have worked on all the same: the prompt as it was reckoned, the longest answer it could be.
	Input, Output int64
}

// add counts one more call.
func (s *Spent) add(u providers.Usage) {
	s.Calls++
	addTokens(&s.Usage, u)
	if u.Estimated {
		s.Estimated++
	}
	if u.Cost != nil {
		s.Told.Calls++
		u.Reasoning = 0 // output like any other
		addTokens(&s.Told.Usage, u)
		s.Told.Cost += *u.Cost
	}
}

func addTokens(to *providers.Usage, u providers.Usage) {
	to.Input += u.Input
	to.Cached += u.Cached
	to.Output += u.Output
	to.Reasoning += u.Reasoning
}

// readSpent adds up what was paid for under several identities.
func readSpent(ctx context.Context, r store.Reader, kind byte, ids ...ID) (s Spent, err error) {
	for _, id := range ids {
		prefix := totalKey(kind, id, 0)[:1+idSize]
		for rec, err := range r.Scan(ctx, store.Totals, store.Prefix(prefix), store.WithMeta) {
			if err != nil {
				return s, err
			}
			if i := rec.Key[len(prefix)]; i < counts {
				*s.counter(i) += store.Counter(rec)
			}
		}
	}
	return s, nil
}

// counter is the number that a counter of Totals is read into.
func (s *Spent) counter(i byte) *int64 {
	return [counts]*int64{
		&s.Calls, &s.Usage.Input, &s.Usage.Cached, &s.Usage.Output, &s.Usage.Reasoning, &s.Estimated,
		&s.Told.Calls, &s.Told.Usage.Input, &s.Told.Usage.Cached, &s.Told.Usage.Output, &s.Told.Cost,
		&s.Failed.Calls, &s.Failed.Input, &s.Failed.Output,
	}[i]
}

// counters are what one model did in this run; they may be read at any time.
type counters struct {
	done, failed, errors, output atomic.Int64

	classes [providers.Unsupported + 1]atomic.Int64 // of errors

	mu   sync.Mutex
	paid Spent
}

func (c *counters) served(u providers.Usage) {
	c.output.Add(u.Output)
	c.mu.Lock()
	defer c.mu.Unlock()
	c.paid.add(u)
}

// wrong counts a failed call.
func (c *counters) wrong(e *providers.Error) {
	c.errors.Add(1)
	if int(e.Class) < len(c.classes) {
		c.classes[e.Class].Add(1)
	}
}

// spent is what was paid for in this run.
func (c *counters) spent() Spent {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.paid
}
