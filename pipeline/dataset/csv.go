package dataset

import (
	"bytes"
	"errors"
	"fmt"
	"io"
)

var (
	_ = register(func(in *input) (reader, error) { return openCSV(in, ',') }, "csv")
	_ = register(func(in *input) (reader, error) { return openCSV(in, '\t') }, "tsv")
)

// csv is rows of cells below a line of names (RFC 4180). Unlike encoding/csv it keeps a CRLF inside quotes as it is,
// bounds the length of a row, and goes on after a row that is wrong.
type csv struct {
	in    *input
	lines lines
	comma byte
	names []string
	start int64  // the line in which the present row begins
	text  []byte // the cells of the present row, one after another
	ends  []int  // where in text each ends
}

func openCSV(in *input, comma byte) (reader, error) {
	r, err := in.text(1 << 18)
	if err != nil {
		return nil, err
	}
	c := &csv{in: in, lines: lines{r: r}, comma: comma}
	err = c.row()
	if errors.Is(err, io.EOF) {
		return nil, errors.New("the file is empty; a first line with the names of the columns is expected")
	}
	if err != nil {
		return nil, fmt.Errorf("the first line, which names the columns: %w", err)
	}
	c.names = c.cells()
	seen := make(map[string]bool, len(c.names))
	for _, n := range c.names {
		if seen[n] && n != "" {
			return nil, fmt.Errorf("the first line names the column %q twice", n)
		}
		seen[n] = true
	}
	return c, nil
}

func (c *csv) next(want bool) (*Object, error) {
	if err := c.row(); err != nil || !want {
		return nil, err
	}
	if len(c.ends) != len(c.names) {
		return nil, badRow(fmt.Sprintf("the row has %d cells, the first line %d", len(c.ends), len(c.names)))
	}
	o := &Object{names: c.names, values: make([]any, len(c.names))}
	for i, cell := range c.cells() {
		if c.in.need == nil || c.in.need[c.names[i]] {
			o.values[i] = cell
		}
	}
	return o, nil
}

func (c *csv) at() int64    { return c.start }
func (c *csv) close() error { return c.in.close() }

// cells are the cells of the present row.
func (c *csv) cells() []string {
	all := string(c.text)
	cells := make([]string, len(c.ends))
	from := 0
	for i, end := range c.ends {
		cells[i] = all[from:end]
		from = end
	}
	return cells
}

// row reads the next row into text and ends. Empty lines are no rows.
func (c *csv) row() error {
	c.text, c.ends = c.text[:0], c.ends[:0]
	var line []byte
	var err error
	for len(chomp(line)) == 0 {
		if line, err = c.lines.next(); err != nil {
			c.start = c.lines.n
			return err
		}
	}
	c.start = c.lines.n
	for last := false; !last; {
		if len(line) > 0 && line[0] == '"' {
			line, last, err = c.quoted(line[1:])
		} else {
			line, last, err = c.bare(line)
		}
		if err != nil {
			return err
		}
		c.ends = append(c.ends, len(c.text))
	}
	return nil
}

// bare takes a cell without quotes from the front of line; last says that it was the row's last.
func (c *csv) bare(line []byte) (rest []byte, last bool, err error) {
	cell := chomp(line)
	i := bytes.IndexByte(line, c.comma)
	if i >= 0 {
		cell = line[:i]
	}
	// A tsv file often holds quotes as mere characters; in a csv file such a row has lost its structure.
	if c.comma == ',' && bytes.IndexByte(cell, '"') >= 0 {
		return nil, false, badRow(fmt.Sprintf(
			"cell %d holds a quote but is not in quotes; put it in quotes and double those inside", len(c.ends)+1))
	}
	c.text = append(c.text, cell...)
	return line[i+1:], i < 0, nil
}

// quoted takes a cell from behind its opening quote; it may go on over several lines.
func (c *csv) quoted(line []byte) (rest []byte, last bool, err error) {
	for {
		i := bytes.IndexByte(line, '"')
		if i < 0 {
			c.text = append(c.text, line...)
			if line, err = c.continued(); err != nil {
				return nil, false, err
			}
			continue
		}
		c.text = append(c.text, line[:i]...)
		line = line[i+1:]
		switch {
		case len(line) > 0 && line[0] == '"':
			c.text = append(c.text, '"')
			line = line[1:]
		case len(line) > 0 && line[0] == c.comma:
			return line[1:], false, nil
		case len(chomp(line)) == 0:
			return nil, true, nil
		default:
			return nil, false, badRow(fmt.Sprintf(
				"cell %d goes on after its closing quote; double the quotes inside a cell", len(c.ends)+1))
		}
	}
}

// continued reads the line after one that ended inside quotes.
func (c *csv) continued() ([]byte, error) {
	line, err := c.lines.next()
	if errors.Is(err, io.EOF) {
		return nil, fmt.Errorf("line %d: cell %d opens a quote that is never closed", c.start, len(c.ends)+1)
	}
	if errors.Is(err, errLongLine) || len(c.text)+len(line) > maxRow {
		return nil, fmt.Errorf("line %d: cell %d opens a quote that is not closed within 64 MiB", c.start, len(c.ends)+1)
	}
	return line, err
}
