package pipeline

import (
	"bytes"
	"context"
	"encoding/binary"

	"openarena/store"
)

// retire moves records to Retired, under their bucket, key and a number that counts the times.
type retire struct {
	bulk
	n int // answers or verdicts
}

// retiredKey is where the times are counted that a record was taken back.
func retiredKey(bk store.Bucket, key []byte) []byte { return append([]byte{byte(bk)}, key...) }

// retiredTimes is how often a record was taken back.
func retiredTimes(ctx context.Context, r store.Reader, bk store.Bucket, key []byte) (times uint32, err error) {
	for _, err := range r.Scan(ctx, store.Retired, store.Prefix(retiredKey(bk, key)), store.KeyOnly) {
		if err != nil {
			return times, err
		}
		times++
	}
	return times, nil
}

// take retires a record. The caller spills.
func (t *retire) take(ctx context.Context, bk store.Bucket, rec store.Record) error {
	key := bytes.Clone(rec.Key)
	times, err := retiredTimes(ctx, t.store, bk, key)
	if err != nil {
		return err
	}
	t.putOnce(store.Retired, binary.BigEndian.AppendUint32(retiredKey(bk, key), times), bytes.Clone(rec.Meta), bytes.Clone(rec.Body))
	t.delete(bk, key)
	return nil
}
