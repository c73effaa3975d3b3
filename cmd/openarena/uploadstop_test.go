package main

import (
	"bytes"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"openarena/internal/testkit/fakehub"
)

// TestInterruptedUpload: Ctrl-C ends an upload at once, in the middle of a request that would never be answered, and says how
// to go on; the same command does.
func TestInterruptedUpload(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("processes cannot be sent an interrupt there")
	}
	f := bareFolder(t)
	if err := os.Mkdir(filepath.Join(f.dir, "set"), 0o700); err != nil {
		t.Fatal(err)
	}
	f.write("set/a.parquet", "PAR1 not really PAR1")
	h := uploadHub(t, f)
	program, over := make(chan *os.Process, 1), make(chan struct{})
	h.Inject(fakehub.Fault{Host: "cdn", Times: 1, Cut: true, Hook: func() {
		p := <-program
		_ = p.Signal(os.Interrupt) // it runs: it waits for this answer
		<-over
	}})
	var stderr bytes.Buffer
	cmd := exec.CommandContext(t.Context(), "openarena", "upload", "acme/set", "--folder", "set")
	cmd.Dir, cmd.Env, cmd.Stderr = f.dir, f.environ(), &stderr
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	program <- cmd.Process
	var exit *exec.ExitError
	err := cmd.Wait()
	close(over)
	if !errors.As(err, &exit) || exit.ExitCode() != exitInterrupted {
		t.Fatalf("it ended with %v; want exit 130\n%s", err, &stderr)
	}
	if said := stderr.String(); !strings.Contains(said, "Go on with: openarena upload acme/set --folder set") || strings.Contains(said, "context canceled") {
		t.Errorf("it said %q; want the command that goes on", said)
	}
	if n := len(h.Commits("acme/set", "main")); n != 1 {
		t.Errorf("%d commits; want only that of the new dataset", n)
	}
	h.Heal()
	f.openarena("upload", "acme/set", "--folder", "set")
	if h.Files("acme/set", "main")["a.parquet"] == nil {
		t.Error("the same command did not go on")
	}
}
