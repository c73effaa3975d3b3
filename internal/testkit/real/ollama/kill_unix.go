//go:build unix

package ollama

import (
	"os"
	"syscall"
)

// group has a process lead one of its own, so that what it starts ends with it.
func group() *syscall.SysProcAttr { return &syscall.SysProcAttr{Setpgid: true} }

func kill(p *os.Process) { _ = syscall.Kill(-p.Pid, syscall.SIGKILL) }
