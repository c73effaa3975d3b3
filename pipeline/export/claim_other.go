//go:build !unix

package export

import "os"

// claim needs to do nothing: here a file that a process has open cannot be removed by another one.
func claim(*os.File) error { return nil }

// publish closes a file, which must come first here, and gives it its name.
func publish(f *os.File, path string) error {
	if err := f.Close(); err != nil {
		return err
	}
	return os.Rename(f.Name(), path)
}

// syncDir does nothing: here a folder cannot be synced.
func syncDir(string) error { return nil }
