package main

import (
	"encoding/base64"
	"html"
	"io"
	"net/http"
	"net/url"
	"os"
	"regexp"
	"strings"

	"github.com/rogpeppe/go-internal/testscript"
)

// votes FILE VOTER CHOICE... gives votes at the site whose address is in a file, one for each choice, as a browser without
// scripts does, and leaves the last page as page.html.
func votes(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 3 {
		ts.Fatalf("usage: votes FILE VOTER CHOICE...")
	}
	at := strings.TrimSpace(ts.ReadFile(args[0])) + "/vote"
	cookie := &http.Cookie{Name: "voter", Value: base64.RawURLEncoding.EncodeToString([]byte(args[1])) + ".50"}
	ask := func(method string, form url.Values) string {
		r, err := http.NewRequest(method, at, strings.NewReader(form.Encode()))
		ts.Check(err)
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		r.AddCookie(cookie)
		client := http.Client{CheckRedirect: func(to *http.Request, _ []*http.Request) error { to.AddCookie(cookie); return nil }}
		reply, err := client.Do(r)
		ts.Check(err)
		defer reply.Body.Close()
		text, err := io.ReadAll(reply.Body)
		ts.Check(err)
		return string(text)
	}
	page := ask(http.MethodGet, nil)
	for _, choice := range args[2:] {
		form := url.Values{"do": {choice}}
		for _, field := range []string{"token", "pair", "acts"} {
			if m := regexp.MustCompile(`name="` + field + `" value="([^"]*)"`).FindStringSubmatch(page); m != nil {
				form.Set(field, html.UnescapeString(m[1]))
			}
		}
		page = ask(http.MethodPost, form)
	}
	ts.Check(os.WriteFile(ts.MkAbs("page.html"), []byte(page), 0o600))
}
