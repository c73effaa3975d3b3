// Package judge says what a judge is asked and how its words become a verdict. Everything here is a pure function of
// texts: two databases, two runs and two machines ask the same question and read the same answer alike.
//
// A [Protocol] is found by name with [Lookup]; it turns a [Case] into a [Question] and a [Reply] into a [Verdict], both in
// the order of presentation. [Trivial] settles battles that need no call, [Next] says whether an unreadable verdict is
// worth another one.
//
// What may hurt: a judge that repeats an answer, or the prompt, says nothing by it. Such text is taken out before a verdict
// is looked for, so an answer that looks like a verdict costs a second call at worst and never decides.
package judge

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"

	"openarena/configs"
	"openarena/internal/spelling"
	"openarena/providers"
)

// Case is one battle as the judge is shown it: First and Second are the answers in the order of presentation. A judge that is
// [Pointwise] is shown First alone; Second is "" then.
type Case struct {
	Messages      []providers.Message // the prompt
	First, Second string
	Reference     string          // an answer known to be good, for protocols that show it; "": none
	Rubric        *configs.Rubric // what counts; nil: what the protocol says

	alone bool // First is all that is judged
}

// Settings are what a judge's part of the configuration says about its words.
type Settings struct {
	Analysis string    // none, brief, full; "": brief
	Template *Template // nil: the protocol's own wording
}

// Question is what is sent.
type Question struct {
	Messages []providers.Message
	Schema   json.RawMessage // nil: the protocol has no structured form
	// FollowUp is the turn that asks for the verdict alone, after a reply that held none; "": the protocol has none.
	// FollowUpSchema is its form.
	FollowUp       string
	FollowUpSchema json.RawMessage
	// OneToken: the reply is one token, and what counts is what else might have stood there.
	OneToken bool
}

// Reply is what came back, as it was stored.
type Reply struct {
	Text, Reasoning, Refusal string
	Finish                   string                  // one of the providers.Finish constants
	Top                      []providers.Alternative // to its first token, where the protocol asks for them
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

// Names lists the protocols in alphabetical order.
func Names() []string { return slices.Sorted(maps.Keys(protocols)) }

// Lookup returns the protocol of that name.
func Lookup(name string) (Protocol, error) {
	p, ok := protocols[name]
	if !ok {
		return nil, fmt.Errorf("unknown judge protocol %q; there are %s%s", name, strings.Join(Names(), ", "), spelling.Hint(name, Names()))
	}
	return p, nil
}
