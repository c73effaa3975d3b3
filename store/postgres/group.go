package postgres

import (
	"bytes"
	"cmp"
	"fmt"
	"slices"

	"openarena/store"
)

// maxKey is what fits into an index of PostgreSQL, with room to spare.
const maxKey = 2 << 10

// job is a batch on its way through the writer, which alone touches created until done has been answered.
type job struct {
	ops     []store.Op
	bytes   int
	created []bool
	done    chan error // buffered: the writer never waits for a caller
}

func newJob(b *store.Batch) (*job, error) {
	j := &job{ops: b.Ops(), created: make([]bool, b.Onces()), done: make(chan error, 1)}
	for i := range j.ops {
		o := &j.ops[i]
		if err := o.Check(); err != nil {
			return nil, err
		}
		if len(o.Key) > maxKey {
			return nil, fmt.Errorf("write to %s: key of %d bytes, the limit of PostgreSQL's indexes is %d", o.Bucket, len(o.Key), maxKey)
		}
		j.bytes += len(o.Key) + len(o.Meta) + len(o.Body)
	}
	return j, nil
}

// change is what all ops of a group come to at one key: put once, if the key was not known by then, and put or delete
// whatever comes of that. What a PutOnce behind them finds needs no server to tell.
type change struct {
	bucket store.Bucket
	key    []byte
	once   *store.Op
	told   *bool     // Created of once
	set    *store.Op // what the record becomes, by OpPut or OpPutOnce; or OpDelete
	known  bool      // whether the key is taken by now
	taken  bool
}

// counter is what the ops of a group come to at one counter.
type counter struct {
	key    []byte
	delete bool // before n is added
	n      int64
}

// group is what several batches, one after the other, come to.
type group struct {
	changes  []*change // by bucket and key, in the order in which all writers lock them
	counters []*counter
}

// where is a key in its bucket.
type where struct {
	bucket store.Bucket
	key    string
}

func newGroup(jobs []*job) *group {
	g := &group{}
	changes, counters := map[where]*change{}, map[string]*counter{}
	for _, j := range jobs {
		once := 0
		for i := range j.ops {
			o := &j.ops[i]
			if o.Bucket == store.Totals {
				g.count(counters, o)
				continue
			}
			c := changes[where{o.Bucket, string(o.Key)}]
			if c == nil {
				c = &change{bucket: o.Bucket, key: o.Key}
				changes[where{o.Bucket, string(o.Key)}] = c
				g.changes = append(g.changes, c)
			}
			if o.Kind == store.OpPutOnce {
				c.putOnce(o, &j.created[once])
				once++
			} else {
				c.set, c.known, c.taken = o, true, o.Kind == store.OpPut
			}
		}
	}
	slices.SortFunc(g.changes, func(a, b *change) int {
		return cmp.Or(cmp.Compare(a.bucket, b.bucket), bytes.Compare(a.key, b.key))
	})
	slices.SortFunc(g.counters, func(a, b *counter) int { return bytes.Compare(a.key, b.key) })
	return g
}

func (c *change) putOnce(o *store.Op, created *bool) {
	*created = !c.taken
	switch {
	case !c.known:
		c.once, c.told = o, created
	case !c.taken:
		c.set = o
	}
	c.known, c.taken = true, true
}

func (g *group) count(counters map[string]*counter, o *store.Op) {
	c := counters[string(o.Key)]
	if c == nil {
		c = &counter{key: o.Key}
		counters[string(o.Key)] = c
		g.counters = append(g.counters, c)
	}
	if o.Kind == store.OpDelete {
		c.delete, c.n = true, 0
	} else {
		c.n += o.N
	}
}
