package dataset

import (
	"encoding/json"
	"errors"
	"io"
	"strconv"

	"github.com/parquet-go/parquet-go"
)

// errShape: a column's levels contradict the schema.
var errShape = errors.New("the columns of the parquet file do not fit together")

// valueSize is the memory of a value beside its bytes.
const valueSize = 24

// column reads one column of a row group, row by row.
type column struct {
	pages   parquet.Pages
	page    parquet.Page // its memory is shared with buf and row
	values  parquet.ValueReader
	buf     []parquet.Value // read but not yet given out
	space   [256]parquet.Value
	row     []parquet.Value // of the present row; valid until the next
	passed  int64           // rows of the group passed
	repeats bool            // a row may hold several values
	near    int64           // rows that are passed by reading them
}

func (c *column) close() {
	if c.page != nil {
		parquet.Release(c.page)
	}
	c.pages.Close()
}

// skip passes over n rows, by pages where there are many.
func (c *column) skip(n int64) error {
	if n > c.near {
		c.release()
		if err := c.pages.SeekToRow(c.passed + n); err != nil {
			return err
		}
		c.passed += n
		return nil
	}
	for range n {
		if err := c.readRow(); err != nil {
			return err
		}
	}
	return nil
}

func (c *column) release() {
	if c.page != nil {
		parquet.Release(c.page)
	}
	c.page, c.values, c.buf = nil, nil, nil
}

// readRow moves to the next row: its first value and those that repeat.
func (c *column) readRow() error {
	c.row = c.row[:0]
	size := 0
	for {
		if len(c.buf) == 0 {
			err := c.fill()
			if errors.Is(err, io.EOF) && len(c.row) > 0 {
				break
			}
			if errors.Is(err, io.EOF) {
				return io.ErrUnexpectedEOF
			}
			if err != nil {
				return err
			}
		}
		if len(c.row) > 0 && c.buf[0].RepetitionLevel() == 0 {
			break
		}
		v := c.buf[0]
		c.buf = c.buf[1:]
		if !c.repeats {
			c.row = append(c.row, v)
			break
		}
		// Where the row ends is known only from the value behind it, whose page takes the place of this one.
		v = v.Clone()
		c.row = append(c.row, v)
		if k := v.Kind(); k == parquet.ByteArray || k == parquet.FixedLenByteArray {
			size += len(v.ByteArray())
		}
		if size += valueSize; size > maxRow {
			return errors.New("the row is longer than 64 MiB")
		}
	}
	c.passed++
	return nil
}

// fill reads more values, from the next page where this one has ended.
func (c *column) fill() error {
	for {
		if c.values == nil {
			page, err := c.pages.ReadPage()
			if err != nil {
				return err
			}
			c.page, c.values = page, page.Values()
		}
		n, err := c.values.ReadValues(c.space[:])
		if err != nil && !errors.Is(err, io.EOF) {
			return err
		}
		if c.buf = c.space[:n]; n > 0 {
			return nil
		}
		if err != nil {
			c.release()
		}
	}
}

// assemble builds the value of a node from the values of its leaves, below the levels def and rep.
func (p *parquetFile) assemble(c *parquet.Column, leaves [][]parquet.Value, def, rep int) (any, error) {
	if len(leaves) == 0 || len(leaves[0]) == 0 {
		return nil, errShape
	}
	first := leaves[0][0].DefinitionLevel()
	switch {
	case c.Optional():
		if def++; first < def {
			return nil, nil
		}
	case c.Repeated():
		if def++; first < def {
			return []any{}, nil
		}
		return p.repeated(c, leaves, def, rep+1)
	}
	return p.single(c, leaves, def, rep)
}

// repeated builds the list of a repeated node: a new item begins where the repetition level is rep or less.
func (p *parquetFile) repeated(c *parquet.Column, leaves [][]parquet.Value, def, rep int) (any, error) {
	list := []any{}
	rest := append([][]parquet.Value(nil), leaves...)
	item := make([][]parquet.Value, len(leaves))
	for len(rest[0]) > 0 {
		for i, values := range rest {
			if len(values) == 0 {
				return nil, errShape
			}
			n := 1
			for n < len(values) && values[n].RepetitionLevel() > rep {
				n++
			}
			item[i], rest[i] = values[:n], values[n:]
		}
		v, err := p.single(c, item, def, rep)
		if err != nil {
			return nil, err
		}
		list = append(list, v)
	}
	return list, nil
}

// single builds the one value of a node that is there.
func (p *parquetFile) single(c *parquet.Column, leaves [][]parquet.Value, def, rep int) (any, error) {
	if c.Leaf() {
		return leafValue(leaves[0][0]), nil
	}
	children := c.Columns()
	// A list is stored as a group around a repeated group around the item; neither wrapper has a meaning of its own.
	if len(children) == 1 && !c.Repeated() && children[0].Repeated() {
		return p.list(children[0], leaves, def, rep)
	}
	o := new(Object)
	for _, child := range children {
		n := len(leafColumns(child, nil))
		v, err := p.assemble(child, leaves[:n], def, rep)
		if err != nil {
			return nil, err
		}
		o.add(child.Name(), v)
		leaves = leaves[n:]
	}
	return o, nil
}

// list builds a list and takes the wrapper off its items.
func (p *parquetFile) list(items *parquet.Column, leaves [][]parquet.Value, def, rep int) (any, error) {
	v, err := p.assemble(items, leaves, def, rep)
	if err != nil || items.Leaf() || len(items.Columns()) != 1 {
		return v, err
	}
	list, _ := v.([]any)
	for i, item := range list {
		if o, ok := item.(*Object); ok && len(o.values) == 1 {
			list[i] = o.values[0]
		}
	}
	return list, nil
}

func leafValue(v parquet.Value) any {
	if v.IsNull() {
		return nil
	}
	switch v.Kind() {
	case parquet.Boolean:
		return v.Boolean()
	case parquet.Int32:
		return int64(v.Int32())
	case parquet.Int64:
		return v.Int64()
	case parquet.Float:
		return json.Number(strconv.FormatFloat(float64(v.Float()), 'g', -1, 32))
	case parquet.Double:
		return json.Number(strconv.FormatFloat(v.Double(), 'g', -1, 64))
	case parquet.ByteArray, parquet.FixedLenByteArray:
		return string(v.ByteArray())
	}
	return v.String()
}
