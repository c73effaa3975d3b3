package main

import (
	"context"
	"errors"
	"sync"

	"openarena/store"
	"openarena/store/postgres"
)

// absence is what is known of a server that is away. Several parts of a run find out, and people are told once.
type absence struct {
	mu   sync.Mutex
	why  map[string]error // by who found out
	stop func() bool      // has who leaves not told any more how to
}

// away returns what tells people that the server of the database went away, and with nil that it is back, as one part of a run found it.
func (w *work) away(who string) func(error) {
	return func(err error) {
		a := &w.absence
		a.mu.Lock()
		defer a.mu.Unlock()
		before := len(a.why)
		if err == nil {
			delete(a.why, who)
		} else {
			if a.why == nil {
				a.why = map[string]error{}
			}
			a.why[who] = err
		}
		switch {
		case before == 0 && err != nil && !errors.Is(err, store.ErrUnwritable): // the end of the run tells that
			w.say(w.c, "%v", err)
			a.stop = context.AfterFunc(w.signals.soft, w.sayHowToLeave)
		case before > 0 && len(a.why) == 0:
			if a.stop != nil {
				a.stop()
			}
			w.say(w.c, "the database is back")
		}
	}
}

// isAway reports whether the server is away.
func (a *absence) isAway() bool {
	a.mu.Lock()
	defer a.mu.Unlock()
	return len(a.why) > 0
}

// unsaved adds to the error of a run where that is which the server has not taken, if it does not say so.
func (a *absence) unsaved(err error) error {
	a.mu.Lock()
	defer a.mu.Unlock()
	for _, why := range a.why {
		if errors.Is(why, store.ErrUnwritable) && !errors.Is(err, store.ErrUnwritable) {
			err = errors.Join(err, why)
		}
	}
	return err
}

// sayHowToLeave is for who wants to leave while the server is away.
func (w *work) sayHowToLeave() {
	if w.absence.isAway() {
		w.say(w.c, "%s", w.howToLeave())
	}
}

func (w *work) howToLeave() string {
	return "stopping, and waiting for the database to save what has arrived; Ctrl-C again leaves, with that in a file for `openarena merge`"
}

// serverAway reports whether who reads failed because the server of the database is away, or takes nobody at present.
func serverAway(err error) bool {
	var refused *postgres.ConfigError
	return errors.Is(err, store.ErrAway) || errors.As(err, &refused) && refused.Passing || postgres.Passing(err)
}

// whyAway is an error of serverAway in one line.
func whyAway(err error) string {
	var refused *postgres.ConfigError
	if errors.As(err, &refused) {
		return refused.What
	}
	return postgres.Reason(err)
}
