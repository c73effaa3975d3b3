package providers

import (
	"bufio"
	"bytes"
	"errors"
	"io"
)

// maxStream is the most that is read of a stream. A piece of a word costs a few hundred bytes there, which are not kept.
const maxStream = 16 * maxBody

// eventFunc takes one event, which is valid until it returns; false: the rest need not be read.
type eventFunc func(event []byte) (more bool, err error)

// unreadable is an event that is none of the protocol's.
type unreadable struct {
	err     error
	excerpt string
}

func (u *unreadable) Error() string { return u.err.Error() + ": " + quote(u.excerpt) }

// framing is how events are told apart in a body of this type; nil: it is not one of events.
func framing(contentType string) func(io.Reader, eventFunc) error {
	switch mediaType(contentType) {
	case "text/event-stream":
		return serverSent
	case "application/x-ndjson":
		return jsonLines
	}
	return nil
}

// serverSent reads server-sent events: the data of each, comments and other fields left out.
// Source: https://html.spec.whatwg.org/multipage/server-sent-events.html
func serverSent(from io.Reader, each eventFunc) error {
	var data []byte
	pending := false
	return lines(from, func(line []byte) (bool, error) {
		if len(line) == 0 {
			if !pending {
				return true, nil
			}
			event := data
			data, pending = data[:0], false
			return each(event)
		}
		name, value, _ := bytes.Cut(line, []byte(":"))
		value = bytes.TrimPrefix(value, []byte(" "))
		switch string(name) {
		case "data":
			if pending {
				data = append(data, '\n')
			}
			data, pending = append(data, value...), true
		case "error": // llama.cpp until 2025: a field of its own in place of data
			data, pending = append(append(append(data[:0], `{"error":`...), value...), '}'), true
		}
		return true, nil
	})
}

// jsonLines reads one event a line.
func jsonLines(from io.Reader, each eventFunc) error {
	return lines(from, func(line []byte) (bool, error) {
		if line = bytes.TrimSpace(line); len(line) == 0 {
			return true, nil
		}
		return each(line)
	})
}

// lines reads line by line, without their ends. What comes after the last one is not given: it is cut off.
func lines(from io.Reader, each func([]byte) (bool, error)) error {
	r := bufio.NewReader(io.LimitReader(from, maxStream+1))
	total := 0
	var long []byte
	for {
		piece, err := r.ReadSlice('\n')
		if total += len(piece); total > maxStream || len(long)+len(piece) > maxBody {
			return errTooLarge
		}
		if errors.Is(err, bufio.ErrBufferFull) {
			long = append(long, piece...)
			continue
		}
		if err != nil {
			if errors.Is(err, io.EOF) {
				return nil
			}
			return err
		}
		line := piece
		if len(long) > 0 {
			line = append(long, piece...)
			long = line[:0]
		}
		more, err := each(bytes.TrimRight(line, "\r\n"))
		if err != nil || !more {
			return err
		}
	}
}
