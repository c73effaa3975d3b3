package store

// OpKind is what an [Op] does.
type OpKind uint8

// The kinds, as the methods of [Batch] say them.
const (
	OpPutOnce OpKind = iota
	OpPut
	OpDelete
	OpAdd
)

// Op is one write of a [Batch], for who implements a [Store].
type Op struct {
	Kind   OpKind
	Bucket Bucket
	Key    []byte
	Meta   []byte
	Body   []byte
	N      int64 // OpAdd
	once   int   // OpPutOnce: place in Result.Created
}

// Batch collects writes for one Apply. It keeps the slices it is given: leave them alone until Apply has returned.
// The zero value is an empty batch.
type Batch struct {
	ops   []Op
	onces int
}

// PutOnce stores a record unless its key is taken; Result.Created tells. A record that lost changes nothing.
func (b *Batch) PutOnce(bk Bucket, key, meta, body []byte) {
	b.ops = append(b.ops, Op{Kind: OpPutOnce, Bucket: bk, Key: key, Meta: meta, Body: body, once: b.onces})
	b.onces++
}

// Put stores a record in the place of whatever was there.
func (b *Batch) Put(bk Bucket, key, meta, body []byte) {
	b.ops = append(b.ops, Op{Kind: OpPut, Bucket: bk, Key: key, Meta: meta, Body: body})
}

// Delete removes a record; one that is not there is no error.
func (b *Batch) Delete(bk Bucket, key []byte) {
	b.ops = append(b.ops, Op{Kind: OpDelete, Bucket: bk, Key: key})
}

// Add adds n to the counter in Totals. [Counter] reads it.
func (b *Batch) Add(counter []byte, n int64) {
	if n != 0 {
		b.ops = append(b.ops, Op{Kind: OpAdd, Bucket: Totals, Key: counter, N: n})
	}
}

// Empty reports whether there is nothing to write.
func (b *Batch) Empty() bool { return len(b.ops) == 0 }

// Ops are the writes in their order. They belong to the batch.
func (b *Batch) Ops() []Op { return b.ops }

// Onces is how many of them are PutOnce: as many as Result.Created will have.
func (b *Batch) Onces() int { return b.onces }
