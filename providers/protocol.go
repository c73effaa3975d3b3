package providers

import (
	"encoding/json"
	"net/http"
	"net/url"
	"strings"
)

// protocol is how servers of one kind are spoken to: one file each. It says what a call looks like and what a reply means;
// the client does the rest, the same for all: it sends, waits, sorts errors, tells answer from reasoning and counts.
// Many goroutines call it at once.
type protocol interface {
	// build makes the request of a call. Its error says what of r cannot be sent.
	build(r *Request, stream bool) (posted, error)
	// read reads the whole body of a success, which may be a failure all the same: then envelope says so. Its error says why
	// the body is no reply. Nothing in the envelope may point into body.
	read(r *Request, body []byte) (envelope, error)
	// fold adds one event of a streamed body to those before it, under the same rules.
	fold(g *gathering, event []byte) error
	// listing is where the server lists its models; nil: nowhere.
	listing() *url.URL
	// names reads that list.
	names(body []byte) ([]string, error)
}

// posted is a request as a protocol made it.
type posted struct {
	url    *url.URL
	header http.Header // beside those of every call; nil: none
	body   []byte      // nil: none
}

// kind is a protocol with what is the same for all its endpoints.
type kind struct {
	auth   string            // how a key is sent unless the endpoint says so: as Endpoint.Auth
	header map[string]string // of every call
	spells map[string]string // the server's names of fields that params have another name for: theirs to ours, lower case
	hint   string            // to a model that is not known; empty: check model_id
	speak  func(Endpoint, *url.URL) (protocol, error)
	wrap   func(*client) Client // what calls need beside the protocol; nil: nothing
}

// gathering is a reply that arrives in pieces.
type gathering struct {
	envelope
	text, thoughts, refused strings.Builder
	whole                   bool // the server said how it ends: what is missing now, if anything, is not of the answer
	over                    bool // nothing of use comes any more
}

// size is how many bytes were gathered.
func (g *gathering) size() int { return g.text.Len() + g.thoughts.Len() + g.refused.Len() }

// gathered is the reply, now that all of it is there.
func (g *gathering) gathered() envelope {
	e := g.envelope
	e.content, e.reasoning, e.refusal = g.text.String(), g.thoughts.String(), g.refused.String()
	return e
}

// unmarshal reads a body of text and count fields, and says whether it was valid Unicode.
func unmarshal(body []byte, v any) (repaired bool, err error) {
	return !wellFormed(body), json.Unmarshal(body, v)
}
