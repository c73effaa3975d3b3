package markdown

import (
	"net/url"
	"strings"
)

// leads reports whether an address may be a link: one on the web, with nobody's name in front of the host, or a mailbox.
func leads(address string) bool {
	if strings.ContainsFunc(address, func(r rune) bool { return r <= ' ' || r == '\\' || r == 0x7f }) || Plain(address) != address {
		return false
	}
	u, err := url.Parse(address)
	if err != nil {
		return false
	}
	switch strings.ToLower(u.Scheme) {
	case "http", "https":
		return u.Host != "" && u.User == nil && u.Opaque == ""
	case "mailto":
		return strings.Contains(u.Opaque, "@") && u.RawQuery == ""
	}
	return false
}

// open writes the beginning of a link.
func (w *writer) open(address string) {
	w.write(`<a href="`, escape(address), `" rel="noopener nofollow noreferrer">`)
}
