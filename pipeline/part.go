package pipeline

import (
	"bytes"
	"context"
	"encoding/binary"
	"math/bits"
	"time"

	"openarena/store"
)

// Part is the work of one contestant or judge on the prompts of a range of hashes, both ends included.
type Part struct {
	Judge    bool
	Who      ID // the contestant, or the judge under its own rubric, whatever rubrics it judges by
	From, To Hash
}

func (p Part) span() span { return span{p.From, p.To} }

// PartResult is how far a part is, as the database had it when Work returned.
type PartResult struct {
	Wanted  int64 // answers or judgments, as `status` counts them
	Done    int64 // of these, verdicts that could not be read included
	Failed  int64 // of these, for good or for this run
	Invalid int64 // of Done
	// Waiting are judgments that cannot be asked for yet, or may become wanted: an answer or the word of another judge is to come.
	Waiting int64
	Left    int64 // what could be asked for and was not: the slice ended, or the model was stopped
	Asked   int64 // tasks that this call of Work took on

	Complete bool     // nothing waits and nothing is left
	Stopped  *Stopped // why the model is not called any more by this runner; nil: it is
	Budget   error    // that nothing of its calls fits into the budget any more; nil: it does
	// Rest is how long nothing of what is left can be asked for, as the model's server wants no call; 0: it can be at once.
	Rest time.Duration
}

const (
	// partUnits is how many answers or judgments a part has at most, while more parts may be made.
	partUnits = 1000
	// fewestRanges and mostRanges are how many ranges the hashes are cut into for one model; powers of two.
	fewestRanges, mostRanges = 16, 4096
)

// Parts are all parts of the arena, as r has its datasets and batches: for each contestant of the trial, those whose answers
// come from files included, and for each judge. Ranges are cut evenly, finer where there is more to do, so that those of two
// models are the same or one is within the other. Nothing is walked: the datasets must have been read.
func (a *Arena) Parts(ctx context.Context, r store.Reader) (all []Part, err error) {
	in, err := a.listings(ctx, r)
	if err != nil {
		return nil, err
	}
	p, err := a.pairingIn(ctx, r)
	if err != nil {
		return nil, err
	}
	prompts := int64(0)
	for _, l := range in {
		n := l.Prompts
		if a.Trial.Limit > 0 {
			n = min(n, a.Trial.Limit)
		}
		prompts += int64(n)
	}
	for i := range a.Contestants {
		if m := &a.Contestants[i]; a.chosen(m) {
			all = appendParts(all, Part{Who: m.ID}, prompts*int64(m.Samples))
		}
	}
	for i := range a.Judges {
		all = appendParts(all, Part{Judge: true, Who: a.Judges[i].ID}, p.units(&a.Judges[i], prompts))
	}
	return all, nil
}

// units are about how many judgments a judge may be asked for, over so many prompts.
func (p *pairing) units(j *Judge, prompts int64) int64 {
	n, once := int64(0), singles{}
	for _, b := range p.battles {
		for _, of := range [...][][]asked{b.judges, b.spares} {
			for _, w := range of[0] {
				switch {
				case w.judge.Place != j.Place:
				case !w.judge.alone:
					n++
				default:
					for _, side := range [...]Side{b.A, b.B} {
						if !once.again(w, side) {
							n++
						}
					}
				}
			}
		}
	}
	all := max(1, int64(len(p.battles)))
	switch {
	case p.chosen != nil:
		chosen := int64(0)
		for _, of := range p.chosen {
			chosen += int64(len(of))
		}
		return chosen * n / all
	case p.random > 0:
		n = n * int64(p.random) / all
	}
	return prompts * n
}

// appendParts appends the ranges of one model, which has so much to do.
func appendParts(all []Part, of Part, units int64) []Part {
	ranges := fewestRanges
	for ranges < mostRanges && units > int64(ranges)*partUnits {
		ranges *= 2
	}
	for i := range ranges {
		of.From, of.To = rangeOf(i, ranges)
		all = append(all, of)
	}
	return all
}

// rangeOf is range i of so many, a power of two of at most 2^16.
func rangeOf(i, ranges int) (from, to Hash) {
	shift := 17 - bits.Len(uint(ranges))
	binary.BigEndian.PutUint16(from[:], uint16(i<<shift))
	to = Hash(bytes.Repeat([]byte{0xff}, hashSize))
	binary.BigEndian.PutUint16(to[:], uint16((i+1)<<shift-1))
	return from, to
}

// Before are the parts among all whose work may make more work for p: those of the answers that a judge looks at, and where a
// panel grows those of judges before it. Once they are complete, what p waits for will not come any more.
func (a *Arena) Before(p Part, all []Part) (before []Part) {
	if !p.Judge {
		return nil
	}
	for _, q := range all {
		meets := bytes.Compare(q.From[:], p.To[:]) <= 0 && bytes.Compare(p.From[:], q.To[:]) <= 0
		if meets && (!q.Judge || a.speaksBefore(q.Who, p.Who)) {
			before = append(before, q)
		}
	}
	return before
}

// speaksBefore reports whether what one judge says may have another asked.
func (a *Arena) speaksBefore(one, other ID) bool {
	benches := a.benches()
	place := func(of ID) int {
		for i, bench := range benches {
			for _, j := range bench {
				if j.ID == of {
					return i
				}
			}
		}
		return -1
	}
	return newPanel(a.Config).grows && place(one) < place(other)
}
