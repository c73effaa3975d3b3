package hub

import (
	"bytes"
	"fmt"
	"io"
	"os"
	"path"
	"strings"
	"sync/atomic"
)

// File is a file to be put on the Hub, made by [Local] or [Bytes]. It is read more than once, and parts of it at the same time.
type File struct {
	Path string // in the repository, with slashes
	Size int64
	Open func() (Source, error)

	sums *sums
}

// sums are the digests of a file that were made already.
type sums struct{ sha256, blob string }

// Source is the content of a file.
type Source interface {
	io.ReaderAt
	io.Closer
}

// Local is a file of this machine under a path of the repository. Opening it fails once it is not any more what it was
// now: what is sent must be what was hashed.
func Local(at, name string) (File, error) {
	was, err := os.Stat(name)
	if err != nil {
		return File{}, err
	}
	if !was.Mode().IsRegular() {
		return File{}, fmt.Errorf("%s is no regular file, and cannot be uploaded", name)
	}
	return File{Path: at, Size: was.Size(), sums: &sums{}, Open: func() (Source, error) {
		f, err := os.Open(name)
		if err != nil {
			return nil, err
		}
		if is, err := f.Stat(); err != nil || is.Size() != was.Size() || !is.ModTime().Equal(was.ModTime()) {
			f.Close()
			return nil, fmt.Errorf("%s changed while it was being uploaded; nothing was committed: upload it again", name)
		}
		return f, nil
	}}, nil
}

// Bytes is a file in memory.
func Bytes(at string, content []byte) File {
	return File{Path: at, Size: int64(len(content)), sums: &sums{}, Open: func() (Source, error) { return memory{bytes.NewReader(content)}, nil }}
}

type memory struct{ *bytes.Reader }

func (memory) Close() error { return nil }

// check refuses paths that the Hub would, or that mean another place.
func (f File) check() error {
	if f.Path == "" || path.IsAbs(f.Path) || path.Clean(f.Path) != f.Path || f.Path == ".." || strings.HasPrefix(f.Path, "../") ||
		f.Path == ".git" || strings.HasPrefix(f.Path, ".git/") || strings.Contains(f.Path, `\`) {
		return fmt.Errorf("%q is no path of a file in a dataset", f.Path)
	}
	return nil
}

// section is a part of a file as the body of a call, which may be sent more than once; told hears of bytes as they go, and
// takes back those of a body that has to be sent again.
func (f File) section(from, size int64, told func(int64)) func() (io.ReadCloser, error) {
	var last *sent
	return func() (io.ReadCloser, error) {
		if last != nil {
			last.over.Store(true)
			told(-last.n.Load())
		}
		s, err := f.Open()
		if err != nil {
			return nil, err
		}
		last = &sent{Reader: io.NewSectionReader(s, from, size), Closer: s, told: told, path: f.Path}
		return last, nil
	}
}

// sent is a body that is counted.
type sent struct {
	io.Reader
	io.Closer
	told func(int64)
	path string
	n    atomic.Int64
	over atomic.Bool // another body has taken its place
}

func (s *sent) Read(p []byte) (int, error) {
	n, err := s.Reader.Read(p)
	if !s.over.Load() {
		s.n.Add(int64(n))
		s.told(int64(n))
	}
	if err != nil && err != io.EOF {
		err = unreadable(s.path, err)
	}
	return n, err
}

// unreadable is the error of what was to be sent and cannot be read.
func unreadable(what string, err error) error {
	return &Error{What: what + " cannot be sent", cause: err, local: true}
}
