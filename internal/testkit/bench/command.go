//go:build linux

package bench

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os/exec"
	"slices"
	"time"

	"openarena/internal/testkit/process"
)

// sampleEvery is how often the memory of a command is looked at.
const sampleEvery = 20 * time.Millisecond

// ran is a command that has ended.
type ran struct {
	start     time.Time
	wall, cpu time.Duration
	anonymous int64 // most RssAnon seen, bytes
	exit      int
	stdout    []byte
	stderr    []byte
}

// run runs openarena to its end. Exit codes other than those allowed are errors; 0 always is.
func (b *Bench) run(ctx context.Context, dir string, allowed []int, args ...string) (*ran, error) {
	return b.watch(ctx, exec.CommandContext(ctx, b.program, args...), dir, allowed, nil)
}

// watch runs a command to its end and looks at its memory meanwhile. meanwhile may be nil; it runs beside the command.
func (b *Bench) watch(ctx context.Context, cmd *exec.Cmd, dir string, allowed []int, meanwhile func(*exec.Cmd) error) (*ran, error) {
	var stdout, stderr bytes.Buffer
	cmd.Dir, cmd.Stdout, cmd.Stderr = dir, &stdout, &stderr
	r := &ran{start: time.Now()}
	if err := cmd.Start(); err != nil {
		return nil, err
	}
	beside := make(chan error, 1)
	if meanwhile != nil {
		go func() { beside <- meanwhile(cmd) }()
	} else {
		beside <- nil
	}
	over, looked := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(looked)
		r.look(cmd.Process.Pid, over)
	}()
	err := cmd.Wait()
	r.wall = time.Since(r.start)
	close(over)
	<-looked
	r.cpu = cmd.ProcessState.UserTime() + cmd.ProcessState.SystemTime()
	r.exit, r.stdout, r.stderr = cmd.ProcessState.ExitCode(), stdout.Bytes(), stderr.Bytes()
	var exit *exec.ExitError
	if errors.As(err, &exit) && slices.Contains(allowed, r.exit) {
		err = nil
	}
	if err != nil {
		return r, fmt.Errorf("%v: %w\n%s", cmd.Args, err, r.stderr)
	}
	return r, <-beside
}

func (r *ran) look(pid int, over <-chan struct{}) {
	tick := time.NewTicker(sampleEvery)
	defer tick.Stop()
	for {
		select {
		case <-over:
			return
		case <-tick.C:
		}
		if held, err := process.Look(pid); err == nil { // else it has just ended
			r.anonymous = max(r.anonymous, held.Anonymous)
		}
	}
}
