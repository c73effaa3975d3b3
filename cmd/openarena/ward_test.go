package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log"
	"maps"
	"net"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"openarena/internal/testkit/fakellm"
)

// trouble answers a call in the place of a good server; false leaves it to that one. n counts from 1 how often this very
// request has come.
type trouble func(w http.ResponseWriter, r *http.Request, n int) bool

// patient is a model whose server is in trouble.
type patient struct {
	id       string // of the fault on the scoreboard
	why      string // also the model's name
	settings string // further ones of its endpoint
	trouble  trouble
	url      string                  // where it is looked for instead of its server; "": there
	address  func(url string) string // what becomes of the server's address; may be nil
	reason   string                  // of its failures, or of what stopped it
	says     string                  // part of the message
	calls    int                     // that its server gets; 0: as many as others of the ward; -1: none
	failed   int                     // prompts; 0: all

	server *troubled
}

// troubled is a patient's server. It keeps what it was asked and when.
type troubled struct {
	good http.Handler
	do   trouble
	http *httptest.Server
	came chan struct{} // a token for each call

	mu    sync.Mutex
	calls []*visit
	asked map[string]int
}

// visit is one call.
type visit struct {
	prompt     string
	came, left time.Time
}

// ward is an arena of patients and of one model that is well, whom all meet.
type ward struct {
	*folder
	patients []*patient
	prompts  int
}

const wardArena = `default_endpoint: {url: "${URL}"}
endpoints:%s
models:
  - {name: Well, model_id: well}%s
judge_model: {name: Judge, model_id: judge}
judging: {pairs: {baseline: Well}}
datasets: [{path: prompts.txt}]
export:
  - {type: ranked, path: ranked.jsonl}
  - {type: battles, path: battles.jsonl}
`

// admit makes an arena of patients. Two prompts are few enough for a breaker to stay closed however often they fail.
func admit(t *testing.T, prompts int, patients ...patient) *ward {
	t.Helper()
	w := &ward{folder: newFolder(t, fakellm.Options{AnswerBytes: 120}), prompts: prompts}
	var endpoints, models, lines strings.Builder
	for i, p := range patients {
		p.server = &troubled{good: w.server, do: p.trouble, asked: map[string]int{}, came: make(chan struct{}, 1<<10)}
		p.server.http = httptest.NewUnstartedServer(p.server)
		p.server.http.Config.ErrorLog = quiet()
		p.server.http.Start()
		t.Cleanup(p.server.http.Close)
		w.env[fmt.Sprintf("BAD%d", i)] = p.server.http.URL + "/v1"
		if p.address != nil {
			w.env[fmt.Sprintf("BAD%d", i)] = p.address(p.server.http.URL + "/v1")
		}
		if p.url != "" {
			w.env[fmt.Sprintf("BAD%d", i)] = p.url
		}
		settings := "concurrency: 4"
		if p.settings != "" {
			settings += ", " + p.settings
		}
		fmt.Fprintf(&endpoints, "\n  bad%d: {url: \"${BAD%d}\", %s}", i, i, settings)
		fmt.Fprintf(&models, "\n  - {name: %q, model_id: m%d, endpoint: bad%d}", p.why, i, i)
		w.patients = append(w.patients, &p)
	}
	for i := range prompts {
		fmt.Fprintf(&lines, "Question %d\n", i)
	}
	w.write("arena.yaml", fmt.Sprintf(wardArena, endpoints.String(), models.String()))
	w.write("prompts.txt", lines.String())
	return w
}

func (s *troubled) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return // the client left
	}
	var q struct{ Messages []struct{ Content string } }
	if json.Unmarshal(body, &q) != nil || len(q.Messages) == 0 { // the list of models is asked for
		if s.do == nil || !s.do(w, r, 0) {
			s.good.ServeHTTP(w, r)
		}
		return
	}
	r.Body = io.NopCloser(bytes.NewReader(body))
	v := &visit{prompt: q.Messages[0].Content, came: time.Now()}
	s.mu.Lock()
	s.calls = append(s.calls, v)
	s.asked[v.prompt]++
	n := s.asked[v.prompt]
	s.mu.Unlock()
	s.came <- struct{}{}
	defer func() {
		s.mu.Lock()
		v.left = time.Now()
		s.mu.Unlock()
	}()
	if s.do == nil || !s.do(w, r, n) {
		s.good.ServeHTTP(w, r)
	}
}

// visits are the calls so far, in the order they came.
func (s *troubled) visits() (all []visit) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, v := range s.calls {
		all = append(all, *v)
	}
	return all
}

// await waits for so many calls more.
func (s *troubled) await(t *testing.T, calls int) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	for range calls {
		select {
		case <-s.came:
		case <-ctx.Done():
			t.Fatalf("%d calls have come; want %d", len(s.visits()), calls)
		}
	}
}

