package hub

import (
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"net/url"
	"strings"
)

// telling is how many characters of a token in a row give it away.
const telling = 12

// words are what the Hub says, as one short line of printable characters, with *** for the token; none of them where they hold
// it in another form, or a part of it.
func (c *Client) words(text string) string {
	if token := c.options.Token.Reveal(); token != "" {
		text = strings.ReplaceAll(text, token, "***")
	}
	if c.holdsToken(text) {
		return "(its words hold the token, and are left out)"
	}
	return plainText(text)
}

// holdsToken looks for parts of the token in all the ways in which a server may repeat it.
func (c *Client) holdsToken(text string) bool {
	token := c.options.Token.Reveal()
	if token == "" {
		return false
	}
	text = strings.ToLower(text)
	for _, form := range writtenAs(token) {
		form = strings.ToLower(form)
		for i := 0; i+telling <= len(form); i++ {
			if strings.Contains(text, form[i:i+telling]) {
				return true
			}
		}
	}
	return false
}

// writtenAs are the ways to write a token.
func writtenAs(token string) []string {
	quoted, _ := json.Marshal(token) // a text: cannot fail
	all := []string{token, url.QueryEscape(token), url.PathEscape(token), strings.Trim(string(quoted), `"`), hex.EncodeToString([]byte(token))}
	for shift, skip := range []int{0, 2, 3} { // it may stand behind other bytes
		shifted := append(make([]byte, shift), token...)
		all = append(all, base64.RawStdEncoding.EncodeToString(shifted)[skip:], base64.RawURLEncoding.EncodeToString(shifted)[skip:])
	}
	return all
}
