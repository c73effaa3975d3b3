package web

import (
	"context"
	"encoding/json"

	"openarena/pipeline"
	"openarena/store"
)

// Source is where pages find an arena.
type Source interface {
	// Arena is what the file says.
	Arena() (*pipeline.Arena, error)
	// Look opens the database of an arena at one frozen state. Whoever looks closes it soon: a run that starts waits for it.
	Look(ctx context.Context, a *pipeline.Arena) (Look, error)
	// Mark is another one whenever a Look may show another state. It opens no file and returns soon.
	Mark(ctx context.Context, a *pipeline.Arena) string
	// Find connects to the process that has the database open, without reading any of it; an error is store.ErrIdle where none has.
	Find(ctx context.Context, a *pipeline.Arena) (store.Work, error)
	// Vote saves a vote durably; see pipeline.SendVote.
	Vote(ctx context.Context, a *pipeline.Arena, b pipeline.VoteSlip) error
}

// Look is one frozen state of a database.
type Look interface {
	store.Reader
	// Mark is another one whenever the state may be another.
	Mark() string
	// Live reports whether another process has the database open.
	Live() bool
	// Died is the process that had it open last and was killed.
	Died() (store.Process, bool)
	// Running are the live facts of that process, a pipeline.Progress; nil where it says nothing.
	Running(ctx context.Context) (json.RawMessage, error)
	Close()
}
