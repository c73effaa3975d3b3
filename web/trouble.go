package web

import (
	"bytes"
	"context"
	"errors"
	"io/fs"
	"net/http"
	"strings"

	"openarena/configs"
	"openarena/store"
)

// trouble is an error with a page of its own.
type trouble struct {
	Status   int
	Title    string
	Text     string
	Do       []string          // commands that help
	Problems []configs.Problem // of the arena's file
	Passes   bool              // by itself, or when somebody did something: the page looks again
}

func (t *trouble) Error() string { return t.Text }

// notFound is that a page has nothing to show for what its address names.
func notFound(text string) error {
	return &trouble{Status: http.StatusNotFound, Title: "Nothing here", Text: text}
}

// unusable is that an address asks for something in a way that cannot be understood.
func unusable(text string) error {
	return &trouble{Status: http.StatusBadRequest, Title: "This cannot be shown", Text: text}
}

// troubleOf says what an error means for who looks, and what to do.
func troubleOf(err error) *trouble {
	var known *trouble
	var problems configs.Problems
	var unread *UnreadError
	var tooLarge *http.MaxBytesError
	is := func(target error) bool { return errors.Is(err, target) }
	const later = http.StatusServiceUnavailable
	switch {
	case errors.As(err, &known):
		return known
	case errors.As(err, &problems):
		return &trouble{later, "The arena's file has mistakes", "They are to be mended before anything can be shown; this page shows it then.", nil, problems, true}
	case is(store.ErrNoDatabase):
		return &trouble{later, "Nothing has run yet", "There is no database. A run makes it, and this page shows it then. What a run would call and cost, and the run itself:",
			[]string{"openarena plan", "openarena run"}, nil, true}
	case is(store.ErrLocked):
		return &trouble{later, "The database is in use", err.Error() + ". This page looks again.", nil, nil, true}
	case is(store.ErrDamaged):
		return &trouble{http.StatusInternalServerError, "The database is damaged", err.Error(), []string{"openarena db check", "openarena db repair"}, nil, true}
	case is(store.ErrNewer):
		return &trouble{http.StatusInternalServerError, "The database is newer than this program", err.Error() + ". A newer openarena shows it.", []string{"openarena version"}, nil, true}
	case is(store.ErrUnwritable):
		return &trouble{http.StatusInsufficientStorage, "Nothing can be written", err.Error(), nil, nil, true}
	case is(store.ErrClosed):
		return &trouble{later, "The run has just ended", "Its database was read through it. This page looks again.", nil, nil, true}
	case errors.As(err, &unread):
		return &trouble{later, "A file cannot be read", err.Error(), []string{"openarena validate"}, nil, true}
	case errors.As(err, &tooLarge):
		return &trouble{http.StatusRequestEntityTooLarge, "Too much", "What was sent is larger than anything that these pages send.", nil, nil, false}
	case is(errForeign):
		return &trouble{http.StatusForbidden, "Not from this page", err.Error(), nil, nil, false}
	case is(context.DeadlineExceeded):
		return &trouble{later, "This took too long", "The page was given up. The machine may be busy: try again.", nil, nil, true}
	case is(fs.ErrNotExist):
		return &trouble{later, "A file is not there", err.Error(), []string{"openarena validate"}, nil, true}
	}
	return &trouble{http.StatusInternalServerError, "This cannot be shown", err.Error(), nil, nil, true}
}

// fail shows an error as a page that says what to do; to a script, as text.
func (s *Site) fail(w http.ResponseWriter, r *http.Request, err error) {
	if r.Context().Err() != nil && errors.Is(err, context.Canceled) {
		return // nobody waits for it any more
	}
	t := troubleOf(err)
	if t.Status == http.StatusServiceUnavailable {
		w.Header().Set("Retry-After", "2")
	}
	if !wantsPage(r) {
		w.Header().Set("Content-Type", "text/plain; charset=utf-8")
		w.WriteHeader(t.Status)
		w.Write([]byte(t.Text + "\n"))
		return
	}
	var body bytes.Buffer
	sh := sheet{Title: t.Title, Pages: navigation(), Main: t} // no token: it may be a stranger who asks
	if t.Passes {
		sh.Scripts = []string{"live.js"}
	}
	if err := s.skin.draw(&body, "error", sh); err != nil {
		http.Error(w, t.Text, t.Status)
		return
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.WriteHeader(t.Status)
	body.WriteTo(w)
}

// wantsPage reports whether it is people who read the reply.
func wantsPage(r *http.Request) bool {
	accept := r.Header.Get("Accept")
	return accept == "" || strings.Contains(accept, "text/html") || strings.Contains(accept, "*/*")
}
