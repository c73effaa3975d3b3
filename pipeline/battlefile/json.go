package battlefile

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"unicode/utf8"
)

// jsonLines is one object a line. Empty lines are none.
var jsonLines = format{
	open:  func(*source) (parser, error) { return parseJSON, nil },
	whole: func(text []byte) int { return bytes.LastIndexByte(text, '\n') + 1 },
}

func parseJSON(b *block, want *fields) {
	for rest := b.text; len(rest) > 0; b.lines++ {
		end := bytes.IndexByte(rest, '\n') + 1
		if end == 0 {
			end = len(rest)
		}
		s := scanner{text: chomp(rest[:end]), block: b}
		rest = rest[end:]
		if s.space(); s.pos == len(s.text) {
			continue
		}
		err := b.readable(s.text)
		if err == nil {
			err = s.object()
		}
		if err == nil {
			err = b.read(&b.line, want)
		}
		if err != nil {
			b.refuse(b.lines+1, err)
		}
	}
}

// readable makes sure that a line is UTF-8.
func (b *block) readable(line []byte) error {
	if b.clean || utf8.Valid(line) {
		return nil
	}
	at := 0
	for {
		r, size := utf8.DecodeRune(line[at:])
		if r == utf8.RuneError && size <= 1 {
			return fmt.Errorf("not UTF-8 at byte %d (0x%02X); save the file as UTF-8", at+1, line[at])
		}
		at += size
	}
}

// scanner reads the flat object of one line, without memory of its own. What is unusual, escapes and values inside values, is
// left to encoding/json.
type scanner struct {
	text  []byte
	pos   int
	block *block
}

func (s *scanner) wrong(what string) error {
	if s.pos >= len(s.text) {
		return errors.New("not JSON: it ends in the middle")
	}
	return fmt.Errorf("not JSON: column %d: %s", s.pos+1, what)
}

func (s *scanner) space() {
	for s.pos < len(s.text) {
		switch s.text[s.pos] {
		case ' ', '\t', '\r', '\n':
			s.pos++
		default:
			return
		}
	}
}

// peek is the next byte that is no space; 0 at the end.
func (s *scanner) peek() byte {
	if s.space(); s.pos < len(s.text) {
		return s.text[s.pos]
	}
	return 0
}

// object reads the known fields into the block's line.
func (s *scanner) object() error {
	l := &s.block.line
	l.seen = 0
	if s.peek() != '{' {
		return s.wrong("an object is expected, as in " + `{"model_a": "x", "model_b": "y", "winner": "a"}`)
	}
	s.pos++
	if s.peek() == '}' {
		s.pos++
	} else if err := s.members(l); err != nil {
		return err
	}
	if s.peek() != 0 || s.pos < len(s.text) {
		return s.wrong("something follows the object")
	}
	return nil
}

func (s *scanner) members(l *line) error {
	for {
		if s.peek() != '"' {
			return s.wrong("a field name in quotes is expected")
		}
		name, err := s.string(true)
		if err != nil {
			return err
		}
		f := fieldOf(name)
		if s.peek() != ':' {
			return s.wrong(`":" is expected`)
		}
		s.pos++
		v, err := s.value(f != known)
		if err != nil {
			return err
		}
		if f != known && !l.put(f, v) {
			return fmt.Errorf("%v is there twice; leave one out", f)
		}
		switch s.peek() {
		case ',':
			s.pos++
		case '}':
			s.pos++
			return nil
		default:
			return s.wrong(`"," or "}" is expected`)
		}
	}
}

// value reads over a value, and decodes it if it is needed.
func (s *scanner) value(needed bool) (value, error) {
	switch c := s.peek(); {
	case c == '"':
		plain, err := s.string(needed)
		return value{plain, kindText}, err
	case c == '-' || c >= '0' && c <= '9':
		return s.number()
	case c == '{' || c == '[':
		return value{kind: kindOther}, s.nested()
	}
	for _, w := range [...]struct {
		text string
		kind kind
	}{{"null", kindMissing}, {"true", kindOther}, {"false", kindOther}} {
		if bytes.HasPrefix(s.text[s.pos:], []byte(w.text)) {
			s.pos += len(w.text)
			return value{kind: w.kind}, nil
		}
	}
	return value{}, s.wrong("a value is expected")
}

