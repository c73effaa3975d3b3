package dataset

import (
	"bufio"
	"bytes"
	"errors"
	"io"
)

// errLongLine: a line is longer than maxRow; the next one can be read.
const errLongLine = badRow("the line is longer than 64 MiB")

// lines reads a text line by line, in memory for the longest line alone.
type lines struct {
	r   *bufio.Reader
	buf []byte
	n   int64 // lines read so far
}

// next returns a line with its end, or io.EOF. The slice is valid until the next call.
func (l *lines) next() ([]byte, error) {
	line, err := l.r.ReadSlice('\n')
	if err == nil {
		l.n++
		return line, nil
	}
	l.buf = l.buf[:0]
	long := false
	for errors.Is(err, bufio.ErrBufferFull) {
		if long = long || len(l.buf)+len(line) > maxRow; !long {
			l.buf = append(l.buf, line...)
		}
		line, err = l.r.ReadSlice('\n')
	}
	if err != nil && !errors.Is(err, io.EOF) {
		return nil, err
	}
	if long = long || len(l.buf)+len(line) > maxRow; long {
		l.n++
		return nil, errLongLine
	}
	if l.buf = append(l.buf, line...); len(l.buf) == 0 {
		return nil, io.EOF
	}
	l.n++
	return l.buf, nil
}

// filled is next without the lines that hold only space.
func (l *lines) filled() ([]byte, error) {
	for {
		line, err := l.next()
		if err != nil || len(bytes.TrimSpace(line)) > 0 {
			return line, err
		}
	}
}

// chomp is line without its end, LF or CRLF.
func chomp(line []byte) []byte {
	if n := len(line); n > 0 && line[n-1] == '\n' {
		line = line[:n-1]
		if n > 1 && line[n-2] == '\r' {
			line = line[:n-2]
		}
	}
	return line
}
