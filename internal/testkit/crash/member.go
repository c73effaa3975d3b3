//go:build unix

package crash

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"syscall"
	"time"
)

const exitBudget = 5

// member is a process at work on an arena with others.
type member struct {
	name  string
	cmd   *exec.Cmd
	log   string // path of what it said
	ended chan struct{}
	told  bool // to end
}

// hire starts one more worker, and waits until it has begun: one that finds no server at its start says so and ends.
func (f *fleet) hire(ctx context.Context) error {
	f.born++
	w, err := f.start(fmt.Sprintf("worker-%d", f.born), "worker", "--concurrency", fmt.Sprint(concurrency),
		"--slice", slice.String(), "--rescue", rescue.String(), "--store-timeout", patience.String())
	if err != nil {
		return err
	}
	f.workers = append(f.workers, w)
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	for !w.over() {
		if n, err := f.taken.held(ctx, w.cmd.Process.Pid); err == nil && n > 0 {
			return nil
		}
		if err := sleep(ctx, 50*time.Millisecond); err != nil {
			return fmt.Errorf("%s has not begun: %w\n%s", w.name, err, w.words())
		}
	}
	return nil // muster says what is to be said of its end
}

func (f *fleet) startRun() (err error) {
	f.born++
	f.run, err = f.start(fmt.Sprintf("run-%d", f.born), "run", "--quiet")
	return err
}

func (f *fleet) start(name string, args ...string) (*member, error) {
	m := &member{name: name, log: f.path(name + ".log"), ended: make(chan struct{})}
	log, err := os.Create(m.log)
	if err != nil {
		return nil, err
	}
	defer log.Close()
	m.cmd = exec.Command(f.loop.Binary, args...) // fleet.end ends it
	m.cmd.Dir, m.cmd.Stdout, m.cmd.Stderr = f.dir, log, log
	if args[0] == "worker" {
		// It has no file of its own: all it knows is where the arena is.
		m.cmd.Dir = f.path(name)
		if err := os.Mkdir(m.cmd.Dir, 0o700); err != nil {
			return nil, err
		}
	}
	m.cmd.Env = append(os.Environ(), "HOME="+m.cmd.Dir, "NO_COLOR=1", "OPENARENA_STORE="+f.stage.shape.url)
	if err := m.cmd.Start(); err != nil {
		return nil, err
	}
	go func() {
		defer close(m.ended)
		_ = m.cmd.Wait() // how it ended is in the state of the process
	}()
	return m, nil
}

func (m *member) over() bool {
	select {
	case <-m.ended:
		return true
	default:
		return false
	}
}

// code is the exit code of a member that has ended; -1 where a signal ended it.
func (m *member) code() int { return m.cmd.ProcessState.ExitCode() }

func (m *member) signal(s os.Signal) { _ = m.cmd.Process.Signal(s) } // it may have ended by itself

// kill ends a member with SIGKILL, stopped or not, and waits until it is gone.
func (m *member) kill() {
	m.told = true
	m.signal(syscall.SIGKILL)
	<-m.ended
}

// words are the end of what a member said.
func (m *member) words() string {
	b, err := os.ReadFile(m.log)
	if err != nil {
		return err.Error()
	}
	return string(tail(b))
}
