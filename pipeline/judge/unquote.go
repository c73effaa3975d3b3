package judge

import (
	"strings"
	"unicode/utf16"
	"unicode/utf8"
)

// unquote is the text of a quoted JSON string. Escapes that JSON does not know stay as they are: judges write LaTeX.
func unquote(quoted string) string {
	s := quoted[1 : len(quoted)-1]
	if strings.IndexByte(s, '\\') < 0 {
		return s
	}
	var b strings.Builder
	for len(s) > 0 {
		i := strings.IndexByte(s, '\\')
		if i < 0 || i+1 == len(s) {
			break
		}
		b.WriteString(s[:i])
		n := unescape(&b, s[i:])
		s = s[i+n:]
	}
	return b.String() + s
}

// unescape writes what the escape at the beginning of s means and returns its length.
func unescape(b *strings.Builder, s string) int {
	const names, means = `"\/bfnrt`, "\"\\/\b\f\n\r\t"
	if i := strings.IndexByte(names, s[1]); i >= 0 {
		b.WriteByte(means[i])
		return 2
	}
	r, ok := unit(s)
	if !ok {
		b.WriteString(s[:2])
		return 2
	}
	if !utf16.IsSurrogate(r) {
		b.WriteRune(r)
		return 6
	}
	if low, ok := unit(s[6:]); ok && utf16.DecodeRune(r, low) != utf8.RuneError {
		b.WriteRune(utf16.DecodeRune(r, low))
		return 12
	}
	b.WriteRune(utf8.RuneError)
	return 6
}

// unit reads \uXXXX at the beginning of s.
func unit(s string) (rune, bool) {
	if len(s) < 6 || s[0] != '\\' || s[1] != 'u' {
		return 0, false
	}
	var r rune
	for _, c := range []byte(s[2:6]) {
		i := strings.IndexByte("0123456789abcdef", c|0x20)
		if i < 0 || (c < '0') {
			return 0, false
		}
		r = r<<4 | rune(i)
	}
	return r, true
}
