package main

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"openarena/fleet"
	"openarena/internal/terminal"
	"openarena/pipeline"
)

// seen is how far an arena is, and where many machines work on it, who they are.
type seen struct {
	*pipeline.Status
	*crew // nil: one process at a time works on it
}

// crew is who works on an arena, beside the fields of a status.
type crew struct {
	AsOf      asOf           `json:"as_of"`
	Workers   []fleet.Member `json:"workers"`
	Rescued   int64          `json:"rescued_jobs"` // taken from workers that were not heard of
	Blocked   []fleet.Rest   `json:"blocked"`      // endpoints that asked to be left alone
	PerSecond float64        `json:"per_second"`   // answers and judgments of all
	ETA       time.Duration  `json:"eta_ns"`       // 0: unknown

	Waiting []fleet.Unserved `json:"waiting"` // models and judges that no worker takes
}

// asOf says how fresh figures are that nobody counts anew for a look.
type asOf struct {
	Counts  *time.Time `json:"counts"`  // the latest look at a part; each part has its own
	Ratings *time.Time `json:"ratings"` // null: none were computed yet
}

func newCrew(l *fleet.Look) *crew {
	c := &crew{Workers: l.Members, Rescued: l.Rescued, Blocked: l.Rests}
	if c.Workers == nil {
		c.Workers = []fleet.Member{}
	}
	if c.Blocked == nil {
		c.Blocked = []fleet.Rest{}
	}
	c.Waiting = []fleet.Unserved{}
	var due int64
	for _, n := range l.Counts {
		due += max(0, n.Wanted-n.Done-n.Failed)
		if !n.Looked.IsZero() && (c.AsOf.Counts == nil || n.Looked.After(*c.AsOf.Counts)) {
			c.AsOf.Counts = &n.Looked
		}
	}
	if l.Overview != nil {
		c.AsOf.Ratings = &l.Made
	}
	for _, m := range l.Alive() {
		c.PerSecond += m.Info.PerSecond
	}
	if due > 0 && c.PerSecond > 0 {
		c.ETA = time.Duration(float64(due) / c.PerSecond * float64(time.Second))
	}
	return c
}

// countsOf are the sums of parts by who does them.
func countsOf(l *fleet.Look) map[pipeline.ID]pipeline.Counted {
	counts := map[pipeline.ID]pipeline.Counted{}
	for _, n := range l.Counts {
		counts[n.Who] = pipeline.Counted{Wanted: n.Wanted, Done: n.Done, Failed: n.Failed, Invalid: n.Invalid, Waiting: n.Waiting}
	}
	return counts
}

// progressOf is what one run would tell of itself, for all who work on the arena; nil: nobody does.
func progressOf(l *fleet.Look) *pipeline.Progress {
	alive := l.Alive()
	if len(alive) == 0 {
		return nil
	}
	c := newCrew(l)
	p := &pipeline.Progress{Paused: true, Endpoints: []pipeline.EndpointState{}, Ranking: []pipeline.Standing{}, CostUSD: new(float64), Budget: l.Purse.Lines}
	var answers, judgments int64
	notes := map[string]bool{}
	for _, m := range alive {
		p.Elapsed = max(p.Elapsed, m.Heartbeat.Add(m.Age).Sub(m.Started))
		p.Paused = p.Paused && m.Info.Held
		p.Generate.InFlight += int64(m.Info.InFlight)
		p.Input, p.Output = p.Input+m.Info.Input, p.Output+m.Info.Output
		if m.Info.CostUSD == nil {
			p.CostUSD = nil
		} else if p.CostUSD != nil {
			*p.CostUSD += *m.Info.CostUSD
		}
		answers, judgments = answers+m.Info.Answers, judgments+m.Info.Judgments
		for _, n := range m.Info.Notes {
			notes[n] = true
		}
	}
	for _, n := range l.Counts {
		s := &p.Generate
		if n.Judge {
			s = &p.Judge
		}
		s.Wanted, s.Done, s.Failed = s.Wanted+n.Wanted, s.Done+n.Done, s.Failed+n.Failed
	}
	share := 1.0
	if all := answers + judgments; all > 0 {
		share = float64(answers) / float64(all)
	}
	p.Generate.Rate, p.Judge.Rate = share*c.PerSecond, (1-share)*c.PerSecond
	p.Generate.ETA, p.Judge.ETA = c.ETA, c.ETA
	for _, r := range l.Rests {
		p.Endpoints = append(p.Endpoints, pipeline.EndpointState{Name: strings.TrimSuffix(r.Endpoint+" "+r.Model, " "), PausedUntil: &r.Until,
			Note: "its server asked to be left alone until " + r.Until.Local().Format("15:04:05")})
	}
	for _, n := range slices.Sorted(maps.Keys(notes)) {
		p.Endpoints = append(p.Endpoints, pipeline.EndpointState{Name: "workers", Note: n})
	}
	return p
}

