package ollama

import (
	"os"
	"syscall"
)

func group() *syscall.SysProcAttr { return nil }

func kill(p *os.Process) { _ = p.Kill() }
