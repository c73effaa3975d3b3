package battlefile

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"path"
	"path/filepath"
	"strings"

	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/zstd"
)

// maxWindow is how far back a .zst file may refer, in bytes: what the zstd tool itself accepts unasked.
const maxWindow = 128 << 20

// Open opens a file.
func Open(name string) (*File, error) {
	f, err := os.Open(name)
	if err != nil {
		var p *os.PathError
		if errors.As(err, &p) {
			err = p.Err
		}
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	info, err := f.Stat()
	if err != nil {
		f.Close()
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	if info.IsDir() {
		f.Close()
		return nil, fmt.Errorf("%s is a folder; name one file of battles", name)
	}
	return &File{name: name, in: f, close: f.Close, size: info.Size(), block: blockSize, most: maxLine}, nil
}

// New reads from in, which messages call by that name.
func New(name string, in io.Reader) *File {
	return &File{name: name, in: in, close: func() error { return nil }, block: blockSize, most: maxLine}
}

// format is a way to write battles.
type format struct {
	// open reads what comes before the first battle, and returns what reads a block.
	open func(*source) (parser, error)
	// whole is how much of a text is whole battles; 0: it ends in the first.
	whole func([]byte) int
}

// parser reads the lines of a block. Several blocks are read at a time.
type parser func(*block, *fields)

// endings say how a file is written; where the name has none of them its first letter does.
var endings = map[string]*format{".jsonl": &jsonLines, ".ndjson": &jsonLines, ".json": &jsonLines, ".csv": &commas}

// text opens what the file holds, unpacked and without a byte order mark, and tells how it is written.
func (f *File) text() (*source, *format, error) {
	r, packed, err := unpacked(f.in)
	if err != nil {
		return nil, nil, err
	}
	if packed {
		f.size = 0
	}
	head, err := r.Peek(3)
	if err != nil && !errors.Is(err, io.EOF) {
		return nil, nil, err
	}
	switch {
	case bytes.HasPrefix(head, []byte{0xFF, 0xFE}), bytes.HasPrefix(head, []byte{0xFE, 0xFF}):
		return nil, nil, errors.New("the file is UTF-16; save it as UTF-8")
	case bytes.Equal(head, []byte("\uFEFF")):
		if _, err := r.Discard(len(head)); err != nil {
			return nil, nil, err
		}
	}
	head, err = r.Peek(sniffed)
	if err != nil && !errors.Is(err, io.EOF) {
		return nil, nil, err
	}
	format, err := formatOf(f.name, head)
	return &source{r: r, size: f.block, most: f.most}, format, err
}

// sniffed is how far into a file is looked for its first letter.
const sniffed = 512

func formatOf(name string, head []byte) (*format, error) {
	lead := bytes.TrimLeft(head, " \t\r\n")
	if bytes.HasPrefix(lead, []byte("PAR1")) {
		return nil, errors.New("the file is parquet; write it as JSON Lines or CSV first")
	}
	base := strings.ToLower(path.Base(filepath.ToSlash(name)))
	base = strings.TrimSuffix(strings.TrimSuffix(base, ".gz"), ".zst")
	format := endings[path.Ext(base)]
	if format == nil {
		format = &commas
		if len(lead) == 0 || lead[0] == '{' || lead[0] == '[' {
			format = &jsonLines
		}
	}
	if format == &jsonLines && bytes.HasPrefix(lead, []byte("[")) {
		return nil, errors.New("the file is one list; put one battle on each line, as `jq -c '.[]'` does")
	}
	return format, nil
}

// unpacked looks at the first bytes rather than at a name: what comes out of a pipe has none.
func unpacked(in io.Reader) (r *bufio.Reader, packed bool, err error) {
	r = bufio.NewReader(in)
	head, err := r.Peek(4)
	if err != nil && !errors.Is(err, io.EOF) {
		return nil, false, err
	}
	switch {
	case bytes.HasPrefix(head, []byte{0x1F, 0x8B}):
		z, err := gzip.NewReader(r)
		if err != nil {
			return nil, true, fmt.Errorf("gzip: %w", err)
		}
		return bufio.NewReader(z), true, nil
	case bytes.HasPrefix(head, []byte{0x28, 0xB5, 0x2F, 0xFD}):
		// One decoder at a time, without goroutines: there is nothing to leak.
		z, err := zstd.NewReader(r, zstd.WithDecoderConcurrency(1), zstd.WithDecoderMaxWindow(maxWindow))
		if err != nil {
			return nil, true, fmt.Errorf("zstd: %w", err)
		}
		return bufio.NewReader(z), true, nil
	}
	return r, false, nil
}
