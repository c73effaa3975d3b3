package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/urfave/cli/v2"

	"openarena/internal/terminal"
	"openarena/pipeline"
	"openarena/store"
)

const watchDescription = `With --watch it looks again, in place on a terminal, every half minute elsewhere, and as one line of JSON every 2
seconds with --json. It ends when no process has the database open any more: at once where no run is active.`

const (
	watchInterval = 2 * time.Second
	plainInterval = 30 * time.Second // between the texts that nobody can draw in place
	// watchShare is how many times as long as a look took the next one is put off: a large arena is not walked all the time.
	watchShare = 10
	// watchPatience is for how long a server that went away is looked for: as long as runs wait for it if nothing else is said.
	watchPatience = 15 * time.Minute
)

// watcher shows an arena again and again.
type watcher interface {
	show(st *seen, last bool) error
	close()
}

// watch looks until nobody has the database open any more, or a signal comes. A server that goes away meanwhile is waited for.
func (e *environment) watch(c *cli.Context, a *pipeline.Arena) error {
	ctx := e.signals.soft
	w := e.watcher(c)
	defer w.close()
	var seen bool
	var lost time.Time // since when the server is away; zero: it is there
	for {
		began := time.Now()
		st, live, err := e.look(ctx, a)
		switch {
		case ctx.Err() != nil:
			return nil
		case errors.Is(err, store.ErrClosed): // the run ended while its database was read through it
			continue
		case err != nil && seen && serverAway(err) && (lost.IsZero() || time.Since(lost) < watchPatience):
			if lost.IsZero() {
				lost = began
				w.close()
				e.say(c, "the database is away: %s; it is looked at again until it is back, for %s", whyAway(err), watchPatience)
			}
		case err != nil:
			return err
		default:
			if !lost.IsZero() {
				lost = time.Time{}
				e.say(c, "the database is back")
			}
			seen = true
			if err := w.show(st, !live); err != nil || !live {
				return err
			}
		}
		select {
		case <-time.After(max(watchInterval, watchShare*time.Since(began))):
		case <-ctx.Done():
			return nil
		}
	}
}

// watcher chooses how to show.
func (e *environment) watcher(c *cli.Context) watcher {
	switch {
	case c.Bool("json"):
		return &jsonWatcher{e}
	case terminal.CanRedraw(e.out):
		return &blockWatcher{terminal.NewBlock(e.out), e.palette(c, e.out)}
	}
	return &plainWatcher{page: page{e.out, terminal.Columns(e.out), e.palette(c, e.out)}}
}

// jsonWatcher prints an object on a line of its own.
type jsonWatcher struct{ *environment }

func (w *jsonWatcher) show(st *seen, _ bool) error {
	enc := json.NewEncoder(w.data())
	enc.SetEscapeHTML(false)
	return enc.Encode(st)
}

func (w *jsonWatcher) close() {}

// plainWatcher prints a text below the other, now and then.
type plainWatcher struct {
	page
	shown time.Time // zero: nothing yet
}

func (w *plainWatcher) show(st *seen, last bool) error {
	switch {
	case w.shown.IsZero():
	case !last && time.Since(w.shown) < plainInterval:
		return nil
	default:
		if _, err := fmt.Fprintln(w.out); err != nil {
			return err
		}
	}
	w.shown = time.Now()
	return printStatus(w.page, st)
}

func (w *plainWatcher) close() {}

// blockWatcher draws in place.
type blockWatcher struct {
	block   *terminal.Block
	palette terminal.Palette
}

func (w *blockWatcher) show(st *seen, _ bool) error {
	columns := w.block.Columns()
	var text, fitting strings.Builder
	if err := printStatus(page{&text, columns, w.palette}, st); err != nil {
		return err
	}
	for line := range strings.Lines(text.String()) {
		if !strings.Contains(line, "\x1b") { // else it is a line of a table, which fits
			line = broken(strings.TrimSuffix(line, "\n"), columns) + "\n"
		}
		fitting.WriteString(line)
	}
	w.block.Show(fitting.String())
	return nil
}

func (w *blockWatcher) close() { w.block.Release() }
