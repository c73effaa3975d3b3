package main

import (
	"context"
	"errors"
	"fmt"
	"time"

	"openarena/internal/terminal"
	"openarena/pipeline"
)

// finish says how the run ended, and turns it into an exit code.
func (w *work) finish(ctx context.Context) error {
	snapshot, err := w.db.Snapshot(ctx)
	if err != nil {
		return errors.Join(err, w.ending())
	}
	defer snapshot.Close()
	st, err := w.arena.Status(ctx, snapshot, true)
	if err != nil {
		if ctx.Err() != nil {
			return w.ending()
		}
		return err
	}
	if w.stages.Judge && !w.c.Bool("quiet") {
		board, err := w.arena.Rate(ctx, snapshot)
		if err != nil {
			return err
		}
		if err := w.leaderboard(w.c, w.err, board, st); err != nil {
			return err
		}
	}
	w.total(st)
	w.sayStopped()
	if st.PossiblyBilled > 0 {
		w.say(w.c, "at most %s calls of runs that were killed may have been paid for and lost", terminal.Count(st.PossiblyBilled))
	}
	return w.ending()
}

// total is one line about the whole.
func (w *work) total(st *pipeline.Status) {
	text := fmt.Sprintf("%s new answers, %s new judgments in %s; in all %s tokens in, %s out",
		terminal.Count(w.outcome.Answers), terminal.Count(w.outcome.Judgments), terminal.Duration(time.Since(w.started)),
		terminal.Tokens(st.Tokens.Input), terminal.Tokens(st.Tokens.Output))
	if st.CostUSD != nil && *st.CostUSD > 0 {
		text += ", " + terminal.Money(st.CostUSD)
	}
	w.say(w.c, "%s", text)
}

func (w *work) sayStopped() {
	for _, s := range w.outcome.Stopped {
		role := "model"
		if s.Judge {
			role = "judge"
		}
		w.say(w.c, "%s %s was stopped: %v", role, s.Model, s.Cause)
	}
}

// ending is the error that stands for how the run ended; nil if all is done.
func (w *work) ending() error {
	refused := false
	for _, s := range w.outcome.Stopped {
		refused = refused || s.Refused
	}
	switch {
	case w.outcome.Interrupted:
		return w.interrupted()
	case refused:
		return &exitError{exitRefused, fmt.Errorf("a provider refused; what others could do is done. Mend it, then go on with: %s", w.again())}
	case w.outcome.Failed > 0:
		return &exitError{exitPartly, fmt.Errorf("%s items failed: `openarena failures` lists them, %s tries again",
			terminal.Count(w.outcome.Failed), w.again())}
	case len(w.outcome.Stopped) > 0:
		return &exitError{exitPartly, fmt.Errorf("not everything is done; go on with: %s", w.again())}
	case w.bad > 0:
		return &exitError{exitPartly, fmt.Errorf("%s rows of the datasets could not be used", terminal.Count(int64(w.bad)))}
	}
	return nil
}
