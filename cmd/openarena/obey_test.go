package main

import (
	"sync"
	"testing"

	"openarena/pipeline"
)

// A run that is asked by several at once, as `status --watch`, a scrape of the metrics and `ctl` do, is there for all of them.
func TestSeveralAskOneRun(t *testing.T) {
	w := &work{}
	if _, err := w.carryOut(pipeline.Directive{Do: pipeline.DoPause}); err != errTooEarly {
		t.Errorf("before there is a run: %v; want %v", err, errTooEarly)
	}
	w.running.Store(new(pipeline.Runner))
	var all sync.WaitGroup
	for range 8 {
		all.Go(func() {
			for range 1000 {
				if _, err := w.carryOut(pipeline.Directive{Do: pipeline.DoPause}); err != nil {
					t.Errorf("carryOut = %v", err)
					return
				}
			}
		})
	}
	all.Wait()
}
