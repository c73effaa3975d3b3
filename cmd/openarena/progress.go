package main

import (
	"openarena/internal/terminal"
	"openarena/pipeline"
)

// snapshot turns what the runner counts into what a terminal shows.
func (w *work) snapshot() terminal.Snapshot {
	if w.many != nil {
		return w.snapshotOf(w.many)
	}
	return w.shown(w.runner.Progress())
}

// shown is what a terminal shows of a look at a run.
func (w *work) shown(p pipeline.Progress) terminal.Snapshot {
	t := terminal.Snapshot{Elapsed: p.Elapsed, Left: budgetLeft(p.Budget), Tokens: terminal.TokenCount{In: p.Input, Out: p.Output}}
	if p.Input+p.Output > 0 {
		t.Cost = p.CostUSD
	}
	if w.job.Generate {
		t.Stages = append(t.Stages, stage("generate", p.Generate))
	}
	if w.job.Judge {
		t.Stages = append(t.Stages, stage("judge", p.Judge))
	}
	for _, e := range p.Endpoints {
		t.Endpoints = append(t.Endpoints, terminal.Endpoint{
			Name: e.Name, InFlight: e.InFlight, Limit: e.Limit, TokensPerSecond: e.TokensPerSecond, Note: e.Note, Failures: e.Failures,
		})
	}
	for _, r := range p.Ranking {
		t.Ranking = append(t.Ranking, terminal.Rank{
			Place: r.Place, Model: r.Model, Rating: r.Rating, Plus: r.Upper - r.Rating, Minus: r.Rating - r.Lower, Battles: r.Battles,
		})
	}
	if p.Paused {
		t.Message = "paused: `openarena ctl resume` goes on"
	}
	stopping, away := w.signals.soft.Err() != nil, w.absence.isAway()
	switch {
	case stopping && away:
		t.Message = w.howToLeave()
	case stopping:
		t.Message = "stopping: calls in flight are finished and saved; Ctrl-C again leaves at once"
	case away:
		t.Message = "waiting for the database, which is away"
	}
	return t
}

func stage(name string, p pipeline.StageProgress) terminal.Stage {
	return terminal.Stage{Name: name, Done: p.Done, Wanted: p.Wanted, Failed: p.Failed, InFlight: p.InFlight, Rate: p.Rate, ETA: p.ETA}
}
