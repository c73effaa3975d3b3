package crash

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"time"
)

// patience is what any one life may take; nothing here needs a tenth of it.
const patience = 2 * time.Minute

// life is one process from start to end.
type life struct {
	args   []string
	killed bool
	code   int // exit code of a life that ended by itself
	stdout []byte
	stderr []byte
}

// live starts the program and, where a plan is given, kills it at the planned moment.
func (a *arena) live(ctx context.Context, args []string, p *plan) (life, error) {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	l := life{args: args}
	var stdout, stderr bytes.Buffer
	cmd := exec.CommandContext(ctx, a.loop.Binary, args...)
	cmd.Dir, cmd.Stdout, cmd.Stderr = a.dir, &stdout, &stderr
	cmd.Env = append(os.Environ(), "HOME="+a.dir, "NO_COLOR=1")

	var moment <-chan struct{} // nil: never
	if p != nil {
		var disarm func()
		moment, disarm = p.arm(a)
		defer disarm()
	}
	if err := cmd.Start(); err != nil {
		return l, fmt.Errorf("start %s: %w", a.loop.Binary, err)
	}
	ended := make(chan error, 1)
	go func() { ended <- cmd.Wait() }()
	var err error
	select {
	case err = <-ended:
	case <-moment:
		l.killed = cmd.Process.Kill() == nil
		err = <-ended
	}
	l.stdout, l.stderr = stdout.Bytes(), stderr.Bytes()
	return l, l.conclude(ctx, err)
}

// conclude sorts out how a process ended.
func (l *life) conclude(ctx context.Context, err error) error {
	var exit *exec.ExitError
	switch {
	case ctx.Err() != nil:
		return fmt.Errorf("%s: not finished after %s; it hangs, or the machine is far too slow\n%s", l.name(), patience, tail(l.stderr))
	case err == nil:
		l.killed = false // it ended before the signal came
	case !errors.As(err, &exit):
		return fmt.Errorf("%s: %w", l.name(), err)
	case exit.ExitCode() >= 0:
		l.killed, l.code = false, exit.ExitCode()
	case !l.killed:
		return fmt.Errorf("%s: %w\n%s", l.name(), err, tail(l.stderr))
	}
	return nil
}

func (l *life) name() string { return "openarena " + strings.Join(l.args, " ") }

// tail is the end of a process's words, enough to see what went wrong.
func tail(b []byte) []byte { return b[max(0, len(b)-2000):] }

// read runs a command that only reads, undisturbed, and returns its stdout. Exit codes other than 0 are errors.
func (a *arena) read(ctx context.Context, args ...string) ([]byte, error) {
	l, err := a.live(ctx, args, nil)
	if err == nil && l.code != 0 {
		err = &codeError{l}
	}
	return l.stdout, err
}

// codeError is a life that ended with an exit code nobody wanted.
type codeError struct{ life life }

func (e *codeError) Error() string {
	return fmt.Sprintf("%s: exit code %d\n%s", e.life.name(), e.life.code, tail(e.life.stderr))
}
