package providers

import (
	"bytes"
	"encoding/json"
	"errors"
	"math"
	"strconv"
	"strings"
	"unicode/utf8"
)

// text reads whatever a server puts where a string is expected: null, a list of parts, a number. It never fails on valid
// JSON; what holds no text is kept as it stands.
type text string

// UnmarshalJSON implements json.Unmarshaler.
func (t *text) UnmarshalJSON(b []byte) error {
	b = bytes.TrimSpace(b)
	switch {
	case len(b) == 0 || string(b) == "null":
		*t = ""
	case b[0] == '"':
		return json.Unmarshal(b, (*string)(t))
	case b[0] == '[':
		var parts []part
		if json.Unmarshal(b, &parts) != nil {
			*t = text(b)
			return nil
		}
		var s strings.Builder
		for _, p := range parts {
			s.WriteString(string(p))
		}
		*t = text(s.String())
	default:
		*t = text(b)
	}
	return nil
}

// part is one element of a content list. A thinking part becomes a block in the text, to be moved like any other.
type part string

// UnmarshalJSON implements json.Unmarshaler.
func (p *part) UnmarshalJSON(b []byte) error {
	var o struct {
		Text     text `json:"text"`
		Thinking text `json:"thinking"`
	}
	if json.Unmarshal(b, &o) == nil {
		*p = part(o.Text)
		if o.Thinking != "" {
			*p = part(thinkOpen+o.Thinking+thinkClose) + *p
		}
		return nil
	}
	return json.Unmarshal(b, (*string)(p))
}

// count reads a number of tokens: whole, with a fraction, in quotes, null. What is none of them is 0;
// what is beyond 2^53 is 2^53, which usage takes for nonsense.
type count int64

// UnmarshalJSON implements json.Unmarshaler.
func (c *count) UnmarshalJSON(b []byte) error {
	n, err := strconv.ParseFloat(strings.Trim(string(b), `" `), 64)
	if math.IsNaN(n) || err != nil && !errors.Is(err, strconv.ErrRange) {
		n = 0
	}
	*c = count(max(-1<<53, min(n, 1<<53)))
	return nil
}

// wellFormed reports whether body is valid UTF-8 and every escaped surrogate in it has its other half. Decoders put
// U+FFFD in place of what is not, silently.
func wellFormed(body []byte) bool {
	if !utf8.Valid(body) {
		return false
	}
	if !bytes.Contains(body, []byte(`\u`)) {
		return true // almost always, and much faster to see than to walk from escape to escape
	}
	for {
		i := bytes.IndexByte(body, '\\')
		if i < 0 || i+1 >= len(body) {
			return true
		}
		body = body[i:]
		unit, ok := escapedUnit(body)
		switch {
		case !ok:
			body = body[2:]
		case unit < 0xd800 || unit > 0xdfff:
			body = body[6:]
		case unit >= 0xdc00:
			return false
		default:
			low, ok := escapedUnit(body[6:])
			if !ok || low < 0xdc00 || low > 0xdfff {
				return false
			}
			body = body[12:]
		}
	}
}

// escapedUnit reads \uXXXX at the start of b.
func escapedUnit(b []byte) (uint64, bool) {
	if len(b) < 6 || b[0] != '\\' || b[1] != 'u' {
		return 0, false
	}
	n, err := strconv.ParseUint(string(b[2:6]), 16, 16)
	return n, err == nil
}
