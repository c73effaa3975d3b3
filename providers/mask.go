package providers

import (
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"unicode"
	"unicode/utf8"
)

const (
	stars      = "***"
	maxExcerpt = 200 // bytes of a server's text that are shown
	// window is the length from which a piece of a secret is hidden: a server may echo a key in part, and an excerpt may
	// begin or end inside one.
	window = 8
	// shortest is the length below which a text is no secret: hiding every "no" would leave nothing to read.
	shortest = 4
)

// mask hides an endpoint's secrets in texts that come from its server: the key, passwords, query values and tokens of the
// address, header values, and the proxy's password; plain, URL-encoded, base64, hex, in any case.
type mask struct {
	windows map[string]struct{} // every window of every form of a long secret, lower case
	words   []string            // short secrets and harmless header values, hidden where they stand as a whole
}

func newMask(e Endpoint, u *url.URL) *mask {
	m := &mask{windows: map[string]struct{}{}}
	m.add(e.Key.Reveal())
	if u.User != nil {
		password, _ := u.User.Password()
		m.add(password)
		m.add(u.User.Username())
	}
	for _, values := range u.Query() {
		for _, v := range values {
			m.add(v)
		}
	}
	for segment := range strings.SplitSeq(u.EscapedPath(), "/") {
		if plain, err := url.PathUnescape(segment); err == nil && keyLike.MatchString(plain) {
			m.add(plain)
		}
	}
	m.addProxy(u)
	for name, value := range e.Headers {
		m.addWord(value)
		for field := range strings.FieldsSeq(value) {
			if sensitive(name) || keyLike.MatchString(field) {
				m.add(field)
			}
		}
	}
	return m
}

// keyLike is what a text looks like that is a key and no name: it says so, or is one long mixture of letters and digits.
var keyLike = regexp.MustCompile(`^sk-.{8,}|[A-Za-z]\w*[0-9]\w{10,}|[0-9]\w*[A-Za-z]\w{10,}`)

// addProxy hides what the proxy is shown, which may repeat it like any other server.
func (m *mask) addProxy(u *url.URL) {
	proxy, err := http.ProxyFromEnvironment(&http.Request{URL: u})
	if err != nil || proxy == nil || proxy.User == nil {
		return
	}
	password, _ := proxy.User.Password()
	m.add(password)
	m.addWord(proxy.User.Username())
}

// sensitive reports whether a header of this name usually carries a secret.
func sensitive(name string) bool {
	name = strings.ToLower(name)
	for _, word := range []string{"auth", "key", "token", "secret", "cookie", "password", "credential"} {
		if strings.Contains(name, word) {
			return true
		}
	}
	return false
}

func (m *mask) add(secret string) {
	if len(secret) < window {
		m.addWord(secret)
		return
	}
	for _, form := range forms(secret) {
		form = lower(form)
		for i := 0; i+window <= len(form); i++ {
			m.windows[form[i:i+window]] = struct{}{}
		}
	}
}

func (m *mask) addWord(secret string) {
	if len(secret) >= shortest {
		m.words = append(m.words, lower(secret))
	}
}

// forms are the ways in which a server may write a secret back. Base64 has three, because the secret may begin at any
// of three places of a longer text, such as "user:secret".
func forms(secret string) []string {
	quoted, _ := json.Marshal(secret)
	all := []string{secret, url.QueryEscape(secret), url.PathEscape(secret), strings.Trim(string(quoted), `"`),
		hex.EncodeToString([]byte(secret))}
	for shift, skip := range []int{0, 2, 3} {
		shifted := append(make([]byte, shift), secret...)
		all = append(all, base64.RawStdEncoding.EncodeToString(shifted)[skip:], base64.RawURLEncoding.EncodeToString(shifted)[skip:])
	}
	return all
}

// lower changes ASCII letters only, so that positions stay those of s.
func lower(s string) string {
	b := []byte(s)
	for i, c := range b {
		if 'A' <= c && c <= 'Z' {
			b[i] = c + 'a' - 'A'
		}
	}
	return string(b)
}

// hide replaces each secret, and each piece of a long one, by three stars.
func (m *mask) hide(s string) string {
	low := lower(s)
	hidden := make([]bool, len(s))
	found := false
	cover := func(from, to int) {
		found = true
		for i := from; i < to; i++ {
			hidden[i] = true
		}
	}
	for i := 0; i+window <= len(low); i++ {
		if _, ok := m.windows[low[i:i+window]]; ok {
			cover(i, i+window)
		}
	}
	for _, w := range m.words {
		for i := range wordsIn(low, w) {
			cover(i, i+len(w))
		}
	}
	if !found {
		return s
	}
	var b strings.Builder
	for i := range len(s) {
		switch {
		case !hidden[i]:
			b.WriteByte(s[i])
		case i == 0 || !hidden[i-1]:
			b.WriteString(stars)
		}
	}
	return b.String()
}

// clean is s without secrets and with control characters escaped.
func (m *mask) clean(s string) string { return escape(m.hide(s)) }

// excerpt is clean, cut to at most maxExcerpt bytes. Secrets are hidden first, so that none is cut in two.
func (m *mask) excerpt(s string) string {
	const ellipsis = "…"
	if most := 20 * maxExcerpt; len(s) > most { // enough to hide what reaches into the excerpt
		s = s[:most]
	}
	s = m.clean(strings.TrimSpace(s))
	if len(s) <= maxExcerpt {
		return s
	}
	cut := maxExcerpt - len(ellipsis)
	for cut > 0 && !utf8.RuneStart(s[cut]) {
		cut--
	}
	return s[:cut] + ellipsis
}

// Excerpt is a text of an endpoint's server as a message may show it: on one line, without the endpoint's secrets, with control
// characters written out, and with at most so many characters, of which half are from the end.
func Excerpt(e Endpoint, text string, most int) string {
	u, err := url.Parse(e.URL)
	if err != nil {
		u = &url.URL{}
	}
	shown := []rune(newMask(e, u).clean(strings.Join(strings.Fields(text), " ")))
	if len(shown) > most {
		return string(shown[:most/2]) + " … " + string(shown[len(shown)-most/2:])
	}
	return string(shown)
}

// escape writes control, format (such as right-to-left) and broken characters as text, so that a server cannot steer a
// terminal.
func escape(s string) string {
	var b strings.Builder
	for i := 0; i < len(s); {
		r, n := utf8.DecodeRuneInString(s[i:])
		switch {
		case r == '\n':
			b.WriteString(`\n`)
		case r == '\r':
			b.WriteString(`\r`)
		case r == '\t':
			b.WriteString(`\t`)
		case r == utf8.RuneError && n == 1, r < 0x80 && unicode.IsControl(r):
			b.WriteString(`\x` + hex.EncodeToString([]byte{s[i]}))
		case unicode.In(r, unicode.Cc, unicode.Cf, unicode.Zl, unicode.Zp):
			b.WriteString(`\u` + hex4(r))
		default:
			b.WriteString(s[i : i+n])
		}
		i += n
	}
	return b.String()
}

func hex4(r rune) string {
	s := hex.EncodeToString([]byte{byte(r >> 16), byte(r >> 8), byte(r)})
	return strings.TrimPrefix(s, "00")
}

// quote puts s, already clean, in quotes.
func quote(s string) string { return `"` + s + `"` }
