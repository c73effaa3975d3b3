package telemetry

import (
	"path/filepath"
	"testing"
	"time"

	"openarena/pipeline"
)

// BenchmarkCalled is what a call costs whoever is told of it.
func BenchmarkCalled(b *testing.B) {
	l, err := OpenLog(b.Context(), filepath.Join(b.TempDir(), "run.log"))
	if err != nil {
		b.Fatal(err)
	}
	m := NewMetrics("v1", "abc", func() (p pipeline.Progress, ok bool) { return p, false })
	c := anyCall()
	b.Run("log", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			l.Called(c)
		}
	})
	b.Run("metrics", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			m.Called(c)
		}
	})
	_ = l.Close(time.Minute) // lines are missing: here they came as fast as they can
}
