package export

import (
	"context"
	"fmt"
	"io"
)

// flushAt is how many bytes are collected before a write.
const flushAt = 1 << 18

// Summary tells of an export that was written.
type Summary struct{ Rows int }

// Write writes the rows of an arena to w and tells of them. An error of a, of w or of ctx ends it with
// part of the rows written; a *UsageError comes before the first.
func Write(ctx context.Context, w io.Writer, a Arena, o Options) (s Summary, err error) {
	t, format, err := o.choose()
	if err != nil {
		return s, err
	}
	e := format(t.columns, o)
	b := e.begin(make([]byte, 0, flushAt+flushAt/4))
	flush := func() error {
		_, err := w.Write(b)
		b = b[:0]
		return err
	}
	err = t.fill(ctx, a, func(row []value) error {
		if err := ctx.Err(); err != nil {
			return err
		}
		b = e.row(b, row)
		s.Rows++
		if len(b) < flushAt {
			return nil
		}
		return flush()
	})
	if err == nil {
		b = e.end(b)
		err = flush()
	}
	if err != nil {
		return s, fmt.Errorf("after %d rows: %w", s.Rows, err)
	}
	return s, nil
}
