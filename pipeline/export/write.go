package export

import (
	"context"
	"errors"
	"fmt"
	"io"
)

// Summary tells of an export that was written.
type Summary struct {
	Rows         int       `json:"rows"`
	EvalRows     int       `json:"eval_rows,omitempty"`     // of these, in the file of the other part
	Candidates   int       `json:"candidates,omitempty"`    // rows there would be without filters; 0 for types without
	Removed      []Removal `json:"removed,omitempty"`       // by filter; rows and removed ones are all candidates
	Pairs        bool      `json:"pairs,omitempty"`         // the rows are pairs
	LongerChosen int       `json:"longer_chosen,omitempty"` // of these, those whose chosen answer is the longer one
	// MeanLength is that of the answers, in characters; of pairs, of the chosen ones.
	MeanLength         float64 `json:"mean_length,omitempty"`
	MeanLengthRejected float64 `json:"mean_length_rejected,omitempty"`
}

// Write writes the rows of an arena to w and tells of them. An error of a, of w or of ctx ends it with part of the rows
// written. Nothing was written after a *UsageError, or after an *EmptyError, which says that no row is left of a type that is for trainers.
func Write(ctx context.Context, w io.Writer, a Arena, o Options) (Summary, error) {
	if o.EvalSplit > 0 {
		return Summary{}, &UsageError{"eval_split makes two files: name one to write to"}
	}
	return write(ctx, w, nil, a, o)
}

// write is Write with a second writer for the rows that are for evaluation, where there are any.
func write(ctx context.Context, w, eval io.Writer, a Arena, o Options) (s Summary, err error) {
	t, format, err := o.choose()
	if err != nil {
		return s, err
	}
	files := []rowWriter{format(w, t.columns, o)}
	if eval != nil {
		files = append(files, format(eval, t.columns, o))
	}
	return writeRows(ctx, files, t, a)
}

// writeRows fills the one file, or two of which the second is for evaluation.
func writeRows(ctx context.Context, files []rowWriter, t table, a Arena) (s Summary, err error) {
	err = t.fill(ctx, a, func(row []value) error {
		if err := ctx.Err(); err != nil {
			return err
		}
		s.Rows++
		if len(files) > 1 && t.eval() {
			s.EvalRows++
			return files[1].add(row)
		}
		return files[0].add(row)
	})
	if t.tell != nil {
		t.tell(&s)
		if err == nil && s.Rows == 0 {
			err = &EmptyError{s}
		}
	}
	for _, f := range files {
		if err == nil {
			err = f.close()
		} else {
			f.abandon()
		}
	}
	if err != nil && !errors.As(err, new(*EmptyError)) {
		err = fmt.Errorf("after %d rows: %w", s.Rows, err)
	}
	return s, err
}
