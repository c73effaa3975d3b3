package pipeline

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"sync"
	"time"

	"openarena/store"
)

// VoteReply is what a run that was told to save a vote answers.
type VoteReply struct {
	Vote string `json:"vote"`          // one of the constants below
	Why  string `json:"why,omitempty"` // of a failure
}

// What became of a vote.
const (
	voteSaved   = "saved"
	voteChanged = "changed" // ErrAnswerChanged
	voteAlready = "already" // ErrVotedAlready
	voteLater   = "later"   // the run is just starting or ending
	voteFailed  = "failed"
)

// TakeVote saves a vote for another process, and says what became of it. Without a store it is too early.
func TakeVote(ctx context.Context, s store.Store, b *VoteSlip) VoteReply {
	if b == nil || s == nil {
		return VoteReply{Vote: voteLater}
	}
	err := CastVote(ctx, s, *b)
	switch {
	case err == nil:
		return VoteReply{Vote: voteSaved}
	case errors.Is(err, ErrAnswerChanged):
		return VoteReply{Vote: voteChanged}
	case errors.Is(err, ErrVotedAlready):
		return VoteReply{Vote: voteAlready}
	case errors.Is(err, store.ErrClosed):
		return VoteReply{Vote: voteLater}
	}
	return VoteReply{voteFailed, err.Error()}
}

// castWait is how long a vote waits for a database that is in use.
const castWait = 15 * time.Second

// SendVote saves a vote in a database: through the run that has it open, else, or where many may write, by opening it for a moment. alone is locked
// during each try: who opens the database then would have it taken away. What is in the way is waited for. The same vote may be sent any number of times, as with
// CastVote, whose errors these are, and a *store.LockedError, store.ErrNoOrders or store.ErrIdle where somebody was in the way for
// too long.
func SendVote(ctx context.Context, at store.Database, b VoteSlip, alone sync.Locker) error {
	ctx, cancel := context.WithTimeout(ctx, castWait)
	defer cancel()
	for pause := 10 * time.Millisecond; ; pause = min(2*pause, 500*time.Millisecond) {
		err := castOnce(ctx, at, b, alone)
		if !inTheWay(err) {
			return err
		}
		select {
		case <-time.After(pause):
		case <-ctx.Done():
			return err
		}
	}
}

// inTheWay reports whether somebody has the database who may be gone in a moment.
func inTheWay(err error) bool {
	var locked *store.LockedError
	return errors.As(err, &locked) || errors.Is(err, store.ErrIdle) || errors.Is(err, store.ErrNoOrders) || errors.Is(err, errLater)
}

var errLater = errors.New("the run that has the database is just starting or ending")

// castOnce is one try.
func castOnce(ctx context.Context, at store.Database, b VoteSlip, alone sync.Locker) error {
	if at.Shared() {
		return castAlone(ctx, at, b)
	}
	alone.Lock()
	defer alone.Unlock()
	live, err := castLive(ctx, at, b)
	if live || err != nil {
		return err
	}
	return castAlone(ctx, at, b)
}

// castAlone writes the vote itself.
func castAlone(ctx context.Context, at store.Database, b VoteSlip) error {
	db, err := at.Open(ctx, store.Options{Command: "openarena serve"})
	if err != nil {
		return err
	}
	return errors.Join(CastVote(ctx, db, b), db.Close())
}

// castLive has the process that has the database open save a vote; false: there is none.
func castLive(ctx context.Context, at store.Database, b VoteSlip) (live bool, err error) {
	r, err := at.OpenReader(ctx)
	if err != nil {
		return false, err
	}
	defer r.Close()
	if !r.Live() {
		return false, nil
	}
	order, err := json.Marshal(Directive{Do: DoVote, Vote: &b})
	if err != nil {
		return true, err
	}
	text, err := r.Control(ctx, order)
	if err != nil {
		return true, err
	}
	var reply VoteReply
	if err := json.Unmarshal(text, &reply); err != nil {
		return true, err
	}
	return true, reply.err()
}

func (r VoteReply) err() error {
	switch r.Vote {
	case voteSaved:
		return nil
	case voteChanged:
		return ErrAnswerChanged
	case voteAlready:
		return ErrVotedAlready
	case voteLater:
		return errLater
	case voteFailed:
		return fmt.Errorf("the run that has the database could not save the vote: %s", r.Why)
	}
	return errOldRun // which refused what it does not know
}

var errOldRun = errors.New("the run that has the database is of an older version of openarena, and takes no votes; vote again when it has ended")
