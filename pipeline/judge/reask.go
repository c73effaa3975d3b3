package judge

import (
	"maps"
	"math"
	"slices"

	"openarena/providers"
)

// Tokens a judge may write.
const (
	defaultTokens = 2048  // where the parameters say nothing
	mostTokens    = 32768 // a repeat never asks for more
)

// freshTemperature is that of a fresh sample: with 0 the same words would come again.
const freshTemperature = 0.3

// Kind is a way to ask again.
type Kind uint8

// The kinds.
const (
	First    Kind = iota // not again: the question as it is
	Retry                // the same question with more room for the reply
	FollowUp             // one more turn in the same conversation that asks for the verdict alone; Fresh where there is none
	Fresh                // the same question at another temperature
)

func (k Kind) String() string { return [...]string{"first", "retry", "follow-up", "fresh"}[k] }

// Reask is what the next attempt at a judgment is. The zero value is the first attempt.
type Reask struct {
	Kind  Kind
	Scale int // what max_tokens is multiplied with; 0: 1
}

// Next says what to do after attempts at one judgment with these verdicts, the oldest first; budget is how many further
// calls one judgment may take (`reask`). It returns false if the last verdict stands: it is valid, asking again would not
// help, or the budget is spent. It is pure, so a resumed run goes on with the very attempt that was due.
func Next(past []Verdict, budget int) (Reask, bool) {
	if len(past) == 0 || len(past) > budget || past[len(past)-1].State != Invalid {
		return Reask{}, false
	}
	r := Reask{Scale: 1}
	unread := 0
	for _, v := range past {
		switch v.Reason {
		case Empty, Truncated, TruncatedReasoning, NoFinal:
			r.Scale = min(2*r.Scale, mostTokens)
		case NoVerdict, Conflict, OutOfRange:
			unread++
		}
	}
	switch past[len(past)-1].Reason {
	case Empty, Truncated, TruncatedReasoning, NoFinal:
		r.Kind = Retry
	case NoVerdict, Conflict, OutOfRange:
		r.Kind = FollowUp
		if unread > 1 {
			r.Kind = Fresh
		}
	default:
		return Reask{}, false // a refusal would only be repeated
	}
	return r, true
}

// Apply makes the next call from the first one: its question, the judge's parameters as configured, and the reply before
// this attempt. q and params stay as they are.
func (r Reask) Apply(q Question, params map[string]any, previous Reply) (Question, map[string]any) {
	params = withTokens(params, max(1, r.Scale))
	if q.OneToken {
		params = oneToken(params)
	}
	if r.Kind == FollowUp && q.FollowUp == "" {
		r.Kind = Fresh // a protocol without that turn
	}
	switch r.Kind {
	case FollowUp:
		q.Messages = append(slices.Clone(q.Messages),
			providers.Message{Role: "assistant", Content: previous.Text},
			providers.Message{Role: "user", Content: q.FollowUp})
		if q.Schema != nil {
			q.Schema = q.FollowUpSchema
		}
	case Fresh:
		params["temperature"] = freshTemperature
	}
	return q, params
}

// tokenKeys are the names servers have for the limit.
var tokenKeys = []string{"max_tokens", "max_completion_tokens", "max_output_tokens", "num_predict"}

// withTokens is a copy of params whose limit of tokens is multiplied with scale, up to mostTokens and never below what it
// was. Parameters without a limit get the default.
func withTokens(params map[string]any, scale int) map[string]any {
	params = maps.Clone(params)
	if params == nil {
		params = map[string]any{}
	}
	limited := false
	for _, key := range tokenKeys {
		switch n := params[key].(type) {
		case nil:
			continue
		case int:
			params[key] = scaled(int64(n), scale)
		case int64:
			params[key] = scaled(n, scale)
		case float64:
			if n == math.Trunc(n) && math.Abs(n) <= 1<<53 {
				params[key] = scaled(int64(n), scale)
			}
		}
		limited = true
	}
	if !limited {
		params["max_tokens"] = scaled(defaultTokens, scale)
	}
	return params
}

// scaled is n times scale; what is not positive means no limit to some servers and stays.
func scaled(n int64, scale int) int64 {
	if n <= 0 || n >= mostTokens {
		return n
	}
	return min(n*int64(scale), mostTokens)
}
