package pipeline

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"iter"
	"strings"

	"openarena/providers"
)

// voteLine is a vote as files have it.
type voteLine struct {
	ID      string          `json:"id,omitempty"`     // the prompt's hash
	Prompt  json.RawMessage `json:"prompt,omitempty"` // its text, or its messages
	ModelA  string          `json:"model_a"`
	SampleA int             `json:"sample_a,omitempty"`
	ModelB  string          `json:"model_b"`
	SampleB int             `json:"sample_b,omitempty"`
	Winner  string          `json:"winner"`
	Voter   string          `json:"voter"`
}

// VoteError says why a line of a file of votes was not imported.
type VoteError struct {
	Line int
	Err  error
}

func (e *VoteError) Error() string { return fmt.Sprintf("line %d: %v", e.Line, e.Err) }

// Unwrap is the reason.
func (e *VoteError) Unwrap() error { return e.Err }

// winners are the words that say who won, in small letters.
var winners = map[string]saying{
	"a": {Choice: firstWins}, "model_a": {Choice: firstWins}, "model a": {Choice: firstWins}, "left": {Choice: firstWins},
	"[[a]]": {Choice: firstWins}, "a>b": {Choice: firstWins}, "a>>b": {Choice: firstWins},
	"b": {Choice: secondWins}, "model_b": {Choice: secondWins}, "model b": {Choice: secondWins}, "right": {Choice: secondWins},
	"[[b]]": {Choice: secondWins}, "b>a": {Choice: secondWins}, "b>>a": {Choice: secondWins},
	"tie": {}, "draw": {}, "both": {}, "[[c]]": {}, "a=b": {},
	"both bad": {Mark: bothBad}, "bothbad": {Mark: bothBad}, "both_bad": {Mark: bothBad}, "tie (bothbad)": {Mark: bothBad}, "tie (both bad)": {Mark: bothBad},
}

// saying is what the line says of its two answers.
func (l voteLine) saying() (saying, error) {
	if l.Winner == "" {
		return saying{}, errors.New(`it has no "winner": a, b or tie`)
	}
	w, ok := winners[strings.ToLower(strings.TrimSpace(l.Winner))]
	if !ok {
		return saying{}, fmt.Errorf("winner %q: say a, b or tie", l.Winner)
	}
	return w, nil
}

// messages are those of the prompt; nil: the line has none.
func (l voteLine) messages() (all []providers.Message, text string, err error) {
	switch {
	case len(l.Prompt) == 0 || bytes.Equal(l.Prompt, []byte("null")):
		return nil, "", nil
	case json.Unmarshal(l.Prompt, &text) == nil:
		return oneTurn(text), text, nil
	case json.Unmarshal(l.Prompt, &all) == nil && len(all) > 0:
		return all, "", nil
	}
	return nil, "", errors.New(`"prompt" is neither text nor a list of messages`)
}

func oneTurn(text string) []providers.Message {
	return []providers.Message{{Role: "user", Content: text}}
}

// voteLines reads JSON Lines. A line that cannot be read yields a *VoteError, and the next one follows; any other error is the
// last. Empty lines do not matter, nor do fields we do not know.
func voteLines(r io.Reader) iter.Seq2[numbered, error] {
	return func(yield func(numbered, error) bool) {
		lines := bufio.NewReaderSize(r, 1<<16)
		for n := 1; ; n++ {
			text, err := lines.ReadBytes('\n')
			if err != nil && err != io.EOF {
				yield(numbered{}, fmt.Errorf("after %d lines: %w", n-1, err))
				return
			}
			if n == 1 {
				text = bytes.TrimPrefix(text, []byte("\uFEFF"))
			}
			if len(bytes.TrimSpace(text)) > 0 {
				line, bad := parseVoteLine(text)
				var said error
				if bad != nil {
					said = &VoteError{n, bad}
				}
				if !yield(numbered{n, line}, said) {
					return
				}
			}
			if err == io.EOF {
				return
			}
		}
	}
}

// numbered is a line with its number, from 1.
type numbered struct {
	n int
	voteLine
}

func parseVoteLine(text []byte) (l voteLine, err error) {
	var wrong *json.UnmarshalTypeError
	switch err := json.Unmarshal(text, &l); {
	case errors.As(err, &wrong) && wrong.Field == "":
		return l, fmt.Errorf("it is JSON of type %s; want an object with prompt or id, model_a, model_b, winner and voter", wrong.Value)
	case errors.As(err, &wrong):
		return l, fmt.Errorf("%q is of type %s; want %s", wrong.Field, wrong.Value, wanting(wrong.Field))
	case err != nil:
		return l, fmt.Errorf("it is no JSON object: %w", err)
	case l.ModelA == "" || l.ModelB == "":
		return l, errors.New(`it lacks "model_a" or "model_b"`)
	}
	return l, nil
}

func wanting(field string) string {
	if strings.HasPrefix(field, "sample_") {
		return "a whole number"
	}
	return "text"
}