// failureLine is a line of `failures --json`.
type failureLine struct {
	Model, Reason, Message string
	Permanent              bool
}

// failures are what the database has on record, by model.
func (w *ward) failures() map[string][]failureLine {
	w.t.Helper()
	all := map[string][]failureLine{}
	for d := json.NewDecoder(strings.NewReader(w.openarena("failures", "--json"))); d.More(); {
		var f failureLine
		if err := d.Decode(&f); err != nil {
			w.t.Fatal(err)
		}
		all[f.Model] = append(all[f.Model], f)
	}
	return all
}

// each runs a test for every patient, those of one fault below a test with its number.
func (w *ward) each(check func(t *testing.T, p *patient)) {
	w.t.Helper()
	for rest := w.patients; len(rest) > 0; {
		n := 1
		for n < len(rest) && rest[n].id == rest[0].id {
			n++
		}
		alike := rest[:n]
		rest = rest[n:]
		w.t.Run(alike[0].id, func(t *testing.T) {
			for _, p := range alike {
				t.Run(p.why, func(t *testing.T) { check(t, p) })
			}
		})
	}
}

// mend moves every model to the server that is well. The next run asks for what is missing, and for nothing else, and
// leaves the files of an arena that nobody disturbed.
func (w *ward) mend(missing func(p *patient) int) {
	w.t.Helper()
	for i := range w.patients {
		w.env[fmt.Sprintf("BAD%d", i)] = w.env["URL"]
	}
	w.server.Reset()
	w.openarena("failures", "--retry")
	w.openarena("run")
	models := w.server.Stats(false).Models
	for i, p := range w.patients {
		if got, want := models[fmt.Sprintf("m%d", i)].Arrivals, int64(missing(p)); got != want {
			w.t.Errorf("%s: the server that is well was called %d times; want %d", p.why, got, want)
		}
	}
	if got := models["well"].Arrivals; got != 0 {
		w.t.Errorf("the model that was always well was called %d times more", got)
	}
	if got, want := w.files(), w.undisturbed(); !maps.Equal(got, want) {
		w.t.Errorf("the exports are\n%s\nwant\n%s", got, want)
	}
}

func (w *ward) files() map[string]string {
	w.t.Helper()
	return map[string]string{"ranked": w.read("ranked.jsonl"), "battles": w.read("battles.jsonl")}
}

// undisturbed are the files of the same arena, run once without trouble.
func (w *ward) undisturbed() map[string]string {
	w.t.Helper()
	calm := &ward{folder: bareFolder(w.t)}
	maps.Copy(calm.env, w.env)
	calm.env["HOME"] = calm.dir
	calm.write("arena.yaml", w.read("arena.yaml"))
	calm.write("prompts.txt", w.read("prompts.txt"))
	calm.openarena("run")
	return calm.files()
}

// always gives every call the same answer.
func always(status int, body string, header ...string) trouble {
	return func(w http.ResponseWriter, _ *http.Request, _ int) bool {
		w.Header().Set("Content-Type", "application/json")
		for pair := range slices.Chunk(header, 2) {
			w.Header().Set(pair[0], pair[1])
		}
		w.WriteHeader(status)
		_, _ = io.WriteString(w, body) // the client may have had enough
		return true
	}
}

// first is trouble so many times for each request, and none afterwards.
func (t trouble) first(times int) trouble {
	return func(w http.ResponseWriter, r *http.Request, n int) bool { return n <= times && t(w, r, n) }
}

// only is trouble for one prompt.
func (t trouble) only(prompt string) trouble {
	return func(w http.ResponseWriter, r *http.Request, n int) bool {
		body, err := io.ReadAll(r.Body)
		r.Body = io.NopCloser(bytes.NewReader(body))
		return err == nil && bytes.Contains(body, []byte(prompt)) && t(w, r, n)
	}
}

// onTheWire takes the connection over, and closes it at the end.
func onTheWire(speak func(c net.Conn)) trouble {
	return func(w http.ResponseWriter, _ *http.Request, _ int) bool {
		c, _, err := http.NewResponseController(w).Hijack()
		if err != nil {
			return false
		}
		defer c.Close()
		speak(c)
		return true
	}
}

// completionOf is the body of a reply, message and finish reason given as JSON.
func completionOf(message, finish string) string {
	return `{"id":"x","choices":[{"index":0,"message":` + message + `,"finish_reason":` + finish +
		`}],"usage":{"prompt_tokens":1,"completion_tokens":1,"total_tokens":2}}`
}

// nobody is an address at which nothing listens, nor will: a client has the port.
func nobody(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	c, err := net.Dial("tcp", l.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close() })
	return "http://" + c.LocalAddr().String() + "/v1"
}

// quiet is for servers whose clients leave them: net/http tells of that at length.
func quiet() *log.Logger { return log.New(io.Discard, "", 0) }
