package dataset

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"os"

	"openarena/configs"
	"openarena/internal/hub"
)

// From says where datasets are looked for.
type From struct {
	Dir string      // where relative paths start; "": the current folder, with no configuration
	Hub *hub.Client // nil: sets on the Hub cannot be read
	Pin Pin         // of a set on the Hub that was resolved before; the zero value: what its revision is now
}

// Pin is what a revision of a set on the Hub was when it was resolved.
type Pin struct {
	Of     string `json:"of"`     // ORG/NAME@REVISION, as the settings have them
	Commit string `json:"commit"` // 40 hexadecimal digits
	Digest string `json:"digest"` // of the files that were chosen; "" where another part of the set was
}

// PinOf is what a Pin of a dataset is of; "" of local files.
func PinOf(d configs.Dataset) string {
	if !d.OnHub() {
		return ""
	}
	at, err := addressOf(d)
	if err != nil {
		return ""
	}
	return at.ID + "@" + at.Revision
}

// place is where the files of a dataset lie.
type place interface {
	// open opens a file; most bounds how much of it will be read.
	open(ctx context.Context, name string, most span) (content, error)
	// stat is cheap: while size and stamp stay, the file has not changed.
	stat(name string) (size int64, stamp []byte, err error)
	// digest identifies the content.
	digest(ctx context.Context, name string) (size int64, sum []byte, err error)
}

// span is how much of a file is wanted.
type span int

const (
	beginning span = iota // an unknown part, from the beginning on
	everything
)

// content is an open file.
type content interface {
	io.Reader
	io.ReaderAt
	io.Closer
	Size() int64
}

// folder is the files below a folder of this machine.
type folder string

var _ place = folder("")

func (dir folder) open(_ context.Context, name string, _ span) (content, error) {
	f, err := os.Open(under(string(dir), name))
	if err != nil {
		return nil, err
	}
	info, err := f.Stat()
	if err != nil {
		f.Close()
		return nil, err
	}
	return &localFile{f, info.Size()}, nil
}

func (dir folder) stat(name string) (int64, []byte, error) {
	info, err := os.Stat(under(string(dir), name))
	if err != nil {
		return 0, nil, err
	}
	return info.Size(), binary.BigEndian.AppendUint64(nil, uint64(info.ModTime().UnixNano())), nil
}

func (dir folder) digest(ctx context.Context, name string) (int64, []byte, error) {
	return digest(ctx, under(string(dir), name))
}

// localFile is a file with the size that it had when it was opened.
type localFile struct {
	*os.File
	size int64
}

func (f *localFile) Size() int64 { return f.size }

// shelf is the files of a set on the Hub, at one commit.
type shelf struct {
	hub *hub.Client
	set *hub.Set
}

var _ place = shelf{}

// open loads what is wanted whole into the cache, so that a run that was killed goes on there. Parquet is read in parts,
// of which few are wanted. Without a cache a file is read as it comes.
func (s shelf) open(ctx context.Context, name string, most span) (content, error) {
	if most == everything && !inParts(name) {
		if err := s.hub.Fetch(ctx, s.set, name); err != nil && !errors.Is(err, hub.ErrCache) {
			return nil, err
		}
	}
	return s.hub.Open(ctx, s.set, name)
}

func (s shelf) stat(name string) (int64, []byte, error) {
	f, ok := s.set.Find(name)
	if !ok {
		return 0, nil, fmt.Errorf("the set %s has no such file", s.set.ID)
	}
	return f.Size, []byte(f.Hash), nil
}

func (s shelf) digest(_ context.Context, name string) (int64, []byte, error) { return s.stat(name) }
