package dataset

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strconv"
	"unicode/utf16"
	"unicode/utf8"
)

// maxDepth is how deep a value may nest. Real rows stay below ten.
const maxDepth = 500

// maxNames bounds the field names that a reader remembers between rows.
const maxNames = 1024

// jsonReader decodes JSON values, one text after another. It differs from encoding/json where a dataset needs it to:
// objects keep their order, numbers their text, and what is not valid UTF-8 (raw bytes, or a lone surrogate escape,
// kept in its three-byte form) stays as it is, so that it can be refused where it is used instead of being replaced.
type jsonReader struct {
	need  map[string]bool   // top-level fields to decode; nil: all. Others are read over and are nil
	names map[string]string // seen field names, so that each is allocated once

	data    []byte
	pos     int
	depth   int
	discard bool
}

// object decodes data, which must be one object and nothing else. Errors are badRow.
func (r *jsonReader) object(data []byte) (*Object, error) {
	if r.names == nil {
		r.names = make(map[string]string)
	}
	r.data, r.pos, r.depth, r.discard = data, 0, 0, false
	v, err := r.value()
	if err != nil {
		return nil, err
	}
	if r.space(); r.pos < len(r.data) {
		return nil, r.wrong("something follows the value")
	}
	o, ok := v.(*Object)
	if !ok {
		return nil, badRow(fmt.Sprintf("the row is %s, not an object with fields", kind(v)))
	}
	return o, nil
}

func (r *jsonReader) wrong(what string) error {
	if r.pos >= len(r.data) {
		return badRow("not JSON: it ends in the middle")
	}
	return badRow(fmt.Sprintf("not JSON: column %d: %s", r.pos+1, what))
}

func (r *jsonReader) space() {
	for r.pos < len(r.data) {
		switch r.data[r.pos] {
		case ' ', '\t', '\r', '\n':
			r.pos++
		default:
			return
		}
	}
}

// peek is the next byte that is no space; 0 at the end.
func (r *jsonReader) peek() byte {
	if r.space(); r.pos < len(r.data) {
		return r.data[r.pos]
	}
	return 0
}

func (r *jsonReader) value() (any, error) {
	switch c := r.peek(); {
	case c == '{' || c == '[':
		if r.depth++; r.depth > maxDepth {
			return nil, r.wrong("nested too deep")
		}
		defer func() { r.depth-- }()
		if r.pos++; c == '{' {
			return r.members()
		}
		return r.elements()
	case c == '"':
		s, err := r.text()
		if err != nil || r.discard {
			return nil, err
		}
		return string(s), nil
	case c == '-' || c >= '0' && c <= '9':
		return r.number()
	}
	for _, w := range [...]struct {
		text  string
		value any
	}{{"true", true}, {"false", false}, {"null", nil}} {
		if bytes.HasPrefix(r.data[r.pos:], []byte(w.text)) {
			r.pos += len(w.text)
			return w.value, nil
		}
	}
	return nil, r.wrong("a value is expected")
}

func (r *jsonReader) members() (any, error) {
	o := new(Object)
	if r.peek() == '}' {
		r.pos++
		return o, nil
	}
	for {
		if r.peek() != '"' {
			return nil, r.wrong("a field name in quotes is expected")
		}
		name, err := r.name()
		if err != nil {
			return nil, err
		}
		if r.peek() != ':' {
			return nil, r.wrong(`":" is expected`)
		}
		r.pos++
		v, err := r.member(name)
		if err != nil {
			return nil, err
		}
		if !r.discard {
			o.add(name, v)
		}
		if more, err := r.more('}'); err != nil || !more {
			return o, err
		}
	}
}

// member decodes the value of a field, or reads over it where nobody needs it.
func (r *jsonReader) member(name string) (any, error) {
	if r.discard || r.depth > 1 || r.need == nil || r.need[name] {
		return r.value()
	}
	r.discard = true
	_, err := r.value()
	r.discard = false
	return nil, err
}

func (r *jsonReader) elements() (any, error) {
	list := []any{}
	if r.peek() == ']' {
		r.pos++
		return list, nil
	}
	for {
		v, err := r.value()
		if err != nil {
			return nil, err
		}
		if !r.discard {
			list = append(list, v)
		}
		if more, err := r.more(']'); err != nil || !more {
			return list, err
		}
	}
}

// more takes the comma or the closing bracket after an element.
func (r *jsonReader) more(end byte) (bool, error) {
	switch r.peek() {
	case ',':
		r.pos++
		return true, nil
	case end:
		r.pos++
		return false, nil
	}
	return false, r.wrong(fmt.Sprintf(`"," or %q is expected`, string(end)))
}

