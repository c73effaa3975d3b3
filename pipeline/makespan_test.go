package pipeline

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"openarena/internal/testkit/fakellm"
)

// The arena of the makespan: 300 prompts × 4 models, 6 pairs × 2 orders, 64 slots of 200 ms.
const (
	spanPrompts = 300
	spanSlots   = 64
	spanCalls   = spanPrompts*4 + spanPrompts*6*2
)

const spanArena = `default_endpoint: {url: URL, concurrency: 64}
models: [{name: A, model_id: a}, {name: B, model_id: b}, {name: C, model_id: c}, {name: D, model_id: d}]
judges: [{name: Judge, model_id: judge}]
datasets: [{path: prompts.jsonl}]
`

// lowerBound is what the calls of the makespan take if every slot is busy from the first moment to the last.
func lowerBound(latency time.Duration) time.Duration {
	return time.Duration(float64(spanCalls) / spanSlots * float64(latency))
}

// TestMakespan runs in virtual time, in which only the models and the disk are slow, so that its outcome is the
// scheduling alone.
func TestMakespan(t *testing.T) {
	for _, test := range []struct {
		name   string
		commit time.Duration
	}{
		{"a disk that syncs in 5 ms", 5 * time.Millisecond},
		{"a disk that syncs in 30 ms", 30 * time.Millisecond},
	} {
		t.Run(test.name, func(t *testing.T) {
			const latency = 200 * time.Millisecond
			w := &world{t: t, dir: t.TempDir()}
			w.write("prompts.jsonl", promptLines(0, spanPrompts))
			a, db := w.arena(spanArena), newOutside(t, w.open(), test.commit)
			mustSync(t, a, db)
			s := &scripted{hook: func(context.Context, string, int) { time.Sleep(latency) }}
			var took time.Duration
			synctest.Test(t, func(t *testing.T) {
				start := time.Now()
				r, err := newRunner(t.Context(), a, db, both, s.connect)
				if err != nil {
					t.Fatal(err)
				}
				if _, err := r.Run(t.Context(), t.Context()); err != nil {
					t.Fatal(err)
				}
				took = time.Since(start)
			})
			if got := s.calls(""); got != spanCalls {
				t.Errorf("%d calls were made; want %d", got, spanCalls)
			}
			if ratio := took.Seconds() / lowerBound(latency).Seconds(); ratio > 1.15 {
				t.Errorf("the run took %v, %.3f times the lower bound; want at most 1.15", took, ratio)
			} else {
				t.Logf("%v, %.3f times the lower bound", took, ratio)
			}
		})
	}
}

// BenchmarkRun is the same in real time, over HTTP; compare its ratio to the lower bound, not its time.
func BenchmarkRun(b *testing.B) {
	for _, test := range []struct {
		slots   int
		latency time.Duration
	}{{64, 200 * time.Millisecond}, {256, 20 * time.Millisecond}} {
		b.Run(fmt.Sprintf("slots=%d/latency=%v", test.slots, test.latency), func(b *testing.B) {
			for b.Loop() {
				b.StopTimer()
				w := newWorld(b, fakellm.Options{Latency: fakellm.Latency{Mean: test.latency}}, spanPrompts)
				a := w.arena(strings.Replace(spanArena, "concurrency: 64", fmt.Sprintf("concurrency: %d", test.slots), 1))
				db := w.open()
				mustSync(b, a, db)
				b.StartTimer()
				start := time.Now()
				run(b, a, db, both)
				took := time.Since(start)
				bound := float64(spanCalls) / float64(test.slots) * test.latency.Seconds()
				b.ReportMetric(took.Seconds()/bound, "times-bound")
				b.ReportMetric(spanCalls/took.Seconds(), "calls/s")
			}
		})
	}
}
