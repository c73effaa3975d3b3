//go:build unix

package crash

import (
	"context"
	"fmt"
	"syscall"
	"time"
)

// trouble is something that happens to machines.
type trouble struct {
	name string
	do   func(*fleet, context.Context) error
}

var (
	killServer  = trouble{"SIGKILL of the server, back after 2 s", (*fleet).killServer}
	killWorker  = trouble{"SIGKILL of a worker", (*fleet).killWorker}
	killRun     = trouble{"SIGKILL of the run that publishes", (*fleet).killRun}
	stallWorker = trouble{"SIGSTOP of a worker for longer than its rescue", (*fleet).stallWorker}
	drainWorker = trouble{"SIGTERM or SIGUSR1 of a worker", (*fleet).drainWorker}
	addWorker   = trouble{"one more worker", (*fleet).addWorker}
)

func (f *fleet) killServer(ctx context.Context) error {
	f.loop.report.kill("server", "SIGKILL of all its processes")
	if err := f.db.KillNow(); err != nil {
		return err
	}
	if err := sleep(ctx, 2*time.Second); err != nil {
		return err
	}
	return f.db.StartAgain()
}

func (f *fleet) killWorker(ctx context.Context) error {
	w := f.pick()
	if w.over() {
		return nil
	}
	f.loop.report.kill("worker", "SIGKILL")
	f.voids++
	w.kill()
	f.taken.watch(ctx, w.cmd.Process.Pid)
	return nil
}

func (f *fleet) killRun(context.Context) error {
	if f.run.over() {
		return nil
	}
	f.loop.report.kill("run", "SIGKILL")
	f.voids++
	f.run.kill()
	return f.startRun()
}

// stallWorker stops a worker until others have taken over what it had, and lets it go on.
func (f *fleet) stallWorker(ctx context.Context) error {
	w := f.pick()
	f.stalls++
	w.signal(syscall.SIGSTOP)
	defer w.signal(syscall.SIGCONT)
	return sleep(ctx, 2*rescue+time.Duration(f.loop.dice.Int64N(int64(rescue))))
}

// drainWorker asks a worker to end, which it must do by itself, with nothing lost.
func (f *fleet) drainWorker(ctx context.Context) error {
	w := f.pick()
	if w.over() {
		return nil
	}
	w.told = true
	w.signal([]syscall.Signal{syscall.SIGTERM, syscall.SIGUSR1}[f.loop.dice.IntN(2)])
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	select {
	case <-w.ended:
	case <-ctx.Done():
		return fmt.Errorf("%s has not ended\n%s", w.name, w.words())
	}
	if code := w.code(); code != 0 && code != exitInterrupted && !(f.kind.budget && code == exitBudget) {
		return fmt.Errorf("%s was told to end, and did with exit code %d\n%s", w.name, code, w.words())
	}
	return nil
}

func (f *fleet) addWorker(ctx context.Context) error { return f.hire(ctx) }

func (f *fleet) pick() *member { return f.workers[f.loop.dice.IntN(len(f.workers))] }
