//go:build unix

package pgtest

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"
)

// servant is the user that a server runs as: PostgreSQL refuses the superuser. nil: as we do.
func servant() (*syscall.Credential, error) {
	if os.Geteuid() != 0 {
		return nil, nil
	}
	for _, name := range []string{"postgres", "nobody"} {
		u, err := user.Lookup(name)
		if err != nil {
			continue
		}
		uid, err1 := strconv.ParseUint(u.Uid, 10, 32)
		gid, err2 := strconv.ParseUint(u.Gid, 10, 32)
		return &syscall.Credential{Uid: uint32(uid), Gid: uint32(gid)}, errors.Join(err1, err2)
	}
	return nil, errors.New("PostgreSQL refuses to be run by the superuser, and there is neither a user postgres nor nobody")
}

// giveAway hands files to the user that the server runs as.
func (s *Server) giveAway(names ...string) error {
	who, err := servant()
	if who == nil || err != nil {
		return err
	}
	for _, name := range names {
		if err := os.Chown(name, int(who.Uid), int(who.Gid)); err != nil {
			return err
		}
	}
	return nil
}

// command prepares a program of the server: as its user, and in a session of its own, so that a signal from the terminal does
// not end it before the test does.
func (s *Server) command(program string, args ...string) *exec.Cmd {
	c := exec.Command(program, args...)
	c.Dir = s.dir
	c.Env = []string{"PATH=" + os.Getenv("PATH"), "LC_ALL=C", "TZ=UTC"}
	who, _ := servant() // giveAway has told the error
	c.SysProcAttr = &syscall.SysProcAttr{Credential: who, Setsid: true}
	return c
}

// guarding stops the server of a folder and removes it, as soon as nobody holds the other end of its standard input.
const guarding = `trap '' INT TERM HUP
cat >/dev/null
if read -r pid <"$1/data/postmaster.pid"; then
	kill -QUIT "$pid"; kill -CONT "$pid"
	for i in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20; do
		[ -e "$1/data/postmaster.pid" ] || break
		sleep 0.1
	done
fi 2>/dev/null
rm -rf "$1"`

// guard starts the watchdog.
func (s *Server) guard() error {
	read, write, err := os.Pipe()
	if err != nil {
		return err
	}
	defer read.Close()
	s.ended = exec.Command("sh", "-c", guarding, "sh", s.dir)
	s.ended.Dir = "/"
	s.ended.Stdin = read
	s.ended.SysProcAttr = &syscall.SysProcAttr{Setsid: true}
	if err := s.ended.Start(); err != nil {
		return errors.Join(err, write.Close())
	}
	s.watchdog = write
	return nil
}

// gone reports whether the server's first process has ended.
func (s *Server) gone() bool {
	var status syscall.WaitStatus
	pid, err := syscall.Wait4(s.process.Process.Pid, &status, syscall.WNOHANG, nil)
	if pid == 0 && err == nil {
		return false
	}
	s.process = nil
	return true
}

// KillNow is Kill outside of a test.
func (s *Server) KillNow() error {
	if s.process == nil {
		return nil
	}
	postmaster := s.process.Process.Pid
	// Stopped, it starts no others while they are counted.
	_ = syscall.Kill(postmaster, syscall.SIGSTOP)
	for _, child := range children(postmaster) {
		_ = syscall.Kill(child, syscall.SIGKILL) // it may have ended by itself
	}
	_ = syscall.Kill(postmaster, syscall.SIGKILL)
	err := s.process.Wait()
	s.process = nil
	if exit := (*exec.ExitError)(nil); err != nil && !errors.As(err, &exit) && !errors.Is(err, syscall.ECHILD) {
		return fmt.Errorf("the killed PostgreSQL: %w", err)
	}
	return nil
}

// children lists the processes that a process has started. Where there is no /proc there are none: they end by themselves
// when they notice that the first is gone.
func children(parent int) (pids []int) {
	all, _ := filepath.Glob("/proc/[0-9]*") // the pattern is a good one
	for _, dir := range all {
		pid, err := strconv.Atoi(filepath.Base(dir))
		if err != nil {
			continue
		}
		if fields := stat(pid); len(fields) > 1 && fields[1] == strconv.Itoa(parent) {
			pids = append(pids, pid)
		}
	}
	return pids
}

// stat is what /proc says of a process, from its state on; nothing if it has ended.
func stat(pid int) []string {
	b, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		return nil
	}
	// The name in parentheses before it may hold anything.
	return strings.Fields(string(b[bytes.LastIndexByte(b, ')')+1:]))
}

// Spent is the CPU that the server has used since its start, those of its processes that have ended included. It takes a /proc.
func (s *Server) Spent() time.Duration {
	const tick = 10 * time.Millisecond // of all Linux that there is
	postmaster := s.process.Process.Pid
	var ticks int64
	add := func(fields []string, from, to int) {
		for i := from; i < to && i < len(fields); i++ {
			n, _ := strconv.ParseInt(fields[i], 10, 64) // the kernel writes numbers
			ticks += n
		}
	}
	add(stat(postmaster), 11, 15) // user, system, and those of children that were waited for
	for _, child := range children(postmaster) {
		add(stat(child), 11, 13)
	}
	return time.Duration(ticks) * tick
}

// Freeze stops all processes of the server where they are: it is there, and says nothing. Thaw has them go on.
func (s *Server) Freeze(t testing.TB) {
	t.Helper()
	s.own(t)
	s.signal(syscall.SIGSTOP)
}

// Thaw ends Freeze.
func (s *Server) Thaw(t testing.TB) {
	t.Helper()
	s.signal(syscall.SIGCONT)
}

func (s *Server) signal(which syscall.Signal) {
	if s.process == nil {
		return
	}
	postmaster := s.process.Process.Pid
	_ = syscall.Kill(postmaster, which) // first: it starts no others then
	for _, child := range children(postmaster) {
		_ = syscall.Kill(child, which) // it may have ended by itself
	}
}

// Standby makes the server one that replays what another sends and only reads: there is none that sends.
func (s *Server) Standby(t testing.TB) {
	t.Helper()
	s.Kill(t)
	signal := filepath.Join(s.data(), "standby.signal")
	if err := os.WriteFile(signal, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := s.giveAway(signal); err != nil {
		t.Fatal(err)
	}
	s.Restart(t)
}
