// Package judge says what a judge is asked and how its words become a verdict. Everything here is a pure function of
// texts: two databases, two runs and two machines ask the same question and read the same answer alike.
package judge

import (
	"encoding/json"
	"fmt"

	"openarena/providers"
)

// Case is one battle as the judge is shown it: First and Second are the answers in the order of presentation.
type Case struct {
	Messages      []providers.Message // the prompt
	First, Second string
	Reference     string // "" where there is none
}

// Settings are what a judge's part of the configuration says about its words.
type Settings struct {
	Analysis string // none, brief, full
}

// Question is what is sent.
type Question struct {
	Messages []providers.Message
	Schema   json.RawMessage // nil: the protocol has no structured form
}

// Reply is what came back, as it was stored.
type Reply struct {
	Text, Reasoning, Refusal string
	Finish                   string // one of the providers.Finish constants
}

// State says what became of a judgment.
type State uint8

// The states. A failure is never a tie.
const (
	Invalid State = iota
	Decided
	Tie
)

func (s State) String() string { return [...]string{"invalid", "decided", "tie"}[s] }

// Verdict is what a reply means, in the order of presentation.
type Verdict struct {
	State          State
	Reason         string   // Invalid: empty, truncated, truncated_reasoning, no_final, no_verdict, out_of_range, conflict, refusal, filtered
	Level          int      // +2 first much better, +1 better, 0 tie, -1, -2 second much better; 0 when Invalid
	ScoreA, ScoreB *float64 // 1..10 of first and second; nil where the reply has none
	Method         string   // json, label, scores
	Flags          []string // contradiction, conflict, …
	Explanation    string   // the judge's analysis
}

// Label is the level as people write it: A>>B, A>B, A=B, B>A, B>>A; "" when Invalid.
func (v Verdict) Label() string {
	if v.State == Invalid {
		return ""
	}
	return [...]string{"B>>A", "B>A", "A=B", "A>B", "A>>B"}[v.Level+2]
}

// Protocol is one way to ask and to read.
type Protocol interface {
	// Version is part of every judgment's key. It is raised only when verdicts are meant to change.
	Version() int
	Ask(c Case, s Settings) Question
	// Parse reads a reply. It never fails: what it cannot read is Invalid with a reason.
	Parse(r Reply, c Case) Verdict
}

var protocols = map[string]Protocol{}

func register(name string, p Protocol) struct{} {
	protocols[name] = p
	return struct{}{}
}

// Lookup returns the protocol of that name.
func Lookup(name string) (Protocol, error) {
	p, ok := protocols[name]
	if !ok {
		return nil, fmt.Errorf("unknown judge protocol %q", name)
	}
	return p, nil
}
