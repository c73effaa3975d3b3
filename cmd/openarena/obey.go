package main

import (
	"context"
	"encoding/json"
	"errors"

	"openarena/pipeline"
)

// answer is what a run replies to an order, over the socket of its database.
type answer struct {
	InForce *pipeline.InForce `json:"in_force,omitempty"`
	Refusal string            `json:"refusal,omitempty"`
	Code    int               `json:"code,omitempty"` // that the command exits with then
}

// obey carries out an order of `openarena ctl`. Whoever may read the database may give one.
func (w *work) obey(ctx context.Context, data []byte) ([]byte, error) {
	var o pipeline.Directive
	if err := json.Unmarshal(data, &o); err != nil {
		return nil, err
	}
	if o.Do == pipeline.DoVote {
		return json.Marshal(w.takeVote(ctx, o.Vote))
	}
	f, err := w.carryOut(o)
	reply := answer{InForce: f}
	if err != nil {
		reply = answer{Refusal: err.Error(), Code: exitUsage}
		if errors.Is(err, pipeline.ErrOver) {
			reply.Code = exitNoDatabase
		}
	}
	return json.Marshal(reply)
}

// takeVote saves a vote, as soon as the database is open and until it is closed: it does not touch the run.
func (w *work) takeVote(ctx context.Context, b *pipeline.VoteSlip) pipeline.VoteReply {
	if db := w.ballots.Load(); db != nil {
		return pipeline.TakeVote(ctx, *db, b)
	}
	return pipeline.TakeVote(ctx, nil, b)
}

func (w *work) carryOut(o pipeline.Directive) (*pipeline.InForce, error) {
	r := w.running.Load()
	if o.Do == pipeline.DoStop {
		w.signals.stop()
		if r == nil {
			return &pipeline.InForce{Stopping: true}, nil
		}
	} else if r == nil {
		return nil, errTooEarly
	}
	return r.Obey(o)
}

var errTooEarly = errors.New("the run is still reading its prompts; say it again in a moment (`openarena ctl stop` is heard already)")

// info tells readers of the database how the run goes, once there is something to tell.
func (w *work) info() any {
	if r := w.running.Load(); r != nil {
		return r.Progress()
	}
	return nil
}
