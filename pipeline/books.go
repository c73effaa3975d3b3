package pipeline

import (
	"context"
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
	counts
)

func totalKey(kind byte, id ID, count byte) []byte {
	return append(append(append(make([]byte, 0, 2+idSize), kind), id[:]...), count)
}

// book adds a call to the books.
func book(b *store.Batch, kind byte, id ID, u providers.Usage) {
	numbers := [counts]int64{countCalls: 1, countInput: u.Input, countCached: u.Cached, countOutput: u.Output, countReasoning: u.Reasoning}
	if u.Estimated {
		numbers[countEstimated] = 1
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
}

// add counts one more call.
func (s *Spent) add(u providers.Usage) {
	s.Calls++
	s.Usage.Input += u.Input
	s.Usage.Cached += u.Cached
	s.Usage.Output += u.Output
}

// readSpent adds up what was paid for under several identities.
func readSpent(ctx context.Context, r store.Reader, kind byte, ids ...ID) (s Spent, err error) {
	into := [counts]*int64{&s.Calls, &s.Usage.Input, &s.Usage.Cached, &s.Usage.Output, &s.Usage.Reasoning, &s.Estimated}
	for _, id := range ids {
		prefix := totalKey(kind, id, 0)[:1+idSize]
		for rec, err := range r.Scan(ctx, store.Totals, store.Prefix(prefix), store.WithMeta) {
			if err != nil {
				return s, err
			}
			if i := rec.Key[len(prefix)]; i < counts {
				*into[i] += store.Counter(rec)
			}
		}
	}
	return s, nil
}

// counters are what one model did in this run; they may be read at any time.
type counters struct {
	done, failed, errors, calls, input, cached, output atomic.Int64
}

func (c *counters) served(u providers.Usage) {
	c.calls.Add(1)
	c.input.Add(u.Input)
	c.cached.Add(u.Cached)
	c.output.Add(u.Output)
}

// spent is what was paid for in this run.
func (c *counters) spent() Spent {
	return Spent{
		Calls: c.calls.Load(),
		Usage: providers.Usage{Input: c.input.Load(), Cached: c.cached.Load(), Output: c.output.Load()},
	}
}
