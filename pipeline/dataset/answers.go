package dataset

import (
	"context"
	"fmt"
	"iter"

	"openarena/configs"
	"openarena/providers"
)

// AnswerRow is an answer that exists already.
type AnswerRow struct {
	Messages []providers.Message // the prompt it answers, as Row has it
	Text     string              // may be empty
	Place    string
}

// AnswerSource is the files of a contestant that answers from files. Its methods are as those of Source.
type AnswerSource interface {
	Fingerprint(ctx context.Context) (string, error)
	Stat(ctx context.Context) (string, error)
	Rows(ctx context.Context) iter.Seq2[AnswerRow, error]
}

// Answers finds the files of a contestant below dir. Errors are as for Open.
func Answers(a configs.Answers, dir string) (AnswerSource, error) {
	fs, err := find(a.Path, dir)
	if err != nil {
		return nil, fmt.Errorf("answers %s: %w", a.Path, err)
	}
	return &answers{
		files:  fs,
		prompt: newFieldPath(orDefault(a.PromptField, defaultField)),
		text:   newFieldPath(orDefault(a.Field, "answer")),
	}, nil
}

type answers struct {
	*files
	prompt, text fieldPath
}

func (a *answers) Rows(ctx context.Context) iter.Seq2[AnswerRow, error] {
	return func(yield func(AnswerRow, error) bool) {
		for rec, err := range a.walk(ctx, every, needed(&a.prompt, &a.text)) {
			var row AnswerRow
			if err == nil {
				row, err = a.row(rec)
			}
			if !yield(row, err) {
				return
			}
		}
	}
}

func (a *answers) row(rec record) (AnswerRow, error) {
	bad := func(err error) (AnswerRow, error) {
		return AnswerRow{}, &RowError{Place: rec.place, What: err.Error()}
	}
	if rec.line {
		return bad(badRow("a txt file holds prompts only; answers need two fields, as jsonl and csv have them"))
	}
	messages, err := promptAt(rec, a.prompt)
	if err != nil {
		return bad(err)
	}
	v, err := a.text.of(rec.Object)
	if err != nil {
		return bad(err)
	}
	text, ok := v.(string)
	if !ok {
		return bad(badRow(fmt.Sprintf("field %s is %s, not text", show(a.text.text), kind(v))))
	}
	if err := valid(text, "field "+show(a.text.text)); err != nil {
		return bad(err)
	}
	return AnswerRow{Messages: messages, Text: text, Place: rec.place}, nil
}
