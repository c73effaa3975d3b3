package fleet

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/riverqueue/river"
	"github.com/riverqueue/river/riverdriver/riverpgxv5"

	"openarena/pipeline"
)

// Force is what holds for all who work on an arena, after an order.
type Force struct {
	Order    int64    `json:"order"`
	Paused   bool     `json:"paused"` // all of it
	Stopping bool     `json:"stopping"`
	Held     []string `json:"held,omitempty"` // endpoints that were told to pause
	Workers  []Member `json:"workers"`        // alive
}

// ErrNobody: an order is for who is at work, and nobody is.
var ErrNobody = errors.New("nobody is at work on this arena")

// Steer gives an order, and has River hold back what is not to be worked on. Members carry it out with their next heartbeat; what
// is paused stays so for those who begin later.
func (f *Fleet) Steer(ctx context.Context, by string, d pipeline.Directive) (force Force, err error) {
	members, err := f.Members(ctx)
	if err != nil {
		return force, err
	}
	force.Workers = slices.DeleteFunc(members, func(m Member) bool { return !m.Alive })
	lasts := d.Do == pipeline.DoPause || d.Do == pipeline.DoResume || d.Do == pipeline.DoSet
	if len(force.Workers) == 0 && !lasts {
		return force, ErrNobody
	}
	queues, err := f.queuesOf(ctx, d.Endpoint)
	if err != nil {
		return force, err
	}
	if force.Order, err = f.Give(ctx, by, d); err != nil {
		return force, err
	}
	if err := f.hold(ctx, d.Do, queues); err != nil {
		return force, err
	}
	force.Stopping = d.Do == pipeline.DoStop || d.Do == DoDrain
	orders, err := f.Orders(ctx, 0)
	for _, o := range orders {
		force.obey(o.Directive)
	}
	return force, err
}

// obey keeps the books of what is paused.
func (f *Force) obey(d pipeline.Directive) {
	switch {
	case d.Do != pipeline.DoPause && d.Do != pipeline.DoResume:
	case d.Endpoint == "":
		f.Paused, f.Held = d.Do == pipeline.DoPause, nil
	case d.Do == pipeline.DoPause && !slices.Contains(f.Held, d.Endpoint):
		f.Held = append(f.Held, d.Endpoint)
	case d.Do == pipeline.DoResume:
		f.Held = slices.DeleteFunc(f.Held, func(name string) bool { return name == d.Endpoint })
	}
}

// hold pauses River's queues, or has them go on.
func (f *Fleet) hold(ctx context.Context, do string, queues []string) error {
	if do != pipeline.DoPause && do != pipeline.DoResume {
		return nil
	}
	client, err := river.NewClient(riverpgxv5.New(f.pool), &river.Config{Schema: f.schema, Logger: silent})
	if err != nil {
		return err
	}
	for _, q := range queues {
		if do == pipeline.DoPause {
			err = client.QueuePause(ctx, q, nil)
		} else {
			err = client.QueueResume(ctx, q, nil)
		}
		if err != nil && !errors.Is(err, river.ErrNotFound) {
			return fmt.Errorf("%s queue %s: %w", do, q, err)
		}
	}
	return nil
}

// queuesOf are the queues of the models of an endpoint; "": of all. Keys are not needed for that.
func (f *Fleet) queuesOf(ctx context.Context, endpoint string) (queues []string, err error) {
	e, err := f.Epoch(ctx)
	if err != nil {
		return nil, err
	}
	c, _, err := f.Configuration(ctx, e, func(string) (string, bool) { return unknown, true })
	if err != nil {
		return nil, err
	}
	a, err := pipeline.New(c, pipeline.Trial{})
	if err != nil {
		return nil, err
	}
	var names []string
	add := func(judge bool, who pipeline.ID, name string) {
		if endpoint == "" || endpoint == name {
			queues = append(queues, queueOf(judge, who))
		}
		if name != "" && !slices.Contains(names, name) {
			names = append(names, name)
		}
	}
	for _, m := range a.Contestants {
		add(false, m.ID, m.Endpoint.Name)
	}
	for _, j := range a.Judges {
		add(true, j.ID, j.Endpoint.Name)
	}
	if endpoint != "" && !slices.Contains(names, endpoint) {
		return nil, fmt.Errorf("%w: the arena calls no endpoint named %q; it calls %s", pipeline.ErrDirective, endpoint, strings.Join(names, ", "))
	}
	return queues, nil
}
