//go:build unix

package providers

import (
	"math"
	"syscall"
)

// openFiles is how many files this process may open; 0: no limit that matters.
func openFiles() int {
	var r syscall.Rlimit
	if syscall.Getrlimit(syscall.RLIMIT_NOFILE, &r) != nil || uint64(r.Cur) > math.MaxInt32 {
		return 0
	}
	return int(r.Cur)
}