func (r *jsonReader) name() (string, error) {
	b, err := r.text()
	if err != nil {
		return "", err
	}
	if s, ok := r.names[string(b)]; ok {
		return s, nil
	}
	s := string(b)
	if len(r.names) < maxNames {
		r.names[s] = s
	}
	return s, nil
}

func (r *jsonReader) number() (any, error) {
	start := r.pos
	digits := func() bool {
		from := r.pos
		for r.pos < len(r.data) && r.data[r.pos] >= '0' && r.data[r.pos] <= '9' {
			r.pos++
		}
		return r.pos > from
	}
	at := func(set string) bool { return r.pos < len(r.data) && bytes.IndexByte([]byte(set), r.data[r.pos]) >= 0 }
	if at("-") {
		r.pos++
	}
	whole := true
	if at("0") {
		r.pos++
	} else if !digits() {
		return nil, r.wrong("a digit is expected")
	}
	if at(".") {
		whole = false
		if r.pos++; !digits() {
			return nil, r.wrong("a digit is expected")
		}
	}
	if at("eE") {
		whole = false
		if r.pos++; at("+-") {
			r.pos++
		}
		if !digits() {
			return nil, r.wrong("a digit is expected")
		}
	}
	if r.discard {
		return nil, nil
	}
	s := string(r.data[start:r.pos])
	if whole && s != "-0" {
		if n, err := strconv.ParseInt(s, 10, 64); err == nil {
			return n, nil
		}
	}
	return json.Number(s), nil
}

// text reads a string from its opening quote on. The result is part of data, or new where there are escapes.
func (r *jsonReader) text() ([]byte, error) {
	r.pos++
	start := r.pos
	for ; r.pos < len(r.data); r.pos++ {
		switch c := r.data[r.pos]; {
		case c == '"':
			r.pos++
			return r.data[start : r.pos-1], nil
		case c == '\\':
			return r.escaped(append(make([]byte, 0, 2*(r.pos-start)+64), r.data[start:r.pos]...))
		case c < ' ':
			return nil, r.wrong("a control character inside a string; write it as an escape")
		}
	}
	return nil, r.wrong("")
}

// escaped reads the rest of a string that holds escapes, from the first one on.
func (r *jsonReader) escaped(b []byte) ([]byte, error) {
	for r.pos < len(r.data) {
		switch c := r.data[r.pos]; {
		case c == '"':
			r.pos++
			return b, nil
		case c == '\\':
			var err error
			if b, err = r.escape(b); err != nil {
				return nil, err
			}
		case c < ' ':
			return nil, r.wrong("a control character inside a string; write it as an escape")
		default:
			b = append(b, c)
			r.pos++
		}
	}
	return nil, r.wrong("")
}

func (r *jsonReader) escape(b []byte) ([]byte, error) {
	if r.pos+1 >= len(r.data) {
		r.pos = len(r.data)
		return nil, r.wrong("")
	}
	const from, to = `"\/bfnrt`, "\"\\/\b\f\n\r\t"
	c := r.data[r.pos+1]
	if i := bytes.IndexByte([]byte(from), c); i >= 0 {
		r.pos += 2
		return append(b, to[i]), nil
	}
	u, ok := r.unit(r.pos)
	if !ok {
		return nil, r.wrong("an unknown escape")
	}
	r.pos += 6
	if low, ok := r.unit(r.pos); ok && utf16.IsSurrogate(u) {
		if full := utf16.DecodeRune(u, low); full != utf8.RuneError {
			r.pos += 6
			return utf8.AppendRune(b, full), nil
		}
	}
	if utf16.IsSurrogate(u) {
		return append(b, 0xE0|byte(u>>12), 0x80|byte(u>>6)&0xBF, 0x80|byte(u)&0xBF), nil
	}
	return utf8.AppendRune(b, u), nil
}

// unit reads the \uXXXX at i.
func (r *jsonReader) unit(i int) (rune, bool) {
	if i+6 > len(r.data) || r.data[i] != '\\' || r.data[i+1] != 'u' {
		return 0, false
	}
	var u rune
	for _, c := range r.data[i+2 : i+6] {
		switch {
		case c >= '0' && c <= '9':
			u = u<<4 | rune(c-'0')
		case c|0x20 >= 'a' && c|0x20 <= 'f':
			u = u<<4 | rune(c|0x20-'a'+10)
		default:
			return 0, false
		}
	}
	return u, true
}
