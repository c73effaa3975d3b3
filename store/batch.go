package store

type opKind uint8

const (
	opPutOnce opKind = iota
	opPut
	opDelete
	opAdd
)

type op struct {
	kind      opKind
	bucket    Bucket
	key       []byte
	meta      []byte
	body      []byte
	n         int64 // opAdd
	onceIndex int   // opPutOnce: place in Result.Created
}

// Batch collects writes for one Apply. It keeps the slices it is given: leave them alone until Apply has returned.
// The zero value is an empty batch.
type Batch struct {
	ops   []op
	onces int
}

// PutOnce stores a record unless its key is taken; Result.Created tells. A record that lost changes nothing.
func (b *Batch) PutOnce(bk Bucket, key, meta, body []byte) {
	b.ops = append(b.ops, op{kind: opPutOnce, bucket: bk, key: key, meta: meta, body: body, onceIndex: b.onces})
	b.onces++
}

// Put stores a record in the place of whatever was there.
func (b *Batch) Put(bk Bucket, key, meta, body []byte) {
	b.ops = append(b.ops, op{kind: opPut, bucket: bk, key: key, meta: meta, body: body})
}

// Delete removes a record; one that is not there is no error.
func (b *Batch) Delete(bk Bucket, key []byte) {
	b.ops = append(b.ops, op{kind: opDelete, bucket: bk, key: key})
}

// Add adds n to the counter in Totals. [Counter] reads it.
func (b *Batch) Add(counter []byte, n int64) {
	if n != 0 {
		b.ops = append(b.ops, op{kind: opAdd, bucket: Totals, key: counter, n: n})
	}
}

// Empty reports whether there is nothing to write.
func (b *Batch) Empty() bool { return len(b.ops) == 0 }
