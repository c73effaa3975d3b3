//go:build unix

package main

import (
	"syscall"
	"testing"
	"time"

	"openarena/internal/testkit/fakellm"
)

// never is a latency that no test waits for.
const never = 24 * time.Hour

// TestPGWorkerKilled: what a worker held that was killed is taken over within seconds; only its calls in flight are repeated.
func TestPGWorkerKilled(t *testing.T) {
	t.Parallel()
	m := newMany(t, fakellm.Options{})
	silent := model(t, fakellm.Options{Latency: fakellm.Latency{Mean: never}})
	run, victim := m.joined(silent, "--rescue", "1s")
	victim.signal(syscall.SIGKILL)
	m.haste()
	run.exits(0)
	m.whole()
	if n := arrivals(m.llm); n != manyCalls {
		t.Errorf("the others made %d calls; want %d", n, manyCalls)
	}
	if n := arrivals(silent); n > 4 {
		t.Errorf("%d calls were in flight when the worker was killed; --concurrency says 4", n)
	}
}

// TestPGWorkerDrained: a worker that is told to end saves what is in flight and hands back the rest at once: its --rescue is
// longer than this test.
func TestPGWorkerDrained(t *testing.T) {
	for _, c := range []struct {
		name  string
		drain func(*many, *process)
		run   int
	}{
		{"SIGTERM", func(_ *many, w *process) { w.signal(syscall.SIGTERM) }, 0},
		{"SIGUSR1", func(_ *many, w *process) { w.signal(syscall.SIGUSR1) }, 0},
		{"ctl drain", func(m *many, _ *process) { m.start("ctl", "drain", "--db", m.url).exits(0) }, exitInterrupted},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			m := newMany(t, fakellm.Options{})
			own := model(t, fakellm.Options{Latency: fakellm.Latency{Mean: 300 * time.Millisecond}})
			run, w := m.joined(own, "--rescue", "1h")
			c.drain(m, w)
			m.haste()
			w.exits(0)
			run.exits(c.run)
			if c.run != 0 {
				m.worker("--exit-when-idle", "1m").exits(0)
			}
			m.whole()
			if n := arrivals(m.llm, own); n != manyCalls {
				t.Errorf("%d calls were made; want %d, since those in flight were saved", n, manyCalls)
			}
		})
	}
}
