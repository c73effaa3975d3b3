package fuzz

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"
)

// ErrCrasher: an input was found that fails. It lies in the package's testdata/fuzz.
var ErrCrasher = errors.New("an input was found that fails")

// Options are for Run.
type Options struct {
	Each  time.Duration // how long a target is run
	Cache string        // folder for inputs that reach other code, for the next run to begin with; "": they are thrown away
}

// Run fuzzes one target after the other, and ends at the first that fails. Every package is built once.
func Run(ctx context.Context, out io.Writer, root string, targets []Target, o Options) error {
	if len(targets) == 0 {
		return errors.New("there is no fuzz target: the search looks in the wrong place")
	}
	work, err := os.MkdirTemp("", "openarena-fuzz-*")
	if err != nil {
		return err
	}
	defer os.RemoveAll(work)
	if root, err = filepath.Abs(root); err != nil {
		return err
	}
	if o.Cache == "" {
		o.Cache = filepath.Join(work, "cache")
	}
	if o.Cache, err = filepath.Abs(o.Cache); err != nil {
		return err
	}
	r := runner{Options: o, out: out, root: root, work: work}
	for _, t := range targets {
		if err := r.run(ctx, t); err != nil {
			return err
		}
	}
	return nil
}

type runner struct {
	Options
	out        io.Writer
	root, work string
	folder     string // whose test binary was built last
}

func (r *runner) binary() string { return filepath.Join(r.work, "fuzz.test.exe") }

func (r *runner) build(ctx context.Context, folder string) error {
	if r.folder == folder {
		return nil
	}
	c := exec.CommandContext(ctx, "go", "test", "-c", "-fuzz=.", "-vet=off", "-o", r.binary(), "./"+folder)
	c.Dir = r.root
	if out, err := c.CombinedOutput(); err != nil {
		return fmt.Errorf("build the tests of %s: %w\n%s", folder, err, out)
	}
	r.folder = folder
	return nil
}

// run fuzzes one target.
func (r *runner) run(ctx context.Context, t Target) error {
	if err := r.build(ctx, t.Folder); err != nil {
		return err
	}
	started := time.Now()
	for tries := 1; ; tries++ {
		c := exec.CommandContext(ctx, r.binary(), "-test.run=^$", "-test.fuzz=^"+t.Name+"$", "-test.fuzztime="+r.Each.String(),
			"-test.fuzzminimizetime=5s", "-test.fuzzcachedir="+filepath.Join(r.Cache, filepath.FromSlash(t.Folder)))
		c.Dir = filepath.Join(r.root, filepath.FromSlash(t.Folder))
		text, err := c.CombinedOutput()
		switch {
		case err == nil:
			fmt.Fprintf(r.out, "%-24s %-20s %s, %.0f s\n", t.Folder, t.Name, executions(text), time.Since(started).Seconds())
			return nil
		case ctx.Err() != nil:
			return ctx.Err()
		case tries < 4 && tookTooLong(text):
			continue
		}
		fmt.Fprintf(r.out, "%s %s\n%s\n", t.Folder, t.Name, text)
		return r.explain(t, text)
	}
}

// tookTooLong reports a fault of Go's fuzzer, not of what it fuzzes: on a loaded machine a worker may miss the end.
func tookTooLong(text []byte) bool {
	return bytes.Contains(text, []byte("context deadline exceeded")) && !bytes.Contains(text, []byte("Failing input"))
}

func (r *runner) explain(t Target, text []byte) error {
	if !bytes.Contains(text, []byte("Failing input written to")) {
		return fmt.Errorf("%s in ./%s fails", t.Name, t.Folder)
	}
	return fmt.Errorf("%w: it lies in %s. Commit it with the change that mends it; `go test ./%s -run '^%s$'` runs it from now on",
		ErrCrasher, filepath.Join(t.Folder, "testdata", "fuzz", t.Name), t.Folder, t.Name)
}

// executions is what the last progress line says about how often the target ran.
func executions(text []byte) string {
	_, last, ok := strings.Cut(string(text[max(bytes.LastIndex(text, []byte("execs: ")), 0):]), "execs: ")
	if !ok {
		return "not run once"
	}
	n, _, _ := strings.Cut(last, " ")
	return n + " runs"
}
