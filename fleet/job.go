package fleet

import (
	"encoding/hex"
	"errors"
	"fmt"

	"github.com/riverqueue/river"
	"github.com/riverqueue/river/rivertype"

	"openarena/pipeline"
)

// partArgs are the arguments of River's job for a part, by which it is unique.
type partArgs struct {
	Judge bool   `json:"judge"`
	Who   string `json:"who"`
	From  string `json:"from"`
	To    string `json:"to"`
}

// Kind implements river.JobArgs.
func (partArgs) Kind() string { return "part" }

// planArgs are those of the job that looks what is to be done.
type planArgs struct{}

// Kind implements river.JobArgs.
func (planArgs) Kind() string { return "plan" }

// planQueue is served by everybody.
const planQueue = "plan"

// Priorities of River: what finishes a prompt comes first.
const (
	priorityPlan   = 1
	priorityJudge  = 1
	priorityAnswer = 2
)

// unfinished are the states in which a job stands for its part.
var unfinished = []rivertype.JobState{
	rivertype.JobStateAvailable, rivertype.JobStatePending, rivertype.JobStateRunning, rivertype.JobStateScheduled, rivertype.JobStateRetryable,
}

func argsOf(p pipeline.Part) partArgs {
	return partArgs{Judge: p.Judge, Who: p.Who.String(), From: p.From.String(), To: p.To.String()}
}

func (a partArgs) part() (p pipeline.Part, err error) {
	p.Judge = a.Judge
	for _, f := range []struct {
		to   []byte
		text string
	}{{p.Who[:], a.Who}, {p.From[:], a.From}, {p.To[:], a.To}} {
		b, wrong := hex.DecodeString(f.text)
		if copy(f.to, b) != len(f.to) || len(b) != len(f.to) {
			wrong = errors.Join(wrong, errors.New("of the wrong length"))
		}
		if wrong != nil {
			return p, fmt.Errorf("the arguments of a part's job: %q: %w", f.text, wrong)
		}
	}
	return p, nil
}

// queueOf is the queue of a contestant or judge.
func queueOf(judge bool, who pipeline.ID) string {
	if judge {
		return "j-" + who.String()
	}
	return "g-" + who.String()
}

// insertPart is a part as River takes it.
func insertPart(p pipeline.Part) river.InsertManyParams {
	priority := priorityAnswer
	if p.Judge {
		priority = priorityJudge
	}
	return river.InsertManyParams{Args: argsOf(p), InsertOpts: &river.InsertOpts{
		Queue: queueOf(p.Judge, p.Who), Priority: priority, UniqueOpts: river.UniqueOpts{ByArgs: true, ByState: unfinished},
	}}
}
