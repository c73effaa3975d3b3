package pipeline

import (
	"context"
	"fmt"
	"sync"

	"openarena/pipeline/judge"
	"openarena/store"
)

// qualityWindow is how many first judgments decide whether a judge is worth going on with.
const qualityWindow = 50

// quality watches how many of a judge's first verdicts cannot be read, over all runs.
type quality struct {
	mu            sync.Mutex
	seen, invalid int
	reason        string // of the last invalid one
}

// recall counts the verdicts that the database has, up to the window. It returns an error when the judge should not be
// asked at all.
func (q *quality) recall(ctx context.Context, r store.Reader, a *Arena, j *Judge) error {
	for rec, err := range r.Scan(ctx, store.Verdicts, store.Range{}, store.WithMeta) {
		if err != nil {
			return nil // the feeder meets the same error and ends the run
		}
		key, err := parseVerdictKey(rec.Key)
		if of := a.judge(key.Judge); err != nil || of == nil || of.Place != j.Place {
			continue
		}
		v, err := parseVerdict(rec.Meta)
		if err != nil {
			continue
		}
		if err := q.see(j, v.Verdict); err != nil || q.seen == qualityWindow {
			return err
		}
	}
	return nil
}

// see counts a verdict. It returns an error when the judge should stop.
func (q *quality) see(j *Judge, v judge.Verdict) error {
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.seen >= qualityWindow {
		return nil
	}
	q.seen++
	if v.State == judge.Invalid {
		q.invalid++
		q.reason = v.Reason
	}
	if q.seen < qualityWindow || float64(q.invalid) <= j.MaxInvalidRate*qualityWindow {
		return nil
	}
	return fmt.Errorf("%d of its first %d verdicts could not be read (the last: %s); `openarena show` has examples. "+
		"Try structured: json_schema or another judge; or raise max_invalid_rate, "+
		"or take its verdicts back with `openarena redo --judge %q`", q.invalid, qualityWindow, q.reason, j.Name)
}
