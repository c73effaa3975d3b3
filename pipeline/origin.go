package pipeline

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"

	"openarena/store"
)

// What was paid for is counted in Totals, and a merge has to add each database's part once, however often and on whatever ways
// it comes by. So a database has an origin, which copies of it keep, and remembers for each other one how much of its Totals
// came from there. Then the larger number is the later one, and nothing else has to be known.

// origin names where counts were made: a number drawn when a database is first written to.
type origin string

var originKey = []byte("origin") // in Meta

// mergedKey is where a database remembers what came from another one, in Meta.
func mergedKey(o origin) []byte { return append([]byte("merged:"), o...) }

// Identify gives a database its origin, if it has none. Sync does it, too.
func Identify(ctx context.Context, s store.Store) error {
	var b store.Batch
	identify(&b)
	_, err := s.Apply(ctx, &b)
	return err
}

func identify(b *store.Batch) {
	drawn := make([]byte, 16)
	rand.Read(drawn)
	b.PutOnce(store.Meta, originKey, nil, []byte(hex.EncodeToString(drawn)))
}

// originOf is a database's origin. One that has none, as of an older version, is known by what it holds.
func originOf(ctx context.Context, r store.Reader) (origin, error) {
	rec, err := r.Get(ctx, store.Meta, originKey, store.WithBody)
	if errors.Is(err, store.ErrNotFound) {
		all, err := store.SumOf(ctx, r)
		return origin(hex.EncodeToString(all.Sum[:16])), err
	}
	return origin(rec.Body), err
}

// tallied is what was counted at one origin, by counter in hex.
type tallied struct {
	Shard  string           `json:"shard,omitempty"` // whose database it is
	Totals map[string]int64 `json:"totals"`
}

// beyond is what o has of each counter more than c.
func (o tallied) beyond(c tallied) map[string]int64 {
	more := map[string]int64{}
	for key, n := range o.Totals {
		if n -= c.Totals[key]; n > 0 {
			more[key] = n
		}
	}
	return more
}

// most is the larger of each counter.
func (o tallied) most(c tallied) tallied {
	all := tallied{Shard: o.Shard, Totals: map[string]int64{}}
	for _, part := range [...]tallied{c, o} {
		for key, n := range part.Totals {
			all.Totals[key] = max(all.Totals[key], n)
		}
	}
	if all.Shard == "" {
		all.Shard = c.Shard
	}
	return all
}

// mergedInto is what a database has of others.
func mergedInto(ctx context.Context, r store.Reader) (map[origin]tallied, error) {
	all := map[origin]tallied{}
	prefix := mergedKey("")
	for rec, err := range r.Scan(ctx, store.Meta, store.Prefix(prefix), store.WithBody) {
		if err != nil {
			return nil, err
		}
		var c tallied
		if err := json.Unmarshal(rec.Body, &c); err != nil {
			return nil, fmt.Errorf("what was merged before: %w", err)
		}
		all[origin(rec.Key[len(prefix):])] = c
	}
	return all, nil
}

// countedIn is what was counted at each origin that a database knows of, and which is its own. What a run that died may have
// lost is among it, as the next run would book it.
func countedIn(ctx context.Context, r store.Reader) (self origin, all map[origin]tallied, err error) {
	if self, err = originOf(ctx, r); err != nil {
		return self, nil, err
	}
	if all, err = mergedInto(ctx, r); err != nil {
		return self, nil, err
	}
	shard, err := ShardOf(ctx, r)
	if err != nil {
		return self, nil, err
	}
	own := tallied{Totals: map[string]int64{}}
	if !shard.Whole() {
		own.Shard = shard.String()
	} else {
		own.Shard = all[self].Shard // of one that others were merged into
	}
	for rec, err := range r.Scan(ctx, store.Totals, store.Range{}, store.WithMeta) {
		if err != nil {
			return self, nil, err
		}
		own.Totals[hex.EncodeToString(rec.Key)] = store.Counter(rec)
	}
	dying, err := outstanding(ctx, r)
	if err != nil {
		return self, nil, err
	}
	own.Totals[hex.EncodeToString(lostKey)] += int64(dying)
	for from, part := range all {
		if from == self {
			continue
		}
		for key, n := range part.Totals {
			own.Totals[key] -= n
		}
	}
	all[self] = own
	return self, all, nil
}
