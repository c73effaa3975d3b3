//go:build linux

package soak

import (
	"bufio"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"openarena/internal/testkit/fakellm"
	"openarena/internal/testkit/process"
)

const slots = 64

// faults are of every kind that the fake server knows.
var faults = fakellm.Faults{TooMany: 0.01, RetryAfter: 100 * time.Millisecond, Internal: 0.01, Cut: 0.005, Malformed: 0.005, BadVerdict: 0.02}

// TestSoak runs for OPENARENA_SOAK, ten seconds if unset, and once more for a tenth of it: what a run holds may depend on
// the calls in flight, not on how long it has been running.
func TestSoak(t *testing.T) {
	length := 10 * time.Second
	if s := os.Getenv("OPENARENA_SOAK"); s != "" {
		var err error
		if length, err = time.ParseDuration(s); err != nil || length < time.Second {
			t.Fatalf("OPENARENA_SOAK=%s; want a duration such as 1h", s)
		}
	}
	binary := filepath.Join(t.TempDir(), "openarena")
	if out, err := exec.CommandContext(t.Context(), "go", "build", "-buildvcs=false", "-o", binary, "openarena/cmd/openarena").CombinedOutput(); err != nil {
		t.Fatalf("go build: %v\n%s", err, out)
	}
	brief, early, late := soak(t, binary, length/10)
	t.Logf("%d samples over %s: %+v at first, %+v at last, %d goroutines", len(brief.Samples), length/10, early, late, brief.Goroutines)
	long, early, late := soak(t, binary, length)
	t.Logf("%d samples over %s: %+v at first, %+v at last, %d goroutines, %d readers", len(long.Samples), length, early, late, long.Goroutines, long.Readers)
	t.Attr("figure", fmt.Sprintf("%s: RssAnon %.1f → %.1f MB, %d → %d files, %d → %d threads; %d goroutines at the end, %d after a tenth; %d readers",
		length, float64(early.Anonymous)/1e6, float64(late.Anonymous)/1e6, early.Files, late.Files, early.Threads, late.Threads,
		long.Goroutines, brief.Goroutines, long.Readers))

	if grown := late.Anonymous - early.Anonymous; grown > early.Anonymous/10+8<<20 {
		t.Errorf("memory grew by %d MB from %d MB", grown>>20, early.Anonymous>>20)
	}
	if late.Files > early.Files+slots {
		t.Errorf("open files grew from %d to %d", early.Files, late.Files)
	}
	// The numbers of connections and of commits on their way differ from moment to moment; both are bounded by the slots.
	if long.Goroutines > brief.Goroutines+2*slots {
		t.Errorf("%d goroutines after %s, %d after a tenth of it", long.Goroutines, length, brief.Goroutines)
	}
	if late.Threads > early.Threads+8 {
		t.Errorf("threads grew from %d to %d", early.Threads, late.Threads)
	}
}

// soak runs an arena that lasts longer than it is watched.
func soak(t *testing.T, binary string, length time.Duration) (r *Report, early, late process.Usage) {
	t.Helper()
	server := fakellm.New(fakellm.Options{
		Seed: 5, AnswerBytes: 600, Latency: fakellm.Latency{Mean: 200 * time.Millisecond, Sigma: 0.8}, Faults: faults,
	})
	if err := server.Start("127.0.0.1:0"); err != nil {
		t.Fatal(err)
	}
	defer server.Close()
	dir := t.TempDir()
	writeArena(t, dir, server.URL(), prompts(length))
	r, err := Run(t.Context(), Options{Binary: binary, Dir: dir, For: length, Every: min(time.Second, length/50), Logf: t.Logf})
	if err != nil {
		t.Fatal(err)
	}
	check := exec.CommandContext(t.Context(), binary, "db", "check")
	check.Dir = dir
	if out, err := check.CombinedOutput(); err != nil {
		t.Errorf("openarena db check after the soak: %v\n%s", err, out)
	}
	early, late = r.Levels()
	return r, early, late
}

// prompts is more than the slots can work off in a time, at four calls a prompt.
func prompts(length time.Duration) int { return 1000 + int(length.Seconds())*slots*5/4*2 }

func writeArena(t *testing.T, dir, url string, prompts int) {
	t.Helper()
	config := fmt.Sprintf(`default_endpoint: {url: %s, concurrency: %d}
models: [{name: A, model_id: a}, {name: B, model_id: b}]
judges: [{name: Judge, model_id: judge}]
datasets: [{path: prompts.jsonl}]
`, url, slots)
	if err := os.WriteFile(filepath.Join(dir, "arena.yaml"), []byte(config), 0o600); err != nil {
		t.Fatal(err)
	}
	f, err := os.Create(filepath.Join(dir, "prompts.jsonl"))
	if err != nil {
		t.Fatal(err)
	}
	w := bufio.NewWriter(f)
	for i := range prompts {
		fmt.Fprintf(w, "{\"prompt\": \"Question %d: how much is %d and %d?\"}\n", i, i%97, i%89)
	}
	if err := w.Flush(); err != nil {
		t.Fatal(err)
	}
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
}
