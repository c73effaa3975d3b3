package dataset

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"

	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/zstd"
)

// maxRow is how long one row may be, in bytes. It bounds memory, not what people have.
const maxRow = 64 << 20

// maxWindow is how far back a .zst file may refer, in bytes: what the zstd tool itself accepts unasked.
const maxWindow = 128 << 20

// decompressors open what lies inside a compressed stream, by the ending of the file's name.
var decompressors = map[string]func(io.Reader) (io.ReadCloser, error){
	"gz": func(r io.Reader) (io.ReadCloser, error) { return gzip.NewReader(r) },
	"zst": func(r io.Reader) (io.ReadCloser, error) {
		// One decoder at a time, without goroutines: there is nothing to wait for or to leak.
		d, err := zstd.NewReader(r, zstd.WithDecoderConcurrency(1), zstd.WithDecoderMaxWindow(maxWindow))
		if err != nil {
			return nil, err
		}
		return d.IOReadCloser(), nil
	},
}

// input is one file, open for a format.
type input struct {
	want
	file  content
	local bool          // a read costs nothing but itself; else each is a request
	inner io.ReadCloser // decompressed; nil: the file is plain
}

// newInput takes an open file, whose name says how it is compressed.
func newInput(f content, compression string) (in *input, err error) {
	in = &input{file: f}
	if compression == "" {
		return in, nil
	}
	if in.inner, err = decompressors[compression](bufio.NewReaderSize(f, 1<<18)); err != nil {
		f.Close()
		if errors.Is(err, io.EOF) {
			err = fmt.Errorf("the file is empty, not .%s", compression)
		}
		return nil, err
	}
	return in, nil
}

func (in *input) close() error {
	if in.inner == nil {
		return in.file.Close()
	}
	return errors.Join(in.inner.Close(), in.file.Close())
}

func (in *input) Read(p []byte) (int, error) {
	if in.inner != nil {
		return in.inner.Read(p)
	}
	return in.file.Read(p)
}

// text returns the content as text, without a byte order mark. UTF-16 is refused by name, for it would otherwise be a
// riddle in every row.
func (in *input) text(buffer int) (*bufio.Reader, error) {
	r := bufio.NewReaderSize(in, buffer)
	head, err := r.Peek(3)
	if err != nil && !errors.Is(err, io.EOF) {
		return nil, err
	}
	if bytes.HasPrefix(head, []byte{0xFF, 0xFE}) || bytes.HasPrefix(head, []byte{0xFE, 0xFF}) {
		return nil, errors.New("the file is UTF-16; save it as UTF-8")
	}
	if bytes.Equal(head, []byte("\uFEFF")) {
		_, err = r.Discard(len(head))
		return r, err
	}
	return r, nil
}

// random returns the content for reading at any place, and its size. A compressed file is unpacked into a temporary
// one first, which is unlinked at once.
func (in *input) random() (io.ReaderAt, int64, error) {
	if in.inner == nil {
		return in.file, in.file.Size(), nil
	}
	tmp, err := os.CreateTemp("", "openarena-*.parquet")
	if err != nil {
		return nil, 0, fmt.Errorf("unpacking: %w", err)
	}
	if err := os.Remove(tmp.Name()); err != nil {
		tmp.Close()
		return nil, 0, fmt.Errorf("unpacking: %w", err)
	}
	size, err := io.Copy(tmp, in.inner)
	if err != nil {
		tmp.Close()
		return nil, 0, fmt.Errorf("unpacking: %w", err)
	}
	err = errors.Join(in.inner.Close(), in.file.Close())
	in.file, in.inner, in.local = &localFile{tmp, size}, nil, true
	return tmp, size, err
}
