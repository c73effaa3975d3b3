package main

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// TestBadConfigurations has the program check each bad file of configs: it exits with 2 and says all that is wrong, in the
// words of the golden file beside it, each with its line and column.
func TestBadConfigurations(t *testing.T) {
	t.Parallel()
	dir := filepath.Join("..", "..", "configs", "testdata", "bad")
	paths, err := filepath.Glob(filepath.Join(dir, "*.yaml"))
	if err != nil || len(paths) < 60 {
		t.Fatalf("%d bad files (%v); want at least 60", len(paths), err)
	}
	var places atomic.Int64
	t.Run("files", func(t *testing.T) {
		for _, path := range paths {
			name := filepath.Base(path)
			t.Run(strings.TrimSuffix(name, ".yaml"), func(t *testing.T) {
				t.Parallel()
				want, err := os.ReadFile(strings.TrimSuffix(path, ".yaml") + ".txt")
				if err != nil {
					t.Fatal(err)
				}
				if diff := cmp.Diff("openarena: "+string(want), validateBad(t, dir, name)); diff != "" {
					t.Errorf("validate %s: -want +got:\n%s", name, diff)
				}
				found := regexp.MustCompile(`(?m)^`+regexp.QuoteMeta(name)+`:[1-9]\d*:[1-9]\d*: .`).FindAll(want, -1)
				if len(found) == 0 {
					t.Errorf("no problem of %s has a place", name)
				}
				places.Add(int64(len(found)))
			})
		}
	})
	t.Attr("figure", fmt.Sprintf("files: %d, problems with line and column: %d", len(paths), places.Load()))
}

// validateBad is what the program says of a file on stderr. It sees only the variables that the golden files were made with.
func validateBad(t *testing.T, dir, name string) string {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), "openarena", "validate", "-c", name)
	var stdout, stderr bytes.Buffer
	cmd.Dir, cmd.Stdout, cmd.Stderr = dir, &stdout, &stderr
	cmd.Env = []string{
		"PATH=" + os.Getenv("PATH"), "GORACE=atexit_sleep_ms=0", "OPENAI_API_KEY=sk-CANARY-openai-0123456789",
		"GPU_KEY=CANARY-gpu-0123456789", "CONCURRENCY=8", "EMPTY=",
	}
	var exit *exec.ExitError
	if err := cmd.Run(); !errors.As(err, &exit) || exit.ExitCode() != exitUsage || stdout.Len() > 0 {
		t.Fatalf("validate %s ended with %v and %q on stdout; want exit code %d and nothing\n%s", name, err, &stdout, exitUsage, &stderr)
	}
	return stderr.String()
}
