//go:build linux

// Package soak lets the real program run for long against a server with random faults, while readers come and go, and
// watches from outside what it holds: memory, file descriptors, threads. At the end SIGQUIT makes the Go runtime print
// every goroutine, so that these are counted without a door in the product.
package soak

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"time"

	"openarena/internal/testkit/process"
)

// Options say what runs and for how long.
type Options struct {
	Binary string // the openarena program
	Dir    string // holds arena.yaml and its files
	For    time.Duration
	Every  time.Duration // between two samples
	Logf   func(format string, args ...any)
}

// Sample is what the process held at one moment.
type Sample struct {
	At time.Duration // since the start
	process.Usage
}

// Report is what was seen of one run.
type Report struct {
	Samples    []Sample
	Goroutines int // when SIGQUIT came
	Readers    int // `status` commands that were answered meanwhile
}

// Run runs `openarena run` and ends it with SIGQUIT. A program that ends by itself had too little to do: an error.
func Run(ctx context.Context, o Options) (*Report, error) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	trace, err := os.Create(filepath.Join(o.Dir, "trace"))
	if err != nil {
		return nil, err
	}
	defer trace.Close()
	cmd := exec.CommandContext(ctx, o.Binary, "run", "--quiet")
	cmd.Dir, cmd.Stderr, cmd.Env = o.Dir, trace, append(os.Environ(), "GOTRACEBACK=all")
	if err := cmd.Start(); err != nil {
		return nil, err
	}
	ended := make(chan error, 1)
	go func() { ended <- cmd.Wait() }()

	r := &Report{}
	if err := r.watch(ctx, o, cmd.Process.Pid, ended); err != nil {
		said, _ := os.ReadFile(trace.Name()) // whatever can be read of it helps
		return r, fmt.Errorf("%w\n%s", err, said)
	}
	if err := cmd.Process.Signal(syscall.SIGQUIT); err != nil {
		return r, err
	}
	<-ended
	r.Goroutines, err = goroutines(trace)
	return r, err
}

// watch samples until the time is over. Every tenth sample a reader comes.
func (r *Report) watch(ctx context.Context, o Options, pid int, ended <-chan error) error {
	over := time.NewTimer(o.For)
	defer over.Stop()
	tick := time.NewTicker(o.Every)
	defer tick.Stop()
	for start := time.Now(); ; {
		select {
		case <-over.C:
			return nil
		case err := <-ended:
			return fmt.Errorf("the program ended by itself after %s: %v", time.Since(start).Round(time.Second), err)
		case <-ctx.Done():
			return ctx.Err()
		case <-tick.C:
		}
		held, err := process.Look(pid)
		if err != nil {
			return err
		}
		s := Sample{At: time.Since(start), Usage: held}
		r.Samples = append(r.Samples, s)
		if n := len(r.Samples); n%10 == 0 {
			if err := r.read(ctx, o); err != nil {
				return err
			}
			if n%600 == 0 {
				o.Logf("%s: %.1f MB, %d files, %d threads", s.At.Round(time.Second), float64(s.Anonymous)/1e6, s.Files, s.Threads)
			}
		}
	}
}

// read has another process ask for the status.
func (r *Report) read(ctx context.Context, o Options) error {
	cmd := exec.CommandContext(ctx, o.Binary, "status", "--json")
	cmd.Dir = o.Dir
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("openarena status: %w\n%s", err, out)
	}
	r.Readers++
	return nil
}

// goroutines counts them in the trace that SIGQUIT leaves. Each has its heading.
func goroutines(trace io.ReadSeeker) (int, error) {
	if _, err := trace.Seek(0, io.SeekStart); err != nil {
		return 0, err
	}
	text, err := io.ReadAll(trace)
	if err != nil {
		return 0, err
	}
	if !bytes.Contains(text, []byte("SIGQUIT")) {
		return 0, fmt.Errorf("no trace of goroutines on stderr: %.500s", text)
	}
	return bytes.Count(text, []byte("\ngoroutine ")), nil
}
