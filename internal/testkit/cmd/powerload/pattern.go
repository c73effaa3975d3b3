package main

import (
	"bytes"
	"encoding/binary"
	"fmt"

	"openarena/store"
)

const (
	databaseName = "arena.db"
	workers      = 4
	window       = 3  // votes of one worker that are there at a time
	largeEvery   = 10 // batches between two that replace a text of many pages
)

// What a worker has written after n batches follows from n alone. Each batch creates a record, replaces one, moves a
// window, counts, and now and then replaces a large text, so that pages become free and are used again.

func workerKey(w int) []byte { return fmt.Appendf(nil, "worker %d", w) }

func batchKey(w, i int) []byte {
	// Spread like hashes: every commit touches several pages.
	return fmt.Appendf(nil, "%08x %d %06d", uint32(i*workers+w)*2654435761, w, i)
}

func body(w, i int) []byte { return bytes.Repeat(batchKey(w, i), 1+(i*37+w)%200) }

func large(w, i int) []byte { return bytes.Repeat(batchKey(w, i), 1500+100*(i%7)) }

// batch is number i of a worker, counted from 0.
func batch(w, i int) *store.Batch {
	var b store.Batch
	b.PutOnce(store.Answers, batchKey(w, i), []byte("meta"), body(w, i))
	b.Put(store.Verdicts, workerKey(w), binary.BigEndian.AppendUint32(nil, uint32(i+1)), nil)
	b.Put(store.Votes, batchKey(w, i), nil, []byte("vote"))
	if i >= window {
		b.Delete(store.Votes, batchKey(w, i-window))
	}
	if i%largeEvery == 0 {
		b.Put(store.Prompts, workerKey(w), []byte("large"), large(w, i))
	}
	b.Add(workerKey(w), 1)
	return &b
}

// id is a record's bucket and key in one.
func id(bk store.Bucket, key []byte) string { return bk.String() + " " + string(key) }

// expected is all that must be there when each worker has written so many batches: records by id, nil for counters.
func expected(counts [workers]int) map[string]store.Record {
	all := map[string]store.Record{}
	put := func(bk store.Bucket, key, meta, body []byte) {
		all[id(bk, key)] = store.Record{Key: key, Meta: meta, Body: body}
	}
	for w, n := range counts {
		for i := range n {
			put(store.Answers, batchKey(w, i), []byte("meta"), body(w, i))
		}
		for i := max(0, n-window); i < n; i++ {
			put(store.Votes, batchKey(w, i), nil, []byte("vote"))
		}
		if n > 0 {
			last := (n - 1) / largeEvery * largeEvery
			put(store.Prompts, workerKey(w), []byte("large"), large(w, last))
			put(store.Verdicts, workerKey(w), binary.BigEndian.AppendUint32(nil, uint32(n)), nil)
			put(store.Totals, workerKey(w), binary.BigEndian.AppendUint64(nil, uint64(n)), nil)
		}
	}
	return all
}
