package battlefile

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"slices"
)

const (
	blockSize = 256 << 10
	maxLine   = 16 << 20 // how long one battle may be, in bytes. It bounds memory, not what people have
)

// source is a text that is read in blocks of whole battles.
type source struct {
	r    io.Reader
	rest []byte // read, and not yet given
	line int64  // lines that open has taken
	size int    // of a block, in bytes
	most int    // bytes of a battle
	err  error  // what ends the text
}

// fill reads the next block of whole battles into text. At the end of the text it returns what is left, which may be nothing,
// and io.EOF. text is valid until the next call that is given it.
func (s *source) fill(text []byte, whole func([]byte) int) ([]byte, error) {
	text = append(text[:0], s.rest...)
	s.rest = s.rest[:0]
	for size := s.size; ; size = min(2*len(text), s.most+1) {
		if text, s.err = s.read(text, size); s.err != nil {
			return text, s.err
		}
		if n := whole(text); n > 0 {
			s.rest = append(s.rest, text[n:]...)
			return text[:n], nil
		}
		if len(text) > s.most {
			return nil, errLong
		}
	}
}

// read reads until text has that size.
func (s *source) read(text []byte, size int) ([]byte, error) {
	if s.err != nil {
		return text, s.err
	}
	if size > cap(text) {
		text = slices.Grow(text, size-len(text))
	}
	for len(text) < size {
		n, err := s.r.Read(text[len(text):size])
		text = text[:len(text)+n]
		if err != nil {
			return text, err
		}
	}
	return text, nil
}

var errLong = fmt.Errorf("the line is longer than %d MiB, or opens a quote that is never closed; what follows was not read", maxLine>>20)

// cause is an error that a reader returned in place of text, in words.
func cause(err error) error {
	if errors.Is(err, io.ErrUnexpectedEOF) {
		return errors.New("the file ends in the middle of what is packed; it was not copied to its end")
	}
	return err
}

// first takes the first row, and empty lines before it. At the end of the text it may be empty.
func (s *source) first(row func([]byte) int) ([]byte, error) {
	for size := s.size; ; size = min(2*len(s.rest), s.most+1) {
		if s.rest, s.err = s.read(s.rest, size); s.err != nil && !errors.Is(s.err, io.EOF) {
			return nil, s.err
		}
		n := row(s.rest)
		for n > 0 && len(chomp(s.rest[:n])) == 0 {
			s.rest = s.rest[n:]
			s.line++
			n = row(s.rest)
		}
		if n == 0 && s.err != nil {
			n = len(s.rest)
		}
		if n > 0 || s.err != nil {
			var first []byte
			first, s.rest = s.rest[:n:n], s.rest[n:]
			s.line += int64(bytes.Count(first, []byte{'\n'}))
			return first, nil
		}
		if len(s.rest) > s.most {
			return nil, errLong
		}
	}
}
