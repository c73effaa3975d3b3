package dataset

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
)

var _ = register(openJSON, "json")

// jsonFile is a list of objects, or an object that holds one such list beside other things.
type jsonFile struct {
	in      *input
	limit   *limited
	dec     *json.Decoder
	json    jsonReader
	rows    int64
	inList  bool
	inside  bool   // the list is a field of an object
	listed  string // the field that held rows
	decided bool
}

// openJSON also takes the many .json files that hold one object a line.
func openJSON(in *input) (reader, error) {
	r, err := in.text(1 << 20)
	if err != nil {
		return nil, err
	}
	if holdsLines(r) {
		return &jsonl{in: in, lines: lines{r: r}, json: jsonReader{need: in.need}}, nil
	}
	l := &limited{r: r, left: maxRow}
	return &jsonFile{in: in, limit: l, dec: json.NewDecoder(l), json: jsonReader{need: in.need}}, nil
}

// holdsLines looks whether the first line is a whole object and another one follows.
func holdsLines(r *bufio.Reader) bool {
	head, _ := r.Peek(r.Size()) // an error comes again with the next read
	first, rest, found := bytes.Cut(bytes.TrimLeft(head, " \t\r\n"), []byte("\n"))
	if !found || !bytes.HasPrefix(bytes.TrimLeft(rest, " \t\r\n"), []byte("{")) {
		return false
	}
	_, err := new(jsonReader).object(first)
	return err == nil
}

func (j *jsonFile) at() int64    { return j.rows }
func (j *jsonFile) close() error { return j.in.close() }

func (j *jsonFile) next(want bool) (*Object, error) {
	for {
		if !j.inList {
			if err := j.findList(); err != nil {
				return nil, j.explain(err)
			}
		}
		if !j.dec.More() {
			if _, err := j.dec.Token(); err != nil {
				return nil, j.explain(err)
			}
			j.inList = false
			continue
		}
		j.limit.left = maxRow
		var raw json.RawMessage
		j.rows++
		if err := j.dec.Decode(&raw); err != nil {
			return nil, j.explain(err)
		}
		if !want {
			return nil, nil
		}
		return j.json.object(raw)
	}
}

// findList moves behind the opening bracket of the list of rows, or to the end of the file: io.EOF.
func (j *jsonFile) findList() error {
	if !j.decided {
		j.decided = true
		t, err := j.dec.Token()
		if errors.Is(err, io.EOF) {
			return io.EOF
		}
		if err != nil {
			return err
		}
		j.inList, j.inside = t == json.Delim('['), t == json.Delim('{')
		if j.inList {
			return nil
		}
		if !j.inside {
			return errors.New("a list of objects is expected")
		}
	}
	if j.inside {
		return j.searchFields()
	}
	if _, err := j.dec.Token(); err == nil {
		return errors.New("something follows the list of rows")
	} else if !errors.Is(err, io.EOF) {
		return err
	}
	return io.EOF
}

// searchFields goes through the fields of the outer object up to the next list that is not empty.
func (j *jsonFile) searchFields() error {
	for j.dec.More() {
		j.limit.left = maxRow
		name, err := j.dec.Token()
		if err != nil {
			return err
		}
		t, err := j.dec.Token()
		if err != nil {
			return err
		}
		switch {
		case t == json.Delim('['):
			if !j.dec.More() {
				_, err = j.dec.Token()
				break
			}
			if j.listed != "" {
				return fmt.Errorf("the object holds two lists, %s and %s; which one are the rows?", j.listed, show(name.(string)))
			}
			j.listed, j.inList = show(name.(string)), true
			return nil
		case t == json.Delim('{'):
			err = j.skipObject()
		}
		if err != nil {
			return err
		}
	}
	if _, err := j.dec.Token(); err != nil {
		return err
	}
	if j.inside = false; j.listed == "" {
		return errors.New("the object holds no list of rows")
	}
	return j.findList()
}

// skipObject reads over the rest of an object whose bracket has been read.
func (j *jsonFile) skipObject() error {
	for depth := 1; depth > 0; {
		j.limit.left = maxRow
		t, err := j.dec.Token()
		if err != nil {
			return err
		}
		switch t {
		case json.Delim('{'), json.Delim('['):
			depth++
		case json.Delim('}'), json.Delim(']'):
			depth--
		}
	}
	return nil
}

// explain says where a broken file breaks. Nothing after that place can be read.
func (j *jsonFile) explain(err error) error {
	var syntax *json.SyntaxError
	switch {
	case err == io.EOF && j.decided && !j.inList && !j.inside:
		return io.EOF
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
		return fmt.Errorf("row %d: the file ends in the middle", max(j.rows, 1))
	case errors.As(err, &syntax):
		return fmt.Errorf("row %d: not JSON: %w", max(j.rows, 1), err)
	}
	return err
}

// limited ends a value that is longer than maxRow, whatever the decoder would buffer.
type limited struct {
	r    io.Reader
	left int
}

func (l *limited) Read(p []byte) (int, error) {
	if l.left <= 0 {
		return 0, errors.New("a row is longer than 64 MiB")
	}
	n, err := l.r.Read(p)
	l.left -= n
	return n, err
}
