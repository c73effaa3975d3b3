package export

import (
	"context"
	"fmt"
	"io"
)

// Summary tells of an export that was written.
type Summary struct{ Rows int }

// Write writes the rows of an arena to w and tells of them. An error of a, of w or of ctx ends it with
// part of the rows written; a *UsageError comes before the first.
func Write(ctx context.Context, w io.Writer, a Arena, o Options) (s Summary, err error) {
	t, format, err := o.choose()
	if err != nil {
		return s, err
	}
	rows := format(w, t.columns, o)
	err = t.fill(ctx, a, func(row []value) error {
		if err := ctx.Err(); err != nil {
			return err
		}
		s.Rows++
		return rows.add(row)
	})
	if err == nil {
		err = rows.close()
	} else {
		rows.abandon()
	}
	if err != nil {
		return s, fmt.Errorf("after %d rows: %w", s.Rows, err)
	}
	return s, nil
}
