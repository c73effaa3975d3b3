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

// op is a store.Op with what is sent of it. It owns its bytes.
type op struct {
	kind   store.OpKind
	bucket store.Bucket
	key    []byte
	meta   []byte // sealed
	body   []byte // sealed; nil: there is none
	n      int64  // of OpAdd
}

// job is a batch on its way through the writer, which alone touches created until done has been answered.
type job struct {
	ops     []op
	bytes   int
	created []bool
	done    chan error // buffered: the writer never waits for a caller
}

// newJob checks, copies and seals a batch. It runs in the caller, who may use its bytes again if it does not wait for the
// commit, and so the one writer sums nothing.
func newJob(b *store.Batch) (*job, error) {
	const sealed = store.SealSize
	j := &job{ops: make([]op, len(b.Ops())), created: make([]bool, b.Onces()), done: make(chan error, 1)}
	for i := range b.Ops() {
		o := &b.Ops()[i]
		if err := o.Check(); err != nil {
			return nil, err
		}
		if len(o.Key) > maxKey {
			return nil, fmt.Errorf("write to %s: key of %d bytes, the limit of PostgreSQL's indexes is %d", o.Bucket, len(o.Key), maxKey)
		}
		j.bytes += len(o.Key) + len(o.Meta) + len(o.Body) + 2*sealed
	}
	memory := make([]byte, 0, j.bytes)
	for i := range b.Ops() {
		o, to := &b.Ops()[i], &j.ops[i]
		to.kind, to.bucket, to.n = o.Kind, o.Bucket, o.N
		to.key, memory = cut(memory, append(memory, o.Key...))
		if o.Kind != store.OpPut && o.Kind != store.OpPutOnce {
			continue
		}
		to.meta, memory = cut(memory, store.SealMeta(memory, o.Bucket, o.Key, o.Meta, len(o.Body) > 0))
		if len(o.Body) > 0 {
			to.body, memory = cut(memory, store.SealBody(memory, o.Bucket, o.Key, o.Body))
		}
	}
	return j, nil
}

// cut returns what was appended to memory, and all.
func cut(memory, more []byte) (part, all []byte) { return more[len(memory):len(more):len(more)], more }

// replay is what jobs have to write as one batch again.
func replay(jobs []*job) (*store.Batch, error) {
	var b store.Batch
	for _, j := range jobs {
		for i := range j.ops {
			if err := j.ops[i].replay(&b); err != nil {
				return nil, err
			}
		}
	}
	return &b, nil
}

func (o *op) replay(b *store.Batch) error {
	switch o.kind {
	case store.OpDelete:
		b.Delete(o.bucket, o.key)
		return nil
	case store.OpAdd:
		b.Add(o.key, o.n)
		return nil
	}
	meta, hasBody, err := store.OpenMeta(o.bucket, o.key, o.meta)
	var body []byte
	if err == nil && hasBody {
		body, err = store.OpenBody(o.bucket, o.key, o.body)
	}
	if o.kind == store.OpPut {
		b.Put(o.bucket, o.key, meta, body)
	} else {
		b.PutOnce(o.bucket, o.key, meta, body)
	}
	return err
}

// change is what all ops of a group come to at one key: put once, if the key was not known by then, and put or delete
// whatever comes of that. What a PutOnce behind them finds needs no server to tell.
type change struct {
	bucket store.Bucket
	key    []byte
	once   *op
	told   *bool // Created of once
	set    *op   // what the record becomes, by OpPut or OpPutOnce; or OpDelete
	known  bool  // whether the key is taken by now
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
			if o.bucket == store.Totals {
				g.count(counters, o)
				continue
			}
			c := changes[where{o.bucket, string(o.key)}]
			if c == nil {
				c = &change{bucket: o.bucket, key: o.key}
				changes[where{o.bucket, string(o.key)}] = c
				g.changes = append(g.changes, c)
			}
			if o.kind == store.OpPutOnce {
				c.putOnce(o, &j.created[once])
				once++
			} else {
				c.set, c.known, c.taken = o, true, o.kind == store.OpPut
			}
		}
	}
	slices.SortFunc(g.changes, func(a, b *change) int {
		return cmp.Or(cmp.Compare(a.bucket, b.bucket), bytes.Compare(a.key, b.key))
	})
	slices.SortFunc(g.counters, func(a, b *counter) int { return bytes.Compare(a.key, b.key) })
	return g
}

func (c *change) putOnce(o *op, created *bool) {
	*created = !c.taken
	switch {
	case !c.known:
		c.once, c.told = o, created
	case !c.taken:
		c.set = o
	}
	c.known, c.taken = true, true
}

func (g *group) count(counters map[string]*counter, o *op) {
	c := counters[string(o.key)]
	if c == nil {
		c = &counter{key: o.key}
		counters[string(o.key)] = c
		g.counters = append(g.counters, c)
	}
	if o.kind == store.OpDelete {
		c.delete, c.n = true, 0
	} else {
		c.n += o.n
	}
}
