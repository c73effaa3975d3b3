package export

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"

	"github.com/parquet-go/parquet-go"
)

// errDiffers ends a comparison at the first row that is not the same.
var errDiffers = errors.New("the rows differ")

// firstDifference is the first row of a file that is not what an arena yields; nil: there is none.
func firstDifference(ctx context.Context, path string, a Arena, of File) (*Place, error) {
	o := of.Options
	t, format, err := o.choose()
	if err != nil {
		return nil, err
	}
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	var c comparer
	if texts, ok := format(io.Discard, t.columns, o).(*textFile); ok {
		c = &textComparison{file: bufio.NewReaderSize(f, flushAt), encoder: texts.encoder, want: texts.b}
	} else if c, err = compareParquet(f, t.columns); err != nil {
		return &Place{Row: 1, File: err.Error()}, nil
	}
	files := []rowWriter{c}
	switch {
	case of.Eval:
		files = []rowWriter{nowhere{}, c}
	case o.EvalSplit > 0:
		files = append(files, nowhere{})
	}
	_, err = writeRows(ctx, files, t, a)
	if place := c.place(); place != nil {
		return place, nil
	}
	if none := new(*EmptyError); errors.As(err, none) {
		return &Place{Row: 1, Arena: (*none).Error()}, nil
	}
	return nil, err
}

// nowhere is where rows of the other part go.
type nowhere struct{}

func (nowhere) add([]value) error { return nil }
func (nowhere) close() error      { return nil }
func (nowhere) abandon()          {}

// comparer is a rowWriter that compares rows with those of a file. Where one differs it fails, and has the place.
type comparer interface {
	rowWriter
	place() *Place
}

// textComparison compares with a file of text.
type textComparison struct {
	file    *bufio.Reader
	encoder encoder
	want    []byte // that is not compared yet
	got     []byte
	row     int
	at      *Place
}

func (c *textComparison) place() *Place { return c.at }
func (c *textComparison) abandon()      {}

func (c *textComparison) add(row []value) error {
	c.row++
	c.want = c.encoder.row(c.want, row)
	return c.compare()
}

func (c *textComparison) compare() error {
	c.got = append(c.got[:0], c.want...)
	n, err := io.ReadFull(c.file, c.got)
	if err == nil && bytes.Equal(c.got, c.want) {
		c.want = c.want[:0]
		return nil
	}
	if err != nil && !errors.Is(err, io.EOF) && !errors.Is(err, io.ErrUnexpectedEOF) {
		return err
	}
	rest, _ := c.file.Peek(excerptAfter)
	c.at = &Place{Row: max(c.row, 1)}
	c.at.File, c.at.Arena = excerpts(append(c.got[:n:n], rest...), c.want)
	return errDiffers
}

func (c *textComparison) close() error {
	c.row++ // what differs now is behind the last row
	c.want = c.encoder.end(c.want)
	if err := c.compare(); err != nil {
		return err
	}
	if rest, _ := c.file.Peek(excerptAfter); len(rest) > 0 {
		c.at = &Place{Row: c.row, File: string(bytes.ToValidUTF8(rest, []byte("\uFFFD")))}
		return errDiffers
	}
	return nil
}

// excerptBefore and excerptAfter are how many bytes around the first difference are shown.
const (
	excerptBefore = 40
	excerptAfter  = 80
)

// excerpts are two texts around the first byte that differs.
func excerpts(a, b []byte) (x, y string) {
	at := 0
	for at < min(len(a), len(b)) && a[at] == b[at] {
		at++
	}
	cut := func(b []byte) string {
		b = b[max(0, min(at-excerptBefore, len(b))):min(at+excerptAfter, len(b))]
		return string(bytes.ToValidUTF8(bytes.TrimRight(b, "\n"), []byte("\uFFFD")))
	}
	return cut(a), cut(b)
}

// parquetComparison compares with a Parquet file, value by value: other versions may compress the same rows to other bytes.
type parquetComparison struct {
	columns []column
	want    parquetRow
	values  []parquet.Value
	file    parquet.Rows
	rows    []parquet.Row
	row     int
	at      *Place
}

func compareParquet(f *os.File, columns []column) (c *parquetComparison, err error) {
	defer func() {
		if v := recover(); v != nil { // its footer may lie
			err = fmt.Errorf("the file is damaged: %v", v)
		}
	}()
	info, err := f.Stat()
	if err != nil {
		return nil, err
	}
	file, err := parquet.OpenFile(f, info.Size())
	if err != nil {
		return nil, err
	}
	root := nodeOf(columns)
	if schema := parquet.NewSchema("row", root); !parquet.EqualNodes(schema, file.Schema()) {
		return nil, errors.New("the file has other columns")
	}
	return &parquetComparison{columns: columns, want: newParquetRow(root), file: parquet.MultiRowGroup(file.RowGroups()...).Rows(), rows: make([]parquet.Row, 1)}, nil
}

func (c *parquetComparison) place() *Place { return c.at }
func (c *parquetComparison) abandon()      { c.file.Close() }

// next is the next row of the file; nil at its end. A damaged file is one that differs.
func (c *parquetComparison) next() (row parquet.Row, err error) {
	defer func() {
		if v := recover(); v != nil {
			err = fmt.Errorf("the file is damaged: %v", v)
		}
		if err != nil {
			c.at = &Place{Row: c.row, File: err.Error()}
		}
	}()
	n, err := c.file.ReadRows(c.rows)
	if n == 1 {
		return c.rows[0], nil
	}
	if errors.Is(err, io.EOF) {
		return nil, nil
	}
	return nil, err
}

func (c *parquetComparison) add(row []value) error {
	c.row++
	c.values = c.want.append(c.values[:0], c.columns, row)
	got, err := c.next()
	if err != nil {
		return err
	}
	if got.Equal(c.values) {
		return nil
	}
	c.at = &Place{Row: c.row}
	c.at.File, c.at.Arena = excerpts(appendLeaves(nil, got), appendLeaves(nil, c.values))
	return errDiffers
}

func (c *parquetComparison) close() error {
	got, err := c.next()
	if err == nil && got != nil {
		c.at = &Place{Row: c.row + 1}
		c.at.File, _ = excerpts(appendLeaves(nil, got), nil)
		err = errDiffers
	}
	return errors.Join(err, c.file.Close())
}

// appendLeaves appends the values of a row for people.
func appendLeaves(b []byte, row parquet.Row) []byte {
	for i, v := range row {
		if i > 0 {
			b = append(b, " | "...)
		}
		b = append(b, v.String()...)
	}
	return b
}
