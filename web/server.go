package web

import (
	"bytes"
	"context"
	"errors"
	"net/http"
	"path/filepath"

	"openarena/pipeline"
)

// Options are those of a site.
type Options struct {
	Source Source
}

// Site serves the pages of one arena.
type Site struct {
	source Source
	skin   skin
	shelf  *shelf
	csrf   csrf
	mux    *http.ServeMux
}

// New makes a site. Its handler checks who asks.
func New(o Options) (*Site, error) {
	skin, err := newSkin(siteHref)
	if err != nil {
		return nil, err
	}
	s := &Site{source: o.Source, skin: skin, shelf: newShelf(), csrf: newCSRF(), mux: http.NewServeMux()}
	for _, p := range pages {
		s.mux.Handle("GET "+p.path, s.show(p))
	}
	for _, r := range routes {
		s.mux.Handle(r.method+" "+r.path, s.serve(r))
	}
	s.mux.Handle("GET /static/", http.FileServerFS(staticFiles))
	return s, nil
}

// ServeHTTP implements http.Handler.
func (s *Site) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Content-Security-Policy", policy)
	w.Header().Set("X-Content-Type-Options", "nosniff")
	w.Header().Set("Referrer-Policy", "no-referrer")
	s.mux.ServeHTTP(w, r)
}

// policy lets a page load what is ours, and run no script that stands in it.
const policy = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"

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

// sheet looks into the database and makes what a page shows.
func (s *Site) sheet(r *http.Request, p page) (sheet, error) {
	sh := sheet{Title: p.title, Here: p.name, Pages: navigation(), Scripts: p.uses, Token: s.csrf.token}
	err := s.visit(r, func(v *visit) (err error) {
		sh.Live, sh.Arena = v.look.Live(), arenaName(v.arena)
		if p.heads != nil {
			sh.Title = p.heads(v)
		}
		sh.Main, err = p.make(v)
		return err
	})
	return sh, err
}

// arenaName is what an arena is called: as its folder.
func arenaName(a *pipeline.Arena) string { return filepath.Base(a.Config.Dir) }

// visit has do look at the arena; what it looks at ends with it.
func (s *Site) visit(r *http.Request, do func(*visit) error) error {
	a, err := s.source.Arena()
	if err != nil {
		return err
	}
	look, err := s.source.Look(r.Context(), a)
	if err != nil {
		return err
	}
	defer look.Close()
	return do(s.newVisit(r, a, look))
}

func (s *Site) newVisit(r *http.Request, a *pipeline.Arena, l Look) *visit {
	return &visit{Context: r.Context(), arena: a, look: l, query: r.URL.Query(), path: r.PathValue, shelf: s.shelf}
}

// fail shows an error as a page that says what to do.
func (s *Site) fail(w http.ResponseWriter, r *http.Request, err error) {
	if errors.Is(err, context.Canceled) {
		return // nobody waits for it any more
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.WriteHeader(http.StatusInternalServerError)
	s.skin.draw(w, "error", sheet{Title: "Error", Pages: navigation(), Main: err.Error()})
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
