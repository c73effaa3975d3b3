package pipeline

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"openarena/store"
)

// MergeSource is a database that is merged into another.
type MergeSource struct {
	Name   string // for people
	Reader store.Reader
}

// Merged is what a merge found and did. Records that were there when it began, from an earlier merge of the same databases
// too, count as there.
type Merged struct {
	Sources []MergedSource `json:"sources"`
	Buckets []MergedBucket `json:"buckets"`
	// Uncounted are judgments of texts that lost against others under the same key: they are kept, and no result counts them.
	Uncounted int64 `json:"judgments_not_counted"`
	// Settled are failures of what another database has done.
	Settled int64    `json:"failures_settled"`
	Notes   []string `json:"notes"`
}

// MergedSource is one source.
type MergedSource struct {
	Name    string `json:"name"`
	Shard   string `json:"shard,omitempty"`
	Records int64  `json:"records"` // that it has
	Copied  int64  `json:"copied"`
	Bytes   int64  `json:"bytes"` // read of it
}

// MergedBucket is one bucket of all sources.
type MergedBucket struct {
	Bucket    store.Bucket `json:"bucket"`
	Copied    int64        `json:"copied"`
	There     int64        `json:"there"`     // the same was there already
	Conflicts int64        `json:"conflicts"` // another one was there, which stays
}

// ErrOtherArena: databases that have no dataset in common are not merged.
var ErrOtherArena = errors.New("databases of different arenas")

// Merge brings what frozen sources have into a store, in their order: of records with the same key the first one stays, and what
// the store has is before all. It may be killed at any moment and made again, with more sources, too: nothing is there
// twice, and no counter counts twice. tell is told of the source at hand after each commit; nil: nobody is. Errors:
// ErrOtherArena, before anything is written, and those of reading and writing.
func Merge(ctx context.Context, to store.Store, sources []MergeSource, tell func(MergedSource)) (*Merged, error) {
	m := &merger{to: to, tell: tell, report: &Merged{Sources: []MergedSource{}, Notes: []string{}}}
	for bk := store.Prompts; bk <= store.Meta; bk++ {
		if bk != store.Totals {
			m.report.Buckets = append(m.report.Buckets, MergedBucket{Bucket: bk})
		}
	}
	if err := oneArena(ctx, to, sources); err != nil {
		return nil, err
	}
	if err := Identify(ctx, to); err != nil {
		return nil, err
	}
	verdicts, err := holdsAny(ctx, to, store.Verdicts)
	if err != nil {
		return nil, err
	}
	m.load, m.fresh = store.NewLoader(to, m.committed), !verdicts
	for _, s := range sources {
		if err := m.source(ctx, s); err != nil {
			m.load.Abandon()
			return m.report, fmt.Errorf("%s: %w", s.Name, err)
		}
	}
	if err := m.settle(ctx); err != nil {
		return m.report, err
	}
	return m.report, m.shards(ctx)
}

// merger merges one source after the other.
type merger struct {
	to     store.Store
	load   *store.Loader
	tell   func(MergedSource)
	report *Merged
	fresh  bool // the store had no verdicts

	// Of the source at hand.
	now    *MergedSource
	lost   map[AnswerKey]bool  // its texts that lost
	spoken map[VerdictKey]bool // judgments whose words lost: its verdicts are of other words
	raced  []store.Op          // records that were not there when looked for, and were when they came
}

// mergeOrder is that of the buckets: words before what they mean, and results before failures. Totals follow at last.
var mergeOrder = [...]store.Bucket{
	store.Prompts, store.Datasets, store.Answers, store.Judgments, store.Verdicts, store.Failures, store.Batches, store.Votes,
	store.Retired, store.Meta,
}

func (m *merger) source(ctx context.Context, s MergeSource) error {
	self, counts, err := countedIn(ctx, s.Reader)
	if err != nil {
		return err
	}
	m.report.Sources = append(m.report.Sources, MergedSource{Name: s.Name, Shard: counts[self].Shard})
	m.now = &m.report.Sources[len(m.report.Sources)-1]
	m.lost, m.spoken = map[AnswerKey]bool{}, map[VerdictKey]bool{}
	if err := m.twice(ctx, self, counts[self]); err != nil {
		return err
	}
	if err := m.readers(ctx, s.Reader); err != nil {
		return err
	}
	for _, bk := range mergeOrder {
		if err := m.bucket(ctx, s.Reader, bk); err != nil {
			return err
		}
		if err := m.load.Flush(ctx); err != nil { // the next bucket depends on what became of this one
			return err
		}
		if err := m.races(ctx); err != nil {
			return err
		}
	}
	return m.counts(ctx, counts)
}

func (m *merger) bucket(ctx context.Context, from store.Reader, bk store.Bucket) error {
	there := twin{reader: m.to, bucket: bk}
	defer there.close()
	for rec, err := range from.Scan(ctx, bk, store.Range{}, store.WithBody) {
		if err != nil {
			return err
		}
		m.now.Records++
		m.now.Bytes += int64(len(rec.Key) + len(rec.Meta) + len(rec.Body))
		if bk == store.Meta && ofMachine(rec.Key) {
			continue
		}
		old, err := there.at(ctx, rec.Key)
		if err == nil {
			err = m.record(ctx, bk, rec, old)
		}
		if err == nil {
			err = m.load.Spill(ctx)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

func (m *merger) of(bk store.Bucket) *MergedBucket {
	i := slices.IndexFunc(m.report.Buckets, func(b MergedBucket) bool { return b.Bucket == bk })
	return &m.report.Buckets[i]
}

// committed books what became of records that were added.
func (m *merger) committed(b *store.Batch, r store.Result) error {
	created := r.Created
	for _, o := range b.Ops() {
		if o.Kind != store.OpPutOnce {
			continue
		}
		if created[0] {
			m.of(o.Bucket).Copied++
			m.now.Copied++
		} else {
			m.raced = append(m.raced, o)
		}
		created = created[1:]
	}
	if m.tell != nil {
		m.tell(*m.now)
	}
	return nil
}

func holdsAny(ctx context.Context, r store.Reader, bk store.Bucket) (bool, error) {
	for _, err := range r.Scan(ctx, bk, store.Range{}, store.KeyOnly) {
		return err == nil, err
	}
	return false, nil
}
