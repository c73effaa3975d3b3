package providers

import (
	"bytes"
	"html"
	"net/http"
	"regexp"
	"strings"
)

var (
	pageBegin = regexp.MustCompile(`(?i)^(<!--.*?-->|\s|<\?xml[^>]*>)*<(!doctype html|html|head|body|title|center|h1)\b`)
	pageTitle = regexp.MustCompile(`(?is)<(?:title|h1)[^>]*>\s*(.*?)\s*</(?:title|h1)>`)
	markup    = regexp.MustCompile(`(?s)<(script|style)\b.*?</(script|style)>|<[^>]*>`)
)

// page reads what a web server sends to people where a model server sends JSON: a login page, or a proxy's error. It returns the
// page's title, or else the beginning of its text.
func page(body []byte) (says string, ok bool) {
	const most = 64 << 10
	body = bytes.TrimSpace(body[:min(len(body), most)])
	if len(body) == 0 || body[0] != '<' || !pageBegin.Match(body) { // the look at a single byte is for the answers of a whole night
		return "", false
	}
	text := string(body)
	if m := pageTitle.FindStringSubmatch(text); m != nil {
		text = m[1]
	}
	return strings.Join(strings.Fields(html.UnescapeString(markup.ReplaceAllString(text, " "))), " "), true
}

// pageHint is what to do about a web page where an answer should be.
func (l *line) pageHint(status int) string {
	switch status {
	case http.StatusBadGateway, http.StatusServiceUnavailable, http.StatusGatewayTimeout:
		return "a proxy in front answers, and not the model server: is that running?"
	case http.StatusUnauthorized, http.StatusForbidden, http.StatusProxyAuthRequired:
		return "" // what is said of keys is more to the point
	}
	return "that is a web page: url must be the address of the API, which often ends in /v1"
}
