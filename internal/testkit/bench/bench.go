//go:build linux

// Package bench measures the real program against the fake model server, each a process of its own, and the Go benchmarks
// of the packages, and puts all of it into one table of ratios. A row is measured in one go, so that both sides of a ratio
// see the same machine; a figure that misses its target is printed like any other.
package bench

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
)

// Bench is where rows are measured.
type Bench struct {
	Quick bool   // small sizes: the figures mean little, the rows are tried
	Root  string // of the module
	Logf  func(format string, args ...any)

	dir                      string // scratch
	program, server, nothing string // binaries; nothing is the bare client
}

// New builds the programs into a scratch folder, which Close removes.
func New(ctx context.Context, root string, logf func(string, ...any)) (*Bench, error) {
	dir, err := os.MkdirTemp("", "openarena-bench-*")
	if err != nil {
		return nil, err
	}
	b := &Bench{Root: root, Logf: logf, dir: dir}
	for _, p := range []struct {
		binary *string
		pkg    string
	}{{&b.program, "./cmd/openarena"}, {&b.server, "./internal/testkit/cmd/fakellm"}, {&b.nothing, "./internal/testkit/cmd/bareclient"}} {
		*p.binary = filepath.Join(dir, filepath.Base(p.pkg))
		cmd := exec.CommandContext(ctx, "go", "build", "-trimpath", "-buildvcs=false", "-o", *p.binary, p.pkg)
		cmd.Dir, cmd.Env = root, append(os.Environ(), "CGO_ENABLED=0")
		if out, err := cmd.CombinedOutput(); err != nil {
			return b, fmt.Errorf("go build %s: %w\n%s", p.pkg, err, out)
		}
	}
	return b, nil
}

// Close removes what was built and measured.
func (b *Bench) Close() error { return os.RemoveAll(b.dir) }

// folder is a new empty folder.
func (b *Bench) folder() (string, error) { return os.MkdirTemp(b.dir, "arena-*") }
