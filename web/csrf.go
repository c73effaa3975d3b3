package web

import (
	"crypto/rand"
	"crypto/subtle"
	"errors"
	"net/http"
)

var errForeign = errors.New("the request was not made by a page of this server, so nothing was changed; reload the page and try again")

// csrf tells requests of our own pages from those that another site has a browser make.
type csrf struct {
	token  string // of this server's life; pages hold it
	origin *http.CrossOriginProtection
}

func newCSRF() csrf { return csrf{rand.Text(), http.NewCrossOriginProtection()} }

// check refuses what no page of ours sent. It reads the form, so that the size of the body must be limited before.
func (c csrf) check(r *http.Request) error {
	if c.origin.Check(r) != nil {
		return errForeign
	}
	if subtle.ConstantTimeCompare([]byte(r.PostFormValue("token")), []byte(c.token)) != 1 {
		return errForeign
	}
	return nil
}
