package export

import (
	"encoding/binary"
	"math/bits"
	"slices"
	"strings"
	"unicode/utf8"
)

// appendString appends s as a JSON string. Only quotes, backslashes and control characters are escaped: not <, > and &
// for the sake of HTML, and not U+2028 for that of JavaScript. It copies and looks for what needs an escape in one go,
// eight bytes at once: a byte whose high bit is zero and that underflows when 1 (or 0x20) is taken from it was 0 (or a
// control character).
func appendString(b []byte, s string) []byte {
	const (
		ones  = 0x0101010101010101
		highs = 0x8080808080808080
	)
	if !utf8.ValidString(s) {
		s = strings.ToValidUTF8(s, "\uFFFD")
	}
	b = append(room(b, len(s)), '"')
	for len(s) >= 8 {
		w := binary.LittleEndian.Uint64([]byte(s[:8]))
		n := len(b)
		b = b[:n+8]
		binary.LittleEndian.PutUint64(b[n:], w)
		quote, slash := w^(ones*'"'), w^(ones*'\\')
		found := ((w - ones*0x20) | (quote - ones) | (slash - ones)) & ^w & highs
		if found == 0 {
			s = s[8:]
			continue
		}
		// The lowest mark is exact; a borrow can only put false ones above it.
		clean := bits.TrailingZeros64(found) / 8
		b = appendEscape(b[:n+clean], s[clean])
		s = s[clean+1:]
		b = room(b, len(s))
	}
	for i := range len(s) {
		if c := s[i]; c < 0x20 || c == '"' || c == '\\' {
			b = room(appendEscape(b, c), len(s)-i)
		} else {
			b = append(b, c)
		}
	}
	return append(b, '"')
}

// room makes room for n more bytes and two escapes.
func room(b []byte, n int) []byte {
	if cap(b)-len(b) >= n+16 {
		return b
	}
	return slices.Grow(b, n+n/8+16)
}

func appendEscape(b []byte, c byte) []byte {
	const hex = "0123456789abcdef"
	switch c {
	case '"', '\\':
		return append(b, '\\', c)
	case '\n':
		return append(b, '\\', 'n')
	case '\r':
		return append(b, '\\', 'r')
	case '\t':
		return append(b, '\\', 't')
	}
	return append(b, '\\', 'u', '0', '0', hex[c>>4], hex[c&15])
}
