package web

import (
	"bytes"
	"context"
	"errors"
	"io"
	"log"
	"net/http"
	"path/filepath"
	"runtime/debug"
	"sync"

	"openarena/pipeline"
	"openarena/store"
)

// Options are those of a site.
type Options struct {
	Source  Source
	Address string      // host and port that it listens at, as who asks may name it; "": any loopback address
	Hosts   []string    // further names that it is asked for by
	Token   string      // that who asks has to show; "": none
	Others  []Other     // to compare with
	Log     *log.Logger // of what went wrong within; nil: nobody is told
}

// Site serves the pages of one arena.
type Site struct {
	source   Source
	others   []Other
	skin     skin
	shelf    *shelf
	booth    *booth
	guard    guard
	csrf     csrf
	log      *log.Logger
	mux      *http.ServeMux
	requests slots
	streams  slots
	ticker   *ticker
	looks    slots
	ending   chan struct{} // closed when streams have to end
	once     sync.Once
}

// New makes a site. Its handler checks who asks.
func New(o Options) (*Site, error) {
	skin, err := newSkin(siteHref)
	if err != nil {
		return nil, err
	}
	s := &Site{
		source: o.Source, others: o.Others, skin: skin, shelf: newShelf(), booth: newBooth(), guard: newGuard(o), csrf: newCSRF(), log: o.Log, mux: http.NewServeMux(),
		requests: newSlots(maxRequests), streams: newSlots(maxStreams), looks: newSlots(maxLooks), ending: make(chan struct{}),
	}
	s.ticker = &ticker{source: o.Source, draw: s.drawNow}
	if s.log == nil {
		s.log = log.New(io.Discard, "", 0)
	}
	for _, p := range pages {
		s.mux.Handle("GET "+p.path, s.show(p))
	}
	for _, r := range routes {
		s.mux.Handle(r.method+" "+r.path, s.serve(r))
	}
	s.mux.Handle("GET /static/", static())
	// With a method that nothing here takes the mux says which there are.
	s.mux.HandleFunc("GET /", func(w http.ResponseWriter, r *http.Request) { s.fail(w, r, notFound("There is no such page.")) })
	return s, nil
}

// headers have a browser load what is ours only, run no script that stands in a page, show a page in no frame of others, tell
// nobody where it was, and keep nothing.
var headers = map[string]string{
	"Content-Security-Policy": "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; " +
		"form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
	"X-Content-Type-Options":       "nosniff",
	"X-Frame-Options":              "DENY",
	"Referrer-Policy":              "no-referrer",
	"Cross-Origin-Opener-Policy":   "same-origin",
	"Cross-Origin-Resource-Policy": "same-origin",
	"Cross-Origin-Embedder-Policy": "require-corp",
	"Permissions-Policy":           "camera=(), geolocation=(), microphone=()",
	"Cache-Control":                "no-store",
}

// ServeHTTP implements http.Handler.
func (s *Site) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	for name, value := range headers {
		w.Header().Set(name, value)
	}
	watched := &watched{ResponseWriter: w}
	defer s.recover(watched, r)
	if ok, err := s.guard.admit(watched, r); err != nil {
		s.fail(watched, r, err)
		return
	} else if !ok {
		return
	}
	if !s.turn(r) {
		s.fail(watched, r, errBusy)
		return
	}
	defer s.requests.give()
	s.mux.ServeHTTP(watched, r)
}

// turn waits for a request to have its turn; false: that took too long.
func (s *Site) turn(r *http.Request) bool {
	ctx, cancel := context.WithTimeout(r.Context(), turnWait)
	defer cancel()
	return s.requests.take(ctx) == nil
}

// recover makes a page of a panic, where none of the reply is on its way.
func (s *Site) recover(w *watched, r *http.Request) {
	why := recover()
	if why == nil {
		return
	}
	if why == http.ErrAbortHandler {
		panic(why)
	}
	s.log.Printf("the page %s: %v\n%s", r.URL.Path, why, debug.Stack())
	if w.begun {
		panic(http.ErrAbortHandler)
	}
	s.fail(w, r, errors.New("this page met a mistake in openarena itself; what there is to know of it stands where `openarena serve` was started"))
}

