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
func (w *work) obey(_ context.Context, data []byte) ([]byte, error) {
	var o pipeline.Directive
	if err := json.Unmarshal(data, &o); err != nil {
		return nil, err
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