// lookServer reads how far an arena on a server is. Where workers count their parts, nothing is walked.
func (e *environment) lookServer(ctx context.Context, s *server, a *pipeline.Arena) (*seen, bool, error) {
	r, l, err := s.openLook(ctx)
	if err != nil {
		return nil, false, err
	}
	defer r.Close()
	if l == nil || len(l.Counts) == 0 && !r.Live() {
		st, live, err := e.walk(ctx, a)
		return &seen{Status: st}, live, err
	}
	st, err := a.StatusFrom(ctx, r, countsOf(l), l.Overview, r.Live())
	if err != nil {
		return nil, false, err
	}
	if l.Purse.Lines != nil {
		st.Budget = l.Purse.Lines // what holds for all, which `ctl` may have changed, and what is reserved
	}
	st.PossiblyBilled += l.Purse.Dying
	if p := progressOf(l); p != nil {
		st.Running, err = json.Marshal(p)
	}
	c := newCrew(l)
	c.Waiting = append(c.Waiting, l.Unserved(a)...)
	return &seen{st, c}, r.Live(), err
}

// look is how the work stands; nil where nobody has worked on the arena with others.
func (r *serverReader) look(ctx context.Context) (*fleet.Look, error) {
	if r.fleet == nil {
		return nil, nil
	}
	l, err := r.fleet.Look(ctx)
	if errors.Is(err, fleet.ErrUnpublished) {
		return nil, nil
	}
	return l, err
}

// print tells who works on the arena.
func (c *crew) print(w *lines, p page) {
	if c == nil {
		return
	}
	alive := 0
	for _, m := range c.Workers {
		if m.Alive {
			alive++
		}
	}
	w.print("")
	text := count(alive, "worker")
	if silent := len(c.Workers) - alive; silent > 0 {
		text += fmt.Sprintf(", %d not heard of", silent)
	}
	if c.PerSecond > 0 {
		text += fmt.Sprintf(", %.1f a second", c.PerSecond)
	}
	if c.Rescued > 0 {
		text += ", " + count(c.Rescued, "rescued job")
	}
	w.print("%s", text)
	if len(c.Workers) > 0 && w.err == nil {
		w.err = terminal.Table[fleet.Member]{Columns: workerColumns, Rows: c.Workers}.Text(p.out, p.columns, p.palette)
	}
	for _, u := range c.Waiting {
		w.print("%s", u)
	}
	if c.AsOf.Counts != nil {
		text := "counts as of " + c.AsOf.Counts.Local().Format(time.DateTime)
		if c.AsOf.Ratings != nil {
			text += ", ratings as of " + c.AsOf.Ratings.Local().Format(time.DateTime)
		}
		w.print("%s", text)
	}
}

var workerColumns = []terminal.Column[fleet.Member]{
	{Title: "worker", Flex: true, Show: func(m fleet.Member) string { return m.ID }},
	{Title: "host", Flex: true, Drop: 2, Show: func(m fleet.Member) string { return m.Host }},
	{Title: "command", Flex: true, Drop: 5, Show: func(m fleet.Member) string { return strings.TrimPrefix(m.Command, "openarena ") }},
	{Title: "labels", Flex: true, Drop: 4, Show: func(m fleet.Member) string {
		var all []string
		for _, name := range slices.Sorted(maps.Keys(m.Labels)) {
			all = append(all, name+"="+m.Labels[name])
		}
		return strings.Join(all, " ")
	}},
	{Title: "in flight", Align: terminal.Right, Show: func(m fleet.Member) string { return terminal.Count(int64(m.Info.InFlight)) }},
	{Title: "a second", Align: terminal.Right, Drop: 1, Show: func(m fleet.Member) string { return fmt.Sprintf("%.1f", m.Info.PerSecond) }},
	{Title: "since", Align: terminal.Right, Drop: 3, Show: func(m fleet.Member) string { return m.Started.Local().Format("15:04") }},
	{Title: "heard", Align: terminal.Right, Show: func(m fleet.Member) string {
		state := ""
		switch {
		case !m.Alive:
			state = " (lost)"
		case m.Info.Draining:
			state = " (ending)"
		case m.Info.Held:
			state = " (paused)"
		}
		return cmp.Or(terminal.Duration(m.Age.Round(time.Second)), "0 s") + state
	}},
}
