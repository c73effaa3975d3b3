package web

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"sync"
	"time"

	"openarena/pipeline"
	"openarena/store"
)

const (
	tick      = time.Second      // between two looks at a run
	heartbeat = 15 * time.Second // after which a silent stream says that it is there
)

// report is what is told while somebody listens.
type report struct {
	Mark     string          `json:"mark"` // of the database: another one after each change
	Live     bool            `json:"live"` // a process has it open
	Progress json.RawMessage `json:"progress,omitempty"`
	Now      string          `json:"now,omitempty"` // of the page of the run, to who asked for it
}

// ticker looks at the run once a second while somebody listens, once for all of them. It asks the run for its live facts and
// reads nothing of the database.
type ticker struct {
	source Source
	draw   func(*pipeline.Arena, *moment) string

	mu        sync.Mutex
	listeners map[chan report]bool
	stop      context.CancelFunc // ends who looks; nil: nobody does
}

// listen has reports come, until leave is called; one that was not fetched gives way to the next.
func (t *ticker) listen(ctx context.Context) (reports <-chan report, leave func()) {
	c := make(chan report, 1)
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.listeners == nil {
		t.listeners = map[chan report]bool{}
	}
	t.listeners[c] = true
	if t.stop == nil {
		ctx, stop := context.WithCancel(context.WithoutCancel(ctx)) // who listens first may leave first
		t.stop = stop
		go t.run(ctx)
	}
	return c, func() {
		t.mu.Lock()
		defer t.mu.Unlock()
		delete(t.listeners, c)
		if len(t.listeners) == 0 && t.stop != nil {
			t.stop()
			t.stop = nil
		}
	}
}

func (t *ticker) run(ctx context.Context) {
	var w watch
	defer w.close()
	for next := time.NewTicker(tick); ; {
		r := w.look(ctx, t.source, t.draw)
		t.tell(ctx, r)
		select {
		case <-next.C:
		case <-ctx.Done():
			next.Stop()
			return
		}
	}
}

func (t *ticker) tell(ctx context.Context, r report) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if ctx.Err() != nil {
		return // another one looks by now
	}
	for c := range t.listeners {
		select {
		case <-c: // it has not fetched the last one
		default:
		}
		c <- r
	}
}

// watch keeps the connection to the run between looks.
type watch struct {
	name string // of the database
	run  store.Work
}

func (w *watch) close() {
	if w.run != nil {
		w.run.Close()
		w.run = nil
	}
}

// look is how it is now. What cannot be had is left out: pages say why.
func (w *watch) look(ctx context.Context, s Source, draw func(*pipeline.Arena, *moment) string) report {
	a, err := s.Arena()
	if err != nil {
		return report{Mark: err.Error()}
	}
	if name := a.Database.String(); name != w.name {
		w.close()
		w.name = name
	}
	r := report{Mark: s.Mark(ctx, a)}
	facts := w.ask(ctx, s, a)
	r.Live = w.run != nil
	var m *moment
	if r.Live {
		m = newMoment(facts)
	}
	if m != nil && m.Progress != nil {
		r.Progress = facts
	}
	r.Now = draw(a, m)
	return r
}

// ask returns the live facts of the run; nil where there is none.
func (w *watch) ask(ctx context.Context, s Source, a *pipeline.Arena) json.RawMessage {
	ctx, cancel := context.WithTimeout(ctx, openWait)
	defer cancel()
	for range 2 { // the one that was known may have ended, and another begun
		if w.run == nil {
			var err error
			if w.run, err = s.Find(ctx, a); err != nil {
				w.run = nil
				return nil
			}
		}
		facts, err := w.run.Info(ctx)
		if err == nil {
			return facts
		}
		w.close()
	}
	return nil
}

// events streams reports.
func (s *Site) events(w http.ResponseWriter, r *http.Request) error {
	if !s.streams.try() {
		return errBusy
	}
	defer s.streams.give()
	s.requests.give() // it is long, and has a bound of its own
	defer func() { s.requests <- struct{}{} }()
	w.Header().Set("Content-Type", "text/event-stream; charset=utf-8")
	w.Header().Set("X-Accel-Buffering", "no")
	w.WriteHeader(http.StatusOK)
	reports, leave := s.ticker.listen(r.Context())
	defer leave()
	silent := time.NewTimer(heartbeat)
	defer silent.Stop()
	last := []byte(nil)
	for {
		var next []byte
		select {
		case <-s.ending:
			return nil
		case <-r.Context().Done():
			return nil
		case <-silent.C:
			next = []byte(":\n\n")
		case one := <-reports:
			if next = event(one, r.URL.Query().Has("now")); bytes.Equal(next, last) {
				continue
			}
			last = next
		}
		if err := send(w, next); err != nil {
			return nil // who listened has gone
		}
		silent.Reset(heartbeat)
	}
}

// event is a report as one.
func event(r report, now bool) []byte {
	if !now {
		r.Now = ""
	}
	text, err := json.Marshal(r)
	if err != nil {
		return []byte(":\n\n")
	}
	return fmt.Appendf(nil, "data: %s\n\n", text)
}

// send writes within the time that who listens has for it.
func send(w http.ResponseWriter, text []byte) error {
	c := http.NewResponseController(w)
	c.SetWriteDeadline(time.Now().Add(heartbeat)) // not every writer has one
	if _, err := w.Write(text); err != nil {
		return err
	}
	return c.Flush()
}

// nowAsked is one report, for who cannot listen.
func (s *Site) nowAsked(w http.ResponseWriter, r *http.Request) error {
	var one watch
	defer one.close()
	text, err := json.Marshal(one.look(r.Context(), s.source, s.drawNow))
	if err != nil {
		return err
	}
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	w.Write(text)
	return nil
}
