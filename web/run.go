package web

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"slices"
	"strings"
	"time"

	"openarena/internal/terminal"
	"openarena/pipeline"
	"openarena/store"
)

var runPage = page{name: "run", path: "/run", title: "Run", make: makeRun}

// standing is how far the arena is.
type standing struct {
	Moment   *moment // nil: no run is active
	Status   *pipeline.Status
	Died     *store.Process
	Left     int64 // answers and judgments that a run would ask for
	Failures []failed
	Putback  bool // some of them only `failures --retry` asks for again
}

func makeRun(v *visit) (any, error) {
	s := &standing{}
	var err error
	if s.Status, err = kept(v, "status", func() (*pipeline.Status, error) { return v.arena.Status(v, v.look, v.look.Live()) }); err != nil {
		return nil, err
	}
	if s.Failures, err = kept(v, "failures", func() ([]failed, error) { return failures(v, v.arena, v.look) }); err != nil {
		return nil, err
	}
	for _, f := range s.Failures {
		s.Putback = s.Putback || f.Permanent
	}
	if died, ok := v.look.Died(); ok {
		s.Died = &died
	}
	s.Left = s.Status.Generate.Due() + s.Status.Judge.Due()
	if facts, err := v.look.Running(v); err == nil && v.look.Live() {
		s.Moment = newMoment(facts)
	}
	return s, nil
}

// failed are the failures of one model for one reason.
type failed struct {
	Stage, Model, Reason, First string
	Permanent                   bool
	N                           int
}

// failures are counted by model and reason, the most frequent first.
func failures(ctx context.Context, a *pipeline.Arena, r store.Reader) ([]failed, error) {
	type kind struct {
		stage, model, reason string
		permanent            bool
	}
	place, all := map[kind]int{}, []failed{}
	for f, err := range a.Failures(ctx, r) {
		if err != nil {
			return nil, err
		}
		k := kind{f.Stage, f.Model, f.Reason, f.Permanent}
		i, known := place[k]
		if !known {
			i = len(all)
			place[k] = i
			all = append(all, failed{f.Stage, f.Model, f.Reason, f.Message, f.Permanent, 0})
		}
		all[i].N++
	}
	slices.SortStableFunc(all, func(x, y failed) int { return cmp.Compare(y.N, x.N) })
	return all, nil
}

// moment is a run as it is now.
type moment struct {
	*pipeline.Progress // nil: it calls nobody yet, or is no run
}

func newMoment(facts json.RawMessage) *moment {
	m := &moment{}
	var p *pipeline.Progress
	if json.Unmarshal(facts, &p) == nil {
		m.Progress = p
	}
	return m
}

// ToGo is how long it may take yet; 0: nobody knows.
func (m *moment) ToGo() time.Duration { return max(m.Generate.ETA, m.Judge.ETA) }

// stage is a line of progress.
type stage struct {
	Name string
	pipeline.StageProgress
}

// Stages are those that the run works on.
func (m *moment) Stages() (all []stage) {
	for _, s := range []stage{{"Answers", m.Generate}, {"Judgments", m.Judge}} {
		if s.Wanted > 0 || s.Done > 0 {
			all = append(all, s)
		}
	}
	return all
}

// Share is how much of it is done, from 0 to 1.
func (s stage) Share() float64 {
	if s.Wanted <= 0 {
		return 0
	}
	return min(1, float64(s.Done+s.Failed)/float64(s.Wanted))
}

// Calls are those that no reply has come to yet.
func (m *moment) Calls() int64 { return m.Generate.InFlight + m.Judge.InFlight }

// errorClass is a kind of failed calls, in words.
type errorClass struct {
	Name, Means string
	N           int64
}

var classMeanings = map[string]string{
	"temporary":   "network, or a server in trouble: asked again",
	"overloaded":  "the server asked to come back later: asked again",
	"refused":     "a key, a quota or a model's name is refused",
	"rejected":    "this request never will work, others may",
	"unsupported": "a setting that the server does not know: asked again without",
}

// ErrorClasses are the failed calls of all endpoints, the most frequent first.
func (m *moment) ErrorClasses() (all []errorClass) {
	n := map[string]int64{}
	for _, e := range m.Endpoints {
		for class, count := range e.Errors {
			n[class] += count
		}
	}
	for class, count := range n {
		all = append(all, errorClass{class, classMeanings[class], count})
	}
	slices.SortFunc(all, func(x, y errorClass) int { return cmp.Or(cmp.Compare(y.N, x.N), strings.Compare(x.Name, y.Name)) })
	return all
}

// limit is one of the budget.
type limit struct {
	Name, Spent, InFlight, Of string
	Share                     float64 // spent, from 0 to 1
}

// limits are those of the budget, in words of their units.
func limits(all []pipeline.BudgetLine) (lines []limit) {
	for _, b := range all {
		name, show := "Calls", func(v float64) string { return terminal.Count(int64(v)) }
		switch b.What {
		case "cost_usd":
			name, show = "Cost", func(v float64) string { return terminal.Money(&v) }
		case "tokens":
			name, show = "Tokens", func(v float64) string { return terminal.Tokens(int64(v)) }
		case "seconds":
			name, show = "Time", func(v float64) string { return terminal.Duration(time.Duration(v) * time.Second) }
		}
		l := limit{Name: name, Spent: show(b.Spent), Of: show(b.Limit)}
		if b.InFlight > 0 {
			l.InFlight = show(b.InFlight)
		}
		if b.Limit > 0 {
			l.Share = min(1, b.Spent/b.Limit)
		}
		lines = append(lines, l)
	}
	return lines
}

// Limits are those of the budget of the run.
func (m *moment) Limits() []limit { return limits(m.Budget) }

// Limits are those of the budget, as a run that began now would find it.
func (s *standing) Limits() []limit { return limits(s.Status.Budget) }

// drawNow is what the page of the run shows of this moment.
func (s *Site) drawNow(_ *pipeline.Arena, m *moment) string {
	var b bytes.Buffer
	if err := s.skin["run"].ExecuteTemplate(&b, "now", m); err != nil {
		s.log.Printf("the page of the run: %v", err)
		return ""
	}
	return b.String()
}
