package web

import (
	"cmp"
	"fmt"
	"math"

	"openarena/pipeline"
	"openarena/pipeline/columns"
	"openarena/pipeline/judge"
)

// What filters call what they choose from.
var (
	outcomeWords = map[string]string{"won": "won", "lost": "lost", "tie": "tied", "undecided": "not decided"}
	verdictWords = map[string]string{
		"much-better": "much better", "better": "better", "tie": "tie", "worse": "worse", "much-worse": "much worse", "invalid": "not understood",
	}
	voteWords  = map[string]string{"agree": "people agree with the judges", "differ": "people say otherwise", "none": "no votes"}
	orderWords = map[string]string{"disagreement": "most disagreement", "margin": "widest margin"}
)

// verdictSigns are by level, from the left.
var verdictSigns = [...]string{"≪", "<", "=", ">", "≫"}

// levelSays is a level from a's side in words.
func levelSays(level float64, a, b string) string {
	better := a
	if level < 0 {
		better = b
	}
	switch size := math.Abs(level); {
	case size < 1e-9:
		return "a tie"
	case size > 1.5:
		return better + " is much better"
	case size >= 0.5:
		return better + " is better"
	}
	return better + " is slightly better"
}

// crossingWords is an outcome from A's side.
func crossingWords(o columns.Outcome) string {
	switch o {
	case columns.WonByA:
		return "won"
	case columns.WonByB:
		return "lost"
	case columns.Tied:
		return "tie"
	}
	return "open"
}

// wordsOfRuling is what a verdict says.
func wordsOfRuling(r *pipeline.Ruling, first, second string) string {
	switch {
	case r.Loss != nil:
		return "The judgment failed"
	case !r.There:
		return "Not asked for yet"
	case r.State == judge.Invalid:
		return "No verdict can be read"
	case r.First == r.Second && r.ScoreA != nil:
		return fmt.Sprintf("%s gets %g of 10", first, *r.ScoreA)
	case r.Preference != nil:
		return fmt.Sprintf("%s is better with a probability of %.2f", first, *r.Preference)
	}
	text := levelSays(float64(r.Level), first, second)
	if r.Level == 0 {
		return "A tie"
	}
	return text
}

// flagWords say what is worth knowing about a verdict.
var flagWords = map[string]string{
	judge.FlagContradiction:         "its verdict and its scores prefer different answers",
	judge.FlagConflict:              "an earlier verdict in the same reply said something else",
	judge.FlagOffMenu:               "its last verdict is none of those it was offered",
	judge.FlagFromReasoning:         "read from its thoughts, since the text was empty",
	judge.FlagIdentical:             "both answers are the same: no call was needed",
	judge.FlagForfeit:               "an answer is empty: no call was needed",
	judge.FlagLowConfidence:         "read from plain words",
	judge.FlagSuspiciousVerdict:     "an answer holds what looks like a verdict",
	judge.FlagSuspiciousInstruction: "an answer speaks to the judge",
	judge.FlagSuspiciousMarks:       "an answer holds marks of chats, thoughts or questions to judges",
}

func wordsOfFlags(flags []string) (words []string) {
	for _, f := range flags {
		words = append(words, cmp.Or(flagWords[f], f))
	}
	return words
}

// reasons say why a verdict is invalid.
var reasons = map[string]string{
	judge.Empty:              "the reply holds no text at all",
	judge.Truncated:          "the reply was cut off before its verdict",
	judge.TruncatedReasoning: "the reply was cut off while the judge was thinking",
	judge.NoFinal:            "the judge thought, and then said nothing",
	judge.NoVerdict:          "there are words, but no verdict among them",
	judge.OutOfRange:         "a score is not between 1 and 10",
	judge.Conflict:           "there are two verdicts, and none is the last word",
	judge.Refusal:            "the judge declined",
	judge.Filtered:           "the provider withheld the reply",
	judge.NoLogprobs:         "the server told no probabilities",
}

func reasonWords(reason string) string { return cmp.Or(reasons[reason], reason) }
