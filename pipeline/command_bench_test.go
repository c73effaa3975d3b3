package pipeline

import (
	"bufio"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/goccy/go-json"

	"openarena/store"
)

// binary builds openarena.
func (w *world) binary() string {
	w.t.Helper()
	binary := filepath.Join(w.t.TempDir(), "openarena")
	if out, err := exec.CommandContext(w.t.Context(), "go", "build", "-buildvcs=false", "-o", binary, "openarena/cmd/openarena").CombinedOutput(); err != nil {
		w.t.Fatalf("go build: %v\n%s", err, out)
	}
	return binary
}

// program builds openarena and returns a function that runs it in the world's folder.
func (w *world) program() func(args ...string) time.Duration {
	w.t.Helper()
	binary := w.binary()
	return func(args ...string) time.Duration {
		w.t.Helper()
		cmd := exec.CommandContext(w.t.Context(), binary, args...)
		cmd.Dir = w.dir
		start := time.Now()
		if out, err := cmd.CombinedOutput(); err != nil {
			w.t.Fatalf("%v: %v\n%s", args, err, out)
		}
		return time.Since(start)
	}
}

// finished is a world with a filled database that nobody has open.
func finished(t testing.TB, yaml string, prompts int, answer func(Hash, int) string) *world {
	t.Helper()
	w := &world{t: t, dir: t.TempDir()}
	db, err := store.Open(t.Context(), filepath.Join(w.dir, "arena.db"), store.Options{})
	if err != nil {
		t.Fatal(err)
	}
	w.fill(db, yaml, prompts, answer)
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	return w
}

// BenchmarkCommands is how many seconds the built program takes on a million records ("s"), the median.
func BenchmarkCommands(b *testing.B) {
	openarena := finished(b, spanArena, 62_500, sameProse(0)).program()
	for _, command := range []string{"status", "rate"} {
		b.Run(command, func(b *testing.B) {
			var took durations
			for b.Loop() {
				took = append(took, openarena(command, "--json"))
			}
			b.ReportMetric(took.median().Seconds(), "s")
		})
	}
}

// durations are several measurements of the same. The median counts, since one that met a busy moment of the machine says
// nothing.
type durations []time.Duration

func (d durations) median() time.Duration {
	sorted := slices.Sorted(slices.Values(d))
	return sorted[len(sorted)/2]
}

// least is the measurement that the machine's other work disturbed least.
func (d durations) least() time.Duration { return slices.Min(d) }

// BenchmarkExport is how fast the built program writes `ranked` as jsonl, over how fast the same rows are encoded from
// memory by goccy/go-json into a file ("x/memory"). Both sync the file.
func BenchmarkExport(b *testing.B) {
	w := finished(b, spanArena, 20_000, sameProse(2000))
	openarena := w.program()
	path := filepath.Join(w.dir, "ranked.jsonl")
	export := func() time.Duration { return openarena("export", "--type", "ranked", "--format", "jsonl", "-o", path) }
	export() // once, so that the database is warm
	rows := readRanked(b, path)
	var whole, memory durations
	for b.Loop() {
		whole = append(whole, export())
		memory = append(memory, writeRanked(b, filepath.Join(w.dir, "memory.jsonl"), rows))
	}
	b.ReportMetric(memory.median().Seconds()/whole.median().Seconds(), "x/memory")
}

// writeRanked is what writing rows takes that are in memory, in the plainest way.
func writeRanked(b *testing.B, path string, rows []rankedRow) time.Duration {
	b.Helper()
	start := time.Now()
	f, err := os.Create(path)
	if err != nil {
		b.Fatal(err)
	}
	buffered := bufio.NewWriterSize(f, 1<<16)
	out := json.NewEncoder(buffered)
	for i := range rows {
		if err := out.EncodeWithOption(&rows[i], json.DisableHTMLEscape()); err != nil {
			b.Fatal(err)
		}
	}
	for _, finish := range []func() error{buffered.Flush, f.Sync, f.Close} {
		if err := finish(); err != nil {
			b.Fatal(err)
		}
	}
	return time.Since(start)
}

type rankedRow struct {
	Prompt string `json:"prompt"`
	Models []struct {
		Name     string  `json:"model_name"`
		Score    float64 `json:"avg_score"`
		Response string  `json:"response"`
	} `json:"ranked_models"`
}

func readRanked(b *testing.B, path string) (rows []rankedRow) {
	b.Helper()
	f, err := os.Open(path)
	if err != nil {
		b.Fatal(err)
	}
	defer f.Close()
	for in := bufio.NewReader(f); ; {
		line, err := in.ReadBytes('\n')
		if err == io.EOF {
			return rows
		}
		var row rankedRow
		if err == nil {
			err = json.Unmarshal(line, &row)
		}
		if err != nil {
			b.Fatal(err)
		}
		rows = append(rows, row)
	}
}