func (s *scanner) number() (value, error) {
	n := numberLen(s.text[s.pos:])
	if n == 0 {
		return value{}, s.wrong("not a number")
	}
	v := value{s.text[s.pos : s.pos+n], kindNumber}
	s.pos += n
	return v, nil
}

// string reads a text in quotes, which stands at pos.
func (s *scanner) string(needed bool) ([]byte, error) {
	from := s.pos + 1
	for i := from; i < len(s.text); i++ {
		switch c := s.text[i]; {
		case c == '"':
			s.pos = i + 1
			return s.text[from:i], nil
		case c == '\\':
			return s.escaped(i, needed)
		case c < ' ':
			s.pos = i
			return nil, s.wrong("a control character inside a text; write it as an escape")
		}
	}
	s.pos = len(s.text)
	return nil, s.wrong("")
}

// escaped reads a text in quotes that has its first backslash at i.
func (s *scanner) escaped(i int, needed bool) ([]byte, error) {
	from := s.pos
	for ; i < len(s.text) && s.text[i] != '"'; i++ {
		if s.text[i] == '\\' {
			i++
		}
	}
	if i >= len(s.text) {
		s.pos = len(s.text)
		return nil, s.wrong("")
	}
	quoted := s.text[from : i+1]
	s.pos = i + 1
	if !needed {
		if !json.Valid(quoted) {
			s.pos = from
			return nil, s.wrong("the text has an escape or a control character that JSON does not know")
		}
		return nil, nil
	}
	var plain string
	if err := json.Unmarshal(quoted, &plain); err != nil {
		s.pos = from
		return nil, s.wrong("the text has an escape or a control character that JSON does not know")
	}
	if replaced(quoted, plain) {
		s.pos = from
		return nil, s.wrong("the text holds half of a character, a lone surrogate")
	}
	at := len(s.block.scratch)
	s.block.scratch = append(s.block.scratch, plain...)
	return s.block.scratch[at:], nil
}

// replaced reports whether encoding/json put U+FFFD where half of a character was.
func replaced(quoted []byte, plain string) bool {
	return strings.ContainsRune(plain, utf8.RuneError) &&
		!bytes.ContainsRune(quoted, utf8.RuneError) && !bytes.Contains(bytes.ToLower(quoted), []byte(`\ufffd`))
}

// nested reads over a list or an object.
func (s *scanner) nested() error {
	from, depth := s.pos, 0
	for i := from; i < len(s.text); i++ {
		switch s.text[i] {
		case '{', '[':
			depth++
		case '}', ']':
			depth--
		case '"':
			for i++; i < len(s.text) && s.text[i] != '"'; i++ {
				if s.text[i] == '\\' {
					i++
				}
			}
		}
		if depth == 0 {
			if s.pos = i + 1; json.Valid(s.text[from:s.pos]) {
				return nil
			}
			s.pos = from
			return s.wrong("the list or object that begins here is not JSON")
		}
	}
	s.pos = len(s.text)
	return s.wrong("")
}

// numberLen is how long the number is that s begins with; 0 if there is none.
func numberLen(s []byte) int {
	i := 0
	if i < len(s) && s[i] == '-' {
		i++
	}
	from := i
	for i < len(s) && s[i] >= '0' && s[i] <= '9' {
		i++
	}
	if i == from || i > from+1 && s[from] == '0' {
		return 0
	}
	if i < len(s) && s[i] == '.' {
		from = i + 1
		for i++; i < len(s) && s[i] >= '0' && s[i] <= '9'; i++ {
		}
		if i == from {
			return 0
		}
	}
	if i < len(s) && (s[i] == 'e' || s[i] == 'E') {
		if i++; i < len(s) && (s[i] == '-' || s[i] == '+') {
			i++
		}
		from = i
		for ; i < len(s) && s[i] >= '0' && s[i] <= '9'; i++ {
		}
		if i == from {
			return 0
		}
	}
	return i
}
