package hub

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"
)

// Error is what the Hub refused, or why it could not be asked.
type Error struct {
	Code   string // X-Error-Code: RepoNotFound, GatedRepo, RevisionNotFound, EntryNotFound; "" where there is none
	Status int    // of HTTP; 0: no answer
	Repo   string // the dataset, as ORG/NAME
	What   string // what happened
	Advice string // what to do

	cause error
	page  bool // a web page in place of data: somebody else answers
	local bool // it is about a file of this machine: nothing reached the Hub as a whole, and no other attempt mends it
}

func (e *Error) Error() string {
	var b strings.Builder
	b.WriteString(e.What)
	if e.cause != nil {
		fmt.Fprintf(&b, ": %v", e.cause)
	}
	if e.Advice != "" {
		b.WriteString("; " + e.Advice)
	}
	return b.String()
}

func (e *Error) Unwrap() error { return e.cause }

// Lasting reports whether asking again would change nothing: a wrong name, a missing right.
func (e *Error) Lasting() bool {
	return e.page || e.Status >= 400 && e.Status < 500 && e.Status != http.StatusTooManyRequests && e.Status != http.StatusRequestTimeout
}

// tokenHint says where a token comes from and goes to.
func (c *Client) tokenHint() string {
	return fmt.Sprintf("set HF_TOKEN to a token from %s/settings/tokens", c.options.Endpoint)
}

// refusal words an answer that is none. It reads the body and leaves closing to the caller.
func (c *Client) refusal(q call, res *http.Response) error {
	e := &Error{Code: plainText(res.Header.Get("X-Error-Code")), Status: res.StatusCode, Repo: q.repo}
	said := c.said(res)
	host := res.Request.URL.Host
	switch {
	case isHTML(res.Header) && e.Code == "" && res.StatusCode/100 != 5:
		e.page = true
		e.What = fmt.Sprintf("%s answered with a web page (HTML, status %d) in place of data", host, res.StatusCode)
		e.Advice = "is HF_ENDPOINT right, and is no login page of a network in between?"
	case e.Code == "GatedRepo" && !c.HasToken():
		e.What = fmt.Sprintf("%s is gated", q.repo)
		e.Advice = fmt.Sprintf("ask for access at %s, then %s", c.Page(q.repo), c.tokenHint())
	case e.Code == "GatedRepo":
		e.What = fmt.Sprintf("%s is gated, and the account of your token has no access", q.repo)
		e.Advice = fmt.Sprintf("ask for access at %s; a fine-grained token needs the right to read gated sets, too", c.Page(q.repo))
	case e.Code == "RevisionNotFound":
		e.What = fmt.Sprintf("%s has no such revision", q.repo)
		e.Advice = "give a branch, a tag or a whole commit; see " + c.Page(q.repo) + "/tree/main"
	case e.Code == "EntryNotFound":
		e.What = fmt.Sprintf("%s has no such file", q.repo)
		e.Advice = "see which there are at " + c.Page(q.repo) + "/tree/main"
	case res.StatusCode == http.StatusTooManyRequests:
		e.What = "the Hub's limit of requests is reached"
		e.Advice = "try again later; with HF_TOKEN the limit is higher"
	case e.Code == "RepoNotFound", res.StatusCode == http.StatusNotFound && q.repo != "", res.StatusCode == http.StatusUnauthorized:
		c.unknown(e, said)
	default:
		e.What = fmt.Sprintf("%s answered %d %s", host, res.StatusCode, http.StatusText(res.StatusCode))
		if said != "" {
			e.What += ": " + said
		}
		if res.StatusCode >= 500 {
			e.Advice = "try again later"
		}
	}
	return e
}

// unknown words what the Hub says of a set that is not there, that is private, and of a wrong token.
func (c *Client) unknown(e *Error, said string) {
	switch {
	case c.HasToken() && e.Status == http.StatusUnauthorized && (e.Code == "" || strings.Contains(strings.ToLower(said), "credentials")):
		e.What = "the Hub does not accept the token"
		e.Advice = c.tokenHint() + "; it may have run out or been revoked"
	case e.Repo == "":
		e.What = "the Hub wants to know who asks"
		e.Advice = c.tokenHint()
	case c.HasToken():
		e.What = fmt.Sprintf("the Hub has no dataset %s, or it is private and your token may not read it", e.Repo)
		e.Advice = "check the name at " + c.Page(e.Repo)
	default:
		e.What = fmt.Sprintf("the Hub has no dataset %s, or it is private", e.Repo)
		e.Advice = fmt.Sprintf("check the name at %s; for a private one %s", c.Page(e.Repo), c.tokenHint())
	}
}

// said is the Hub's own words, if they are short text.
func (c *Client) said(res *http.Response) string {
	body, _ := io.ReadAll(io.LimitReader(res.Body, 8<<10)) // half a message says enough
	var told struct {
		Error any `json:"error"`
	}
	text := res.Header.Get("X-Error-Message")
	if err := json.Unmarshal(body, &told); text == "" && err == nil && told.Error != nil {
		text = fmt.Sprint(told.Error)
	}
	return c.words(text)
}

// plainText is one short line of printable characters.
func plainText(text string) string {
	const most = 300
	var b strings.Builder
	for _, r := range text {
		if b.Len() >= most {
			b.WriteString("…")
			break
		}
		if strconv.IsPrint(r) {
			b.WriteRune(r)
		} else if r == '\n' || r == '\t' {
			b.WriteByte(' ')
		}
	}
	return strings.TrimSpace(b.String())
}

// offline is what a call comes to that must not be made.
func offline(q call) error {
	what := "this needs the Hub, and HF_HUB_OFFLINE is set"
	if q.repo != "" {
		what = q.repo + " is not here as a whole, and HF_HUB_OFFLINE is set"
	}
	return &Error{Repo: q.repo, What: what, Advice: "unset HF_HUB_OFFLINE to ask the Hub"}
}
