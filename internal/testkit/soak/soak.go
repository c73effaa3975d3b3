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
	"strconv"
	"strings"
	"syscall"
	"time"
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
	At        time.Duration // since the start
	Anonymous int64         // RssAnon, bytes: memory that is no mapped file
	Files     int           // open file descriptors
	Threads   int
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
		s, err := look(pid)
		if err != nil {
			return err
		}
		s.At = time.Since(start)
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

// look takes one sample of a process.
func look(pid int) (Sample, error) {
	proc := filepath.Join("/proc", strconv.Itoa(pid))
	status, err := os.ReadFile(filepath.Join(proc, "status"))
	if err != nil {
		return Sample{}, err
	}
	anonymous, err1 := field(status, "RssAnon:")
	threads, err2 := field(status, "Threads:")
	files, err3 := os.ReadDir(filepath.Join(proc, "fd"))
	for _, err := range []error{err1, err2, err3} {
		if err != nil {
			return Sample{}, err
		}
	}
	return Sample{Anonymous: anonymous << 10, Files: len(files), Threads: int(threads)}, nil
}

// field is the number behind a name in /proc/PID/status.
func field(status []byte, name string) (int64, error) {
	for line := range strings.Lines(string(status)) {
		if rest, ok := strings.CutPrefix(line, name); ok {
			return strconv.ParseInt(strings.Fields(rest)[0], 10, 64)
		}
	}
	return 0, fmt.Errorf("no %s in /proc/PID/status", name)
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
