//go:build unix

package export

import (
	"os"
	"syscall"
)

// claim locks a file for as long as it is open. It fails at once where another process has claimed it.
func claim(f *os.File) error {
	return syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB)
}

// publish gives a claimed file its name and closes it. The claim ends last.
func publish(f *os.File, path string) error {
	if err := os.Rename(f.Name(), path); err != nil {
		return err
	}
	return f.Close()
}

// syncDir has the names of a folder on the disk, so that a rename survives a power cut.
func syncDir(dir string) error {
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	if err := d.Sync(); err != nil {
		d.Close()
		return err
	}
	return d.Close()
}
