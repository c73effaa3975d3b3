package store

import (
	"fmt"
	"runtime/debug"
)

// guarded runs f, which touches the memory map. A page that cannot be read is a fault or a panic of bbolt there; either
// becomes a *DamagedError. It holds for the calling goroutine only.
func guarded(path string, f func() error) (err error) {
	defer debug.SetPanicOnFault(debug.SetPanicOnFault(true))
	defer func() {
		if p := recover(); p != nil {
			err = &DamagedError{Path: path, What: fmt.Sprintf("a page of it cannot be read (%v)", p), Advice: adviceRepair}
		}
	}()
	return f()
}