// watched knows whether a reply has begun.
type watched struct {
	http.ResponseWriter
	begun bool
}

func (w *watched) WriteHeader(status int) {
	w.begun = true
	w.ResponseWriter.WriteHeader(status)
}

func (w *watched) Write(p []byte) (int, error) {
	w.begun = true
	return w.ResponseWriter.Write(p)
}

// Unwrap is for http.ResponseController.
func (w *watched) Unwrap() http.ResponseWriter { return w.ResponseWriter }

// show makes a page and draws it.
func (s *Site) show(p page) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		sh, err := s.sheet(r, p)
		var body bytes.Buffer
		if err == nil {
			err = s.skin.draw(&body, p.name, sh)
		}
		if err != nil {
			s.fail(w, r, err)
			return
		}
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		body.WriteTo(w)
	}
}

// serve answers on a route.
func (s *Site) serve(at route) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		if at.method == http.MethodPost {
			r.Body = http.MaxBytesReader(w, r.Body, maxBody)
			if err := s.csrf.check(r); err != nil {
				s.fail(w, r, err)
				return
			}
		}
		if err := at.serve(s, w, r); err != nil {
			s.fail(w, r, err)
		}
	}
}

// maxBody is more than any form or vote of ours has.
const maxBody = 64 << 10

// sheet looks into the database and makes what a page shows. Where the run through which it is read ends meanwhile, or one that
// starts is waiting for this read to end, it looks again.
func (s *Site) sheet(r *http.Request, p page) (sh sheet, err error) {
	for range 3 {
		sh = sheet{Title: p.title, Here: p.name, Pages: navigation(), Still: p.still, Scripts: append([]string{"live.js"}, p.uses...), Token: s.csrf.token}
		err = s.visit(r, func(v *visit) (err error) {
			sh.Live, sh.Arena, sh.Mark = v.look.Live(), arenaName(v.arena), v.look.Mark()
			if p.heads != nil {
				sh.Title = p.heads(v)
			}
			sh.Main, err = p.make(v)
			return err
		})
		if !errors.Is(err, store.ErrClosed) {
			break
		}
	}
	return sh, err
}

// arenaName is what an arena is called: as its folder.
func arenaName(a *pipeline.Arena) string {
	dir, err := filepath.Abs(a.Config.Dir)
	if err != nil {
		return ""
	}
	return filepath.Base(dir)
}

// visit has do look at the arena; what it looks at ends with it.
func (s *Site) visit(r *http.Request, do func(*visit) error) error {
	if err := s.looks.take(r.Context()); err != nil {
		return err
	}
	defer s.looks.give()
	a, err := s.source.Arena()
	if err != nil {
		return err
	}
	look, err := s.source.Look(r.Context(), a)
	if err != nil {
		return err
	}
	defer look.Close()
	ctx, release := reading(r.Context(), a, look)
	return release(do(&visit{Context: ctx, arena: a, look: look, query: r.URL.Query(), path: r.PathValue, cookie: cookieOf(r), shelf: s.shelf, booth: s.booth, others: s.others}))
}

// cookieOf reads the cookies of a request; "": there is none of that name.
func cookieOf(r *http.Request) func(string) string {
	return func(name string) string {
		c, err := r.Cookie(name)
		if err != nil {
			return ""
		}
		return c.Value
	}
}

// navigation are the pages that the top of each one leads to.
func navigation() (all []link) {
	for _, p := range pages {
		if p.title != "" {
			all = append(all, link{p.name, address(p.path), p.title})
		}
	}
	return all
}

// address is the path of a page of the navigation.
func address(path string) string {
	if path == "/{$}" {
		return "/"
	}
	return path
}
