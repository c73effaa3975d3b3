package judge

import "slices"

// State says what became of a judgment.
type State uint8

// The states. A failure is never a tie.
const (
	Invalid State = iota
	Decided
	Tie
)

func (s State) String() string { return [...]string{"invalid", "decided", "tie"}[s] }

// Why a verdict is Invalid.
const (
	Empty              = "empty"               // no text at all
	Truncated          = "truncated"           // cut at max_tokens before the verdict
	TruncatedReasoning = "truncated_reasoning" // cut while still thinking
	NoFinal            = "no_final"            // it thought, and then said nothing
	NoVerdict          = "no_verdict"          // words, but no verdict of ours among them
	OutOfRange         = "out_of_range"        // a score outside 1..10
	Conflict           = "conflict"            // two verdicts, none of which is the last word
	Refusal            = "refusal"             // the model declined
	Filtered           = "filtered"            // the provider withheld the reply
	NoLogprobs         = "no_logprobs"         // the server did not tell them
)

// What is worth knowing about a verdict beside what it says.
const (
	FlagContradiction = "contradiction"  // verdict and scores prefer different answers
	FlagConflict      = "conflict"       // an earlier verdict in the same reply said something else
	FlagOffMenu       = "off_menu"       // the last verdict is none of those asked for
	FlagFromReasoning = "from_reasoning" // the whole verdict stood in the reasoning field, the text was empty
	FlagIdentical     = "identical"      // both answers are the same; no call was made
	FlagForfeit       = "forfeit"        // one answer is empty; no call was made
	FlagLowConfidence = "low_confidence" // it was read from plain words

	FlagSuspiciousVerdict     = "suspicious_verdict"     // an answer holds what looks like a verdict
	FlagSuspiciousInstruction = "suspicious_instruction" // an answer speaks to the judge
	FlagSuspiciousMarks       = "suspicious_marks"       // an answer holds marks of chats, thoughts or our questions
)

// How a verdict was read.
const (
	MethodJSON    = "json"
	MethodLabel   = "label"
	MethodScores  = "scores"
	MethodLogprob = "logprob"
	MethodProse   = "prose" // only by ReadProse
)

// Verdict is what a reply means, in the order of presentation.
type Verdict struct {
	State          State
	Reason         string   // Invalid: one of Empty … Filtered
	Level          int      // +2 first much better, +1 better, 0 tie, -1, -2 second much better; 0 when Invalid, or about one answer
	ScoreA, ScoreB *float64 // 1..10 of first and second; nil where the reply has none
	Preference     *float64 // how likely the first is better, 0..1, a tie being half; nil where the protocol asks for words
	Method         string   // json, label, scores, logprob, prose; "" where no verdict was read
	Flags          []string // in alphabetical order
	Explanation    string   // the judge's analysis as it wrote it, control characters included
}

// Label is the level as people write it: A>>B, A>B, A=B, B>A, B>>A; "" when Invalid, and of a verdict about one answer.
func (v Verdict) Label() string {
	if v.State == Invalid || v.State == Decided && v.Level == 0 {
		return ""
	}
	return [...]string{"B>>A", "B>A", "A=B", "A>B", "A>>B"}[v.Level+2]
}

func invalid(reason string, flags ...string) Verdict { return Verdict{Reason: reason, Flags: flags} }

// at returns the valid verdict of that level.
func at(level int, method string) Verdict {
	v := Verdict{State: Decided, Level: level, Method: method}
	if level == 0 {
		v.State = Tie
	}
	return v
}

// flag returns v with one more flag.
func (v Verdict) flag(name string) Verdict {
	if i, found := slices.BinarySearch(v.Flags, name); !found {
		v.Flags = slices.Insert(slices.Clone(v.Flags), i, name)
	}
	return v
}
