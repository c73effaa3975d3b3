package judge

import (
	"bufio"
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"iter"

	"openarena/providers"
)

// Recorded is a reply that was written down somewhere, with the answers it is about where they are known.
type Recorded struct {
	Line int // from 1
	Reply
	Case
}

// LineError says which line of a file of replies is of no use, and why.
type LineError struct {
	Line int
	Err  error
}

func (e *LineError) Error() string { return fmt.Sprintf("line %d: %v", e.Line, e.Err) }

func (e *LineError) Unwrap() error { return e.Err }

// Replies reads JSON Lines: the reply in text, and where known finish, reasoning, refusal, prompt, answer_a and answer_b, or
// answer where there is one. Other fields do not matter, nor do empty lines. A line that cannot be read yields a *LineError, and the next one follows; any other
// error is the last.
func Replies(r io.Reader) iter.Seq2[Recorded, error] {
	return func(yield func(Recorded, error) bool) {
		lines := bufio.NewReaderSize(r, 1<<16)
		for n := 1; ; n++ {
			line, err := lines.ReadBytes('\n')
			if err != nil && err != io.EOF {
				yield(Recorded{}, fmt.Errorf("after %d lines: %w", n-1, err))
				return
			}
			if n == 1 {
				line = bytes.TrimPrefix(line, []byte("\uFEFF"))
			}
			if len(bytes.TrimSpace(line)) > 0 {
				rec, bad := recordedReply(line)
				rec.Line = n
				var said error
				if bad != nil {
					said = &LineError{n, bad}
				}
				if !yield(rec, said) {
					return
				}
			}
			if err == io.EOF {
				return
			}
		}
	}
}

func recordedReply(line []byte) (rec Recorded, err error) {
	var in struct {
		Text      *string `json:"text"`
		Finish    string  `json:"finish"`
		Reasoning string  `json:"reasoning"`
		Refusal   string  `json:"refusal"`
		Prompt    string  `json:"prompt"`
		First     string  `json:"answer_a"`
		Only      string  `json:"answer"`
		Second    string  `json:"answer_b"`
	}
	var wrong *json.UnmarshalTypeError
	switch err := json.Unmarshal(line, &in); {
	case errors.As(err, &wrong) && wrong.Field == "":
		return rec, fmt.Errorf(`it is JSON of type %s; want an object with the reply in "text"`, wrong.Value)
	case errors.As(err, &wrong):
		return rec, fmt.Errorf("%q is of type %s; want text", wrong.Field, wrong.Value)
	case err != nil:
		return rec, fmt.Errorf("it is no JSON object: %w", err)
	case in.Text == nil && in.Reasoning == "" && in.Refusal == "":
		return rec, errors.New(`it has no "text", which holds the reply`)
	}
	rec.Reply = Reply{Reasoning: in.Reasoning, Refusal: in.Refusal, Finish: providers.Finished(in.Finish)}
	if in.Text != nil {
		rec.Text = *in.Text
	}
	rec.Case = Case{First: cmp.Or(in.First, in.Only), Second: in.Second}
	if in.Prompt != "" {
		rec.Messages = []providers.Message{{Role: "user", Content: in.Prompt}}
	}
	return rec, nil
}
