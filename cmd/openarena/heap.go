package main

import (
	"os"
	"runtime"
	"runtime/debug"
	"runtime/metrics"
)

// roomy is by how much the heap may grow between two collections.
const roomy = 16 << 20

// collectLess lets a small heap grow by roomy before it is collected; without, one of 4 MB is collected after every 4 MB,
// and each time the stacks of all calls in flight are walked. A heap that is larger than that is collected as ever. Whoever
// sets GOGC has the last word.
func collectLess() {
	if os.Getenv("GOGC") != "" {
		return
	}
	read := []metrics.Sample{{Name: "/gc/heap/live:bytes"}, {Name: "/gc/scan/stack:bytes"}, {Name: "/gc/scan/globals:bytes"}}
	metrics.Read(read)
	live := uint64(1)
	for _, s := range read {
		if s.Value.Kind() == metrics.KindUint64 {
			live += s.Value.Uint64()
		}
	}
	debug.SetGCPercent(int(max(100, min(100*roomy/live, 400))))
	// What becomes of an object that nobody holds is learnt after the next collection.
	runtime.AddCleanup(new([64]byte), func(struct{}) { collectLess() }, struct{}{})
}
