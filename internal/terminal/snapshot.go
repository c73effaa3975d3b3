package terminal

import (
	"slices"
	"time"
)

// Snapshot is the state of a run at one moment. [Progress] shows it and changes nothing in it; texts need not be safe.
type Snapshot struct {
	Elapsed   time.Duration
	Stages    []Stage    // in the order of work
	Endpoints []Endpoint // may be empty
	Ranking   []Rank     // best first; may be empty
	Tokens    TokenCount
	Cost      *float64 // US dollars; nil: a price is unknown
	Left      string   // what is left of the budget; empty: there is none
	Message   string   // one line that matters while the run goes on, such as what a second Ctrl-C does; may be empty
}

// Stage is one bar: items of one kind of work.
type Stage struct {
	Name     string
	Done     int64 // finished well
	Wanted   int64 // in all; 0: not known yet
	Failed   int64 // given up; not in Done
	InFlight int64
	Rate     float64       // items per second, lately; 0: not known
	ETA      time.Duration // until all are done; 0: not known
}

// Endpoint is one server with its gate.
type Endpoint struct {
	Name            string
	InFlight        int
	Limit           int // calls at once; 0: not known
	TokensPerSecond float64
	Note            string // why it waits: "paused until 14:05: rate limit"; empty: it does not
	Failures        int64
}

// Rank is one line of the ranking so far.
type Rank struct {
	Place       int
	Model       string
	Rating      float64
	Plus, Minus float64 // the interval reaches from Rating-Minus to Rating+Plus; 0, 0: not known
	Battles     int
}

// TokenCount is what models read and wrote.
type TokenCount struct{ In, Out int64 }

// complete reports whether nothing of the stage is left to do.
func (s Stage) complete() bool { return s.share() >= 1 }

// moving reports whether numbers about its pace mean anything.
func (s Stage) moving() bool { return !s.complete() && (s.Rate > 0 || s.ETA > 0 || s.InFlight > 0) }

// settled returns s as it is once the run has ended: what is done stays, nothing is under way any more.
func (s Snapshot) settled() Snapshot {
	s.Stages = slices.Clone(s.Stages)
	for i := range s.Stages {
		s.Stages[i].InFlight, s.Stages[i].Rate, s.Stages[i].ETA = 0, 0, 0
	}
	s.Endpoints, s.Ranking, s.Message = nil, nil, ""
	return s
}

// share is the part of the stage that is behind us, in [0,1].
func (s Stage) share() float64 {
	if s.Wanted <= 0 {
		return 0
	}
	return min(1, max(0, (float64(s.Done)+float64(s.Failed))/float64(s.Wanted)))
}
