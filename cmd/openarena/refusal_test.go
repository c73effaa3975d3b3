package main

import (
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
)

// inFlight is how many calls a patient's server may have at once.
const inFlight = 4

// TestTroubleForGood has one server each refuse for good. Its model is stopped after no more calls than were in flight, the
// one that is well finishes, the exit code is 4, and once all is mended a run asks for just what is missing.
func TestTroubleForGood(t *testing.T) {
	t.Parallel()
	const prompts = 8
	all := []patient{
		{id: "T46", why: "429 for an empty account", trouble: always(429, `{"error":{"message":"You exceeded your current quota.","code":"insufficient_quota"}}`), says: "HTTP 429: You exceeded your current quota.; add credit"},
		{id: "T46", why: "402", trouble: always(402, `{"error":{"message":"Pay first."}}`), says: "HTTP 402: Pay first.; add credit"},
		{id: "T48", why: "an empty account, inside a 200", trouble: always(200, `{"error":{"message":"No credit.","code":402}}`), says: "HTTP 200: No credit.; add credit"},
		{id: "T48", why: "a bad key, inside a 200", trouble: always(200, `{"error":{"message":"Who?","type":"authentication_error"}}`), says: "HTTP 200: Who?; this server wants a key"},
		{id: "T61", why: "404 for the model, and a list of models", trouble: unknownModel(`{"data":[{"id":"n5"},{"id":"other"}]}`), says: `did you mean "n5"?`},
		{id: "T61", why: "404 for the model, and no list", trouble: unknownModel("<html>"), says: "check model_id"},
		{id: "T61", why: "404 for the path", trouble: always(404, "404 page not found", "Content-Type", "text/plain"), says: "nothing is served at /v1/chat/completions"},
		{id: "T62", why: "401", trouble: always(401, `{"error":{"message":"Incorrect API key."}}`), says: "HTTP 401: Incorrect API key.; this server wants a key"},
		{id: "T62", why: "401 with a key", settings: `api_key: "${CANARY}"`, trouble: always(401, `{"error":{"message":"Incorrect API key `+scriptKey+`."}}`), says: "HTTP 401: Incorrect API key ***"},
		{id: "T62", why: "403 from the first call on", trouble: always(403, "{}"), says: "HTTP 403: {}; this server wants a key"},
	}
	elsewhere := newElsewhere(t)
	all = append(all, elsewhere.redirects()...)
	w := admit(t, prompts, all...)
	w.env["CANARY"] = scriptKey
	code, _, said := w.try("run")
	if code != exitRefused {
		t.Fatalf("exit code %d; want %d\n%s", code, exitRefused, said)
	}
	if strings.Contains(said, scriptKey) {
		t.Errorf("the run shows a key:\n%s", said)
	}
	stopped := w.stopped()
	w.each(func(t *testing.T, p *patient) {
		if n := len(p.server.visits()); n < 1 || n > inFlight {
			t.Errorf("the server was called %d times; want no more than were in flight, %d", n, inFlight)
		} else if p.id != "T60" {
			t.Attr("figure", fmt.Sprintf("%s: %d calls", p.why, n))
		}
		if why := stopped[p.why]; !strings.Contains(why, p.says) {
			t.Errorf("stopped: %q; want it to say %q", why, p.says)
		}
	})
	t.Run("elsewhere", func(t *testing.T) {
		if n := elsewhere.reached.Load(); n != 0 {
			t.Errorf("%d connections were made to where the redirects lead", n)
		}
		t.Attr("figure", fmt.Sprintf("redirects: %d, connections to where they lead: 0", len(elsewhere.redirects())))
	})
	if got := w.server.Stats(false).Models["well"]; got.Arrivals != prompts {
		t.Errorf("the model that is well was called %d times; want %d", got.Arrivals, prompts)
	}
	if failed := w.failures(); len(failed) != 0 {
		t.Errorf("prompts are put down as failed: %v; want them left to the next run", failed)
	}
	w.mend(func(*patient) int { return prompts })
}

// stopped says why models were stopped, by name.
func (w *ward) stopped() map[string]string {
	w.t.Helper()
	var st struct{ Stopped []string }
	if err := json.Unmarshal([]byte(w.openarena("status", "--json")), &st); err != nil {
		w.t.Fatal(err)
	}
	all := map[string]string{}
	for _, sentence := range st.Stopped {
		name, why, _ := strings.Cut(strings.TrimPrefix(sentence, "model "), " was stopped: ")
		all[name] = why
	}
	return all
}

func unknownModel(list string) trouble {
	return func(w http.ResponseWriter, r *http.Request, _ int) bool {
		if r.Method == http.MethodGet {
			_, _ = io.WriteString(w, list)
			return true
		}
		return always(404, `{"error":{"message":"The model does not exist","code":"model_not_found"}}`)(w, r, 1)
	}
}

// elsewhere is where redirects lead: another port, another host, another scheme. It counts who comes.
type elsewhere struct {
	port    string
	reached atomic.Int64
}

func newElsewhere(t *testing.T) *elsewhere {
	t.Helper()
	l, err := net.Listen("tcp", ":0") // every name of this machine
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	_, port, err := net.SplitHostPort(l.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	e := &elsewhere{port: port}
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			e.reached.Add(1)
			c.Close()
		}
	}()
	return e
}

// redirects are one patient for each status and kind of target. The address that it names holds a token.
func (e *elsewhere) redirects() (all []patient) {
	for _, status := range []int{301, 302, 303, 307, 308} {
		for _, to := range [][2]string{{"port", "http://127.0.0.1:"}, {"host", "http://localhost:"}, {"scheme", "https://127.0.0.1:"}} {
			target := to[1] + e.port
			all = append(all, patient{
				id: "T60", why: fmt.Sprintf("%d to another %s", status, to[0]), settings: `api_key: "${CANARY}", headers: {X-Api-Key: "${CANARY}"}`,
				trouble: always(status, "", "Location", target+"/v1?token="+scriptKey), says: strings.TrimLeft(target, "htps:/") + ", which is not followed",
			})
		}
	}
	return all
}
