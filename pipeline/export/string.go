package export

import (
	"encoding/binary"
	"math/bits"
	"slices"
	"strings"
	"unicode/utf8"
	"unsafe"
)

const (
	ones  = 0x0101010101010101
	highs = 0x8080808080808080
	// stride is how much of a text is escaped at once. A buffer has room for the longest that this can become.
	stride = 1 << 10
)

// appendString appends s as a JSON string. Only quotes, backslashes and control characters are escaped: not <, > and &
// for the sake of HTML, and not U+2028 for that of JavaScript.
func appendString(b []byte, s string) []byte {
	start, seen := len(b), uint64(0)
	b = append(b, '"')
	for rest := s; ; {
		part := rest[:min(len(rest), stride)]
		var of uint64
		b, of = appendEscaped(slices.Grow(b, longest*len(part)+8), part)
		seen |= of
		if rest = rest[len(part):]; rest == "" {
			break
		}
	}
	if seen&highs != 0 && !utf8.ValidString(s) {
		return appendString(b[:start], strings.ToValidUTF8(s, "\uFFFD"))
	}
	return append(b, '"')
}

// appendEscaped appends s as it stands in a JSON string to b, which has room for longest bytes for each of s and one word more. It
// copies and looks for what needs an escape in one go, a word at a time; seen is all words laid over each other. Without
// checks of bounds that the room makes needless it takes three quarters of the time.
func appendEscaped(b []byte, s string) (_ []byte, seen uint64) {
	from, to := unsafe.Pointer(unsafe.StringData(s)), unsafe.Pointer(unsafe.SliceData(b))
	i, n := 0, len(b)
	for i+8 <= len(s) {
		w := binary.LittleEndian.Uint64((*[8]byte)(unsafe.Add(from, i))[:])
		binary.LittleEndian.PutUint64((*[8]byte)(unsafe.Add(to, n))[:], w)
		seen |= w
		found := marks(w)
		if found == 0 {
			i, n = i+8, n+8
			continue
		}
		clean := bits.TrailingZeros64(found) / 8 // the lowest mark is exact; a borrow can only put false ones above it
		i, n = i+clean, n+clean
		e := escapes[*(*byte)(unsafe.Add(from, i))]
		binary.LittleEndian.PutUint64((*[8]byte)(unsafe.Add(to, n))[:], e)
		i, n = i+1, n+int(e>>56)
	}
	for _, c := range []byte(s[i:]) {
		e := escapes[c]
		binary.LittleEndian.PutUint64((*[8]byte)(unsafe.Add(to, n))[:], e)
		seen |= uint64(c)
		n += int(e >> 56)
	}
	return b[:n], seen
}

// marks has the high bit of each byte of w set that needs an escape. A byte whose high bit is zero and that underflows when 0x21 is
// taken from it was less: control characters are, and with a bit flipped so is the quote, alone of all others. The same goes for the
// backslash, and 1.
func marks(w uint64) uint64 {
	return (((w ^ ones*2) - ones*0x21) | ((w ^ ones*'\\') - ones)) & ^w & highs
}

// longest is how many bytes the longest escape has, which is that of most control characters.
const longest = len(`\u0000`)

// escapes are the bytes that each byte becomes, the first one lowest, and how many there are in the highest byte.
var escapes = func() (all [256]uint64) {
	const hex = "0123456789abcdef"
	for c := range all {
		text := []byte{byte(c)}
		switch c {
		case '"', '\\':
			text = []byte{'\\', byte(c)}
		case '\n':
			text = []byte(`\n`)
		case '\r':
			text = []byte(`\r`)
		case '\t':
			text = []byte(`\t`)
		default:
			if c < 0x20 {
				text = []byte{'\\', 'u', '0', '0', hex[c>>4], hex[c&15]}
			}
		}
		var word [8]byte
		word[7] = byte(copy(word[:], text))
		all[c] = binary.LittleEndian.Uint64(word[:])
	}
	return all
}()
