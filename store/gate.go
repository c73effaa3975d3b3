package store

import (
	"context"
	"errors"
	"os"
	"syscall"
	"time"
)

// Readers of the file share its lock, and a process that wants to write has to find a moment without any of them. Where pages
// are read all the time there may be none, so whoever waits to write shuts a gate: a lock on a file beside the database, which
// readers look at before they begin. What a crash leaves of it is nobody's lock, and no obstacle.

const readersWait = 30 * time.Second // how long who wants to write waits for those who read

func gatePath(path string) string { return path + ".gate" }

// gate is shut while it exists.
type gate struct{ file *os.File }

// shutGate keeps new readers out. Where that cannot be, or another process has done it, it waits like everybody else.
func shutGate(path string) *gate {
	f, err := os.OpenFile(gatePath(path), os.O_RDWR|os.O_CREATE|dontWait, 0o600)
	if err != nil {
		return nil
	}
	if lockFile(f, true) != nil {
		f.Close()
		return nil
	}
	return &gate{f}
}

func (g *gate) open() {
	if g != nil {
		os.Remove(g.file.Name())
		g.file.Close()
	}
}

// gateShut reports whether a process waits to write.
func gateShut(path string) bool {
	f, err := os.OpenFile(gatePath(path), forReading.flags, 0)
	if err != nil {
		return false
	}
	defer f.Close()
	return errors.Is(lockFile(f, false), syscall.EWOULDBLOCK)
}

// Awaited reports whether a process waits for readers of a database to end, so that it can write. Whoever reads for long
// looks now and then, and begins again through that process.
func Awaited(path string) bool {
	path, err := resolve(path)
	return err == nil && gateShut(path)
}

// onlyRead reports whether nobody but readers has a file that could not be locked to write.
func onlyRead(path string) bool {
	f, err := tryLock(path, access{forWriting.flags, false})
	if err != nil {
		return false
	}
	f.Close()
	return true
}

// lockToWrite opens and locks a file for whoever writes: it waits so long for another who does, and longer for readers.
// waiting is told once that it does that.
func lockToWrite(ctx context.Context, path string, wait time.Duration, waiting func(*LockedError)) (*os.File, error) {
	f, err := tryLock(path, forWriting)
	if err == nil || !errors.Is(err, syscall.EWOULDBLOCK) {
		return f, err
	}
	g := shutGate(path)
	defer g.open()
	for began := time.Now(); ; {
		f, err := openLocked(ctx, path, forWriting, max(0, wait))
		var locked *LockedError
		if !errors.As(err, &locked) || !onlyRead(path) || time.Since(began) > readersWait {
			return f, err
		}
		if waiting != nil {
			waiting(locked)
			waiting = nil
		}
	}
}
