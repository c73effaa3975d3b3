package store

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
)

// Mark tells the states of a database apart without opening it: it is another one after every commit, and for another file in
// its place. What is read after Mark has returned is that state or a later one. Errors: ErrNoDatabase, a *DamagedError.
func Mark(path string) (string, error) {
	path, err := resolve(path)
	if errors.Is(err, fs.ErrNotExist) {
		return "", fmt.Errorf("%w: %w", ErrNoDatabase, err)
	}
	if err != nil {
		return "", err
	}
	f, err := os.OpenFile(path, forReading.flags, 0)
	if errors.Is(err, fs.ErrNotExist) {
		return "", fmt.Errorf("%w at %s; `openarena run` makes one", ErrNoDatabase, path)
	}
	if err != nil {
		return "", openError(path, forReading, err)
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return "", err
	}
	number, _ := inode(info)
	metas, err := readMetas(f)
	if err != nil {
		return "", &DamagedError{Path: path, What: "this is no database: " + err.Error(), Advice: "`openarena db check` looks closer"}
	}
	return fmt.Sprintf("%x-%x-%x", number, metas[0].txid, metas[0].root), nil
}
