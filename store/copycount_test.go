package store_test

import (
	"encoding/binary"
	"errors"
	"testing"

	"openarena/store"
)

// TestCopyAddsOnce kills a copy before and after each of its commits, and makes it once more: the sums of its counters tell whether any
// was added twice.
func TestCopyAddsOnce(t *testing.T) {
	t.Parallel()
	from, to := opened(t), opened(t)
	const counters = 2000
	var b store.Batch
	for i := range counters {
		b.Add(binary.BigEndian.AppendUint32(nil, uint32(i)), int64(i+1))
	}
	if _, err := from.Apply(t.Context(), &b); err != nil {
		t.Fatal(err)
	}
	died := 0
	for {
		_, err := store.Copy(t.Context(), from, &dying{Store: to, left: 1 + died/2, after: died%2 == 1}, nil)
		if err == nil {
			break
		}
		if died++; !errors.Is(err, errDied) || died > 100 {
			t.Fatalf("Copy that was killed %d times = %v; want that it goes on", died, err)
		}
	}
	if died < 2 {
		t.Errorf("the copy was killed %d times; want several commits to be interrupted", died)
	}
	alike(t, from, to)
}
