// Package export says what rows look like for whom, and writes them: one file per type of row, one per format.
//
// What is written depends on the arena alone, byte for byte: rows come in the arena's order, fields in that of their
// type, and no time or machine is in them. Texts are exact; only bytes that are no UTF-8 become U+FFFD.
package export

import (
	"context"
	"iter"

	"openarena/pipeline/rating"
	"openarena/providers"
)

// Arena is what exports read: a frozen state of the database seen through the present configuration.
type Arena interface {
	// Prompts yields every wanted prompt that has an answer or a battle, in the order of the datasets.
	// explained: with the explanations of its judgments, which have to be read from the judges' replies.
	Prompts(ctx context.Context, explained bool) iter.Seq2[*Prompt, error]
	// Messages is the conversation of a prompt that Prompts yielded; it may be called within that loop.
	Messages(ctx context.Context, hash string) ([]providers.Message, error)
	// Ratings is the leaderboard.
	Ratings(ctx context.Context) (*rating.Leaderboard, error)
	// Provenance says what all of it was made from.
	Provenance(ctx context.Context) (*Provenance, error)
}

// Prompt is one prompt with all that happened to it.
type Prompt struct {
	Hash      string // hex
	Messages  []providers.Message
	Category  string
	Answers   []Answer   // in file order of the models, then samples
	Judgments []Judgment // in key order: battle by battle, and in each judge by judge
}

// Answer is one contestant's answer.
type Answer struct {
	Model     string // display name
	Sample    int
	Text      string
	Reasoning string // where the server told it apart from the text
	Finish    string // why it ended, one of providers.Finish…
}

// Judgment is one verdict about two answers, in the order they were shown.
type Judgment struct {
	First, Second           int // places in Prompt.Answers
	Judge                   string
	Weight                  float64  // that it has in its battle; 0: it says nothing, or others of the panel decide
	Short                   bool     // too few judges gave a valid verdict for the battle to count
	State, Reason, Verdict  string   // decided, tie or invalid; why invalid; A>>B … B>>A with A shown first
	Level                   int      // +2 … -2, for First
	Preference              *float64 // how likely First is better, 0 … 1, where the protocol tells; finer than Level
	Divided                 bool     // the judges are, half and half: the battle is a tie
	Partial                 bool     // its judge has not said all that it was asked of the battle
	ScoreFirst, ScoreSecond *float64
	Flags                   []string // contradiction: scores and verdict disagree; identical, forfeit: no call was needed …
	Explanation             string
	Attempts                int
}

// level is the judgment for First, as fine as it is known: +2 … -2.
func (j *Judgment) level() float64 {
	if j.Preference != nil {
		return 4**j.Preference - 2
	}
	return float64(j.Level)
}
