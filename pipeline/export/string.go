package export

import (
	"encoding/binary"
	"math/bits"
	"slices"
	"strings"
	"unicode/utf8"
)

// appendString appends s as a JSON string. Only quotes, backslashes and control characters are escaped: not <, > and &
// for the sake of HTML, and not U+2028 for that of JavaScript. It copies and looks for what needs an escape in one go.
func appendString(b []byte, s string) []byte {
	if !utf8.ValidString(s) {
		s = strings.ToValidUTF8(s, "\uFFFD")
	}
	b = append(room(b, len(s)), '"')
	for len(s) >= 8 {
		n := len(b)
		to, i := b[n:cap(b)], 0
		found := uint64(0)
		for ; i+8 <= len(s) && i+8 <= len(to); i += 8 {
			w := binary.LittleEndian.Uint64([]byte(s[i : i+8]))
			binary.LittleEndian.PutUint64(to[i:i+8], w)
			if found = marks(w); found != 0 {
				break
			}
		}
		if found == 0 {
			b, s = b[:n+i], s[i:]
			break
		}
		i += bits.TrailingZeros64(found) / 8 // the lowest mark is exact; a borrow can only put false ones above it
		b = appendEscape(b[:n+i], s[i])
		s = s[i+1:]
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

// marks has the high bit of each byte of w set that needs an escape. A byte whose high bit is zero and that underflows when 0x21 is
// taken from it was less: control characters are, and with a bit flipped so is the quote, alone of all others. The same goes for the
// backslash, and 1.
func marks(w uint64) uint64 {
	const (
		ones  = 0x0101010101010101
		highs = 0x8080808080808080
	)
	return (((w ^ ones*2) - ones*0x21) | ((w ^ ones*'\\') - ones)) & ^w & highs
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
