package pipeline

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"openarena/internal/testkit/pgtest"
)

// BenchmarkCommandsPG is how many milliseconds the built program takes on a million answers and verdicts in PostgreSQL ("ms"), the
// median: copied there from a file, then looked at by a run, which finds nothing to do and leaves what all runs leave.
func BenchmarkCommandsPG(b *testing.B) {
	url := pgtest.Start(b).URL(b)
	w := finished(b, spanArena, 62_500, sameProse(0))
	openarena := w.program()
	openarena("store", "copy", "--from", filepath.Join(w.dir, "arena.db"), "--to", url)
	file := strings.ReplaceAll(spanArena, "URL", "http://127.0.0.1:1/v1") + fmt.Sprintf("store: {url: %q}\n", url)
	if err := os.WriteFile(filepath.Join(w.dir, "fleet.yaml"), []byte(file), 0o600); err != nil {
		b.Fatal(err)
	}
	b.Logf("a run that finds all done takes %s", openarena("run", "-c", "fleet.yaml", "--quiet"))
	for _, command := range []string{"status", "rate"} {
		b.Run(command, func(b *testing.B) {
			var took durations
			for b.Loop() {
				took = append(took, openarena(command, "-c", "fleet.yaml", "--json"))
			}
			b.ReportMetric(float64(took.median().Microseconds())/1000, "ms")
		})
	}
}
