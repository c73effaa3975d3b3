//go:build linux

// Package process looks at running processes from outside, through /proc.
package process

import (
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
)

// Usage is what a process holds at one moment.
type Usage struct {
	Anonymous int64 // RssAnon in bytes: memory that is no mapped file, so that a database's pages do not count
	Files     int   // open file descriptors
	Threads   int
}

// Look returns what the process with this ID holds. Once it has ended that is an error.
func Look(pid int) (Usage, error) {
	proc := filepath.Join("/proc", strconv.Itoa(pid))
	status, err := os.ReadFile(filepath.Join(proc, "status"))
	if err != nil {
		return Usage{}, err
	}
	anonymous, err1 := field(status, "RssAnon:")
	threads, err2 := field(status, "Threads:")
	files, err3 := os.ReadDir(filepath.Join(proc, "fd"))
	for _, err := range []error{err1, err2, err3} {
		if err != nil {
			return Usage{}, err
		}
	}
	return Usage{Anonymous: anonymous << 10, Files: len(files), Threads: int(threads)}, nil
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
