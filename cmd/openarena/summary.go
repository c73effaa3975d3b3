package main

import (
	"context"
	"fmt"
	"os"
	"strings"
	"time"

	"openarena/internal/terminal"
	"openarena/pipeline"
	"openarena/pipeline/rating"
)

// finish says how the run ended, and turns it into an exit code.
func (w *work) finish(ctx context.Context) error {
	if ctx.Err() != nil {
		return w.interrupted()
	}
	snapshot, err := w.db.Snapshot(ctx)
	if err != nil {
		return err
	}
	defer snapshot.Close()
	st, err := w.arena.Status(ctx, snapshot, true)
	if ctx.Err() != nil {
		return w.interrupted()
	}
	if err != nil {
		return err
	}
	if w.job.Judge && !w.c.Bool("quiet") {
		// Who closed the pipe has seen enough; how the run ended is still to be told by the exit code.
		if err := w.standings(st.Board); err != nil && !isBrokenPipe(err) {
			return err
		}
	}
	w.total(st)
	if !w.arena.Trial.Narrows() {
		if err := keepRatings(ctx, w.arena, w.db); err != nil {
			w.say(w.c, "warning: `status` goes on to show older ratings: %v", err)
		}
	}
	for _, note := range w.outcome.Notes {
		w.say(w.c, "%s", note)
	}
	w.sayStopped()
	if err := w.sayCauses(ctx, snapshot); err != nil {
		return err
	}
	if st.PossiblyBilled > 0 {
		w.say(w.c, "%s", lost(st))
	}
	return w.ending(st)
}

// standings prints the leaderboard among what else is said.
func (w *work) standings(board *rating.Leaderboard) error {
	fmt.Fprintln(w.err)
	err := w.boardText(w.c, w.err, board)
	fmt.Fprintln(w.err)
	return err
}

// total is one line about the whole.
func (w *work) total(st *pipeline.Status) {
	text := fmt.Sprintf("%s, %s in %s; in all %s",
		count(w.outcome.Answers, "new answer"), count(w.outcome.Judgments, "new judgment"), terminal.Duration(time.Since(w.started)),
		tokensOf(st.Tokens))
	if st.CostUSD != nil && *st.CostUSD > 0 {
		text += ", " + terminal.Money(st.CostUSD)
	}
	w.say(w.c, "%s", text)
}

// lost bounds what died with runs that were killed.
func lost(st *pipeline.Status) string {
	return fmt.Sprintf("at most %s of runs that were killed may have been paid for and lost", count(st.PossiblyBilled, "call"))
}

func (w *work) sayStopped() {
	for _, s := range w.outcome.Stopped {
		w.say(w.c, "%s", s)
	}
}

// ending is the error that stands for how the run ended; nil if all is done. What failed for good in an earlier run is
// missing still, and said again.
func (w *work) ending(st *pipeline.Status) error {
	var failed int64
	if w.job.Generate {
		failed += st.Generate.Failed
	}
	if w.job.Judge {
		failed += st.Judge.Failed
	}
	refused := false
	for _, s := range w.outcome.Stopped {
		refused = refused || s.Refused
	}
	switch {
	case w.outcome.Interrupted:
		return w.interrupted()
	case w.outcome.Budget != nil:
		return &exitError{exitBudget, fmt.Errorf("%w: %s", w.outcome.Budget, typed(os.Args...))}
	case refused:
		return &exitError{exitRefused, fmt.Errorf("a provider refused; what others could do is done. Mend it, then go on with: %s", typed(os.Args...))}
	case len(w.outcome.Stopped) > 0:
		return &exitError{exitPartly, fmt.Errorf("not everything is done; mend what stopped %s, then go on with: %s",
			stoppedNames(w.outcome.Stopped), typed(os.Args...))}
	case failed > 0:
		return &exitError{exitPartly, fmt.Errorf("%s failed: `openarena failures` says why, and when it is tried again",
			count(failed, "item"))}
	case w.bad > 0:
		return &exitError{exitPartly, fmt.Errorf("%s of the datasets could not be used: `openarena status` says why", count(w.bad, "row"))}
	}
	w.say(w.c, "next: %s", w.next())
	return nil
}

// stoppedNames are the models that a run gave up on, for a sentence.
func stoppedNames(all []pipeline.Stopped) string {
	names := make([]string, len(all))
	for i, s := range all {
		names[i] = s.Model
	}
	return strings.Join(names, ", ")
}

// next names what can be done with what this stage made.
func (w *work) next() string {
	shard := w.arena.Trial.Shard
	switch {
	case !w.job.Judge && !shard.Whole():
		return w.also("judge", "--shard", shard.String())
	case !w.job.Judge:
		return w.also("judge")
	case !shard.Whole():
		return w.merging()
	case !w.job.Generate:
		return w.also("rate") + " · " + w.also("show")
	}
	return w.also("show") + " · " + typed(os.Args[0], "export", "--help")
}

// also is another command on the same arena.
func (w *work) also(command ...string) string {
	args := append([]string{os.Args[0]}, command...)
	if file := w.c.String("config"); file != "" {
		args = append(args, "-c", file)
	}
	if db := w.c.String("db"); db != "" {
		args = append(args, "--db", db)
	}
	return typed(args...)
}
