package battlefile

import (
	"bytes"
	"errors"
	"fmt"
	"strings"
)

// commas is rows of cells below a line of names (RFC 4180). Empty lines are no rows, empty cells are missing.
var commas = format{open: openCSV, whole: wholeRows}

// wholeRows ends at the last line end outside quotes. A quote inside quotes is doubled, so that counting is enough.
func wholeRows(text []byte) int {
	inside := bytes.Count(text, []byte{'"'})%2 == 1
	for {
		end := bytes.LastIndexByte(text, '\n')
		if inside = inside != (bytes.Count(text[end+1:], []byte{'"'})%2 == 1); !inside || end < 0 {
			return end + 1
		}
		text = text[:end]
	}
}

func openCSV(s *source) (parser, error) {
	text, err := s.first(firstRow)
	if err != nil {
		return nil, err
	}
	if len(chomp(text)) == 0 {
		return nil, errors.New("the file is empty; a first line with the names of the columns is expected")
	}
	row := cells{text: text, block: &block{}}
	names, err := row.next()
	if err != nil {
		return nil, fmt.Errorf("the first line, which names the columns: %w", err)
	}
	columns := make([]field, len(names))
	var head line
	for i, name := range names {
		columns[i] = fieldOf(name)
		if columns[i] != known && !head.put(columns[i], value{name, kindCell}) {
			return nil, fmt.Errorf("the first line names the column %s twice", columns[i])
		}
	}
	if err := complete(&head, names); err != nil {
		return nil, err
	}
	return func(b *block, want *fields) { parseCSV(b, want, columns) }, nil
}

// complete makes sure that a file has the columns that every battle needs.
func complete(head *line, names [][]byte) error {
	var lack string
	switch {
	case !head.has(modelA):
		lack = "model_a"
	case !head.has(modelB):
		lack = "model_b"
	case !head.has(winner) && !head.has(pointsA) && !head.has(verdict):
		lack = "winner, and none p_a"
	default:
		return nil
	}
	shown := make([]string, 0, len(names))
	for _, n := range names[:min(len(names), 20)] {
		shown = append(shown, show(n))
	}
	what := fmt.Sprintf("no column %s; the first line names %s", lack, strings.Join(shown, ", "))
	if len(names) == 1 && bytes.ContainsAny(names[0], "\t;") {
		what += "; put commas between columns"
	}
	return errors.New(what)
}

func parseCSV(b *block, want *fields, columns []field) {
	row := cells{text: b.text, block: b}
	for len(row.text) > 0 {
		at := b.lines + 1
		if line := row.line(); len(chomp(line)) == 0 {
			row.text = row.text[len(line):]
			b.lines++
			continue
		}
		err := row.battle(want, columns)
		b.lines += row.lines
		if err != nil {
			b.refuse(at, err)
		}
	}
}

// cells reads row after row off the front of a text.
type cells struct {
	text  []byte
	block *block
	row   [][]byte
	lines int64 // of the last row
}

// firstRow is how much of a text is its first row, with its end; 0 where the text ends in it.
func firstRow(text []byte) int {
	inside, at := false, 0
	for {
		n := bytes.IndexByte(text[at:], '\n') + 1
		if n == 0 {
			return 0
		}
		inside = inside != (bytes.Count(text[at:at+n], []byte{'"'})%2 == 1)
		if at += n; !inside {
			return at
		}
	}
}

// line is the first line of the text with its end.
func (c *cells) line() []byte {
	if end := bytes.IndexByte(c.text, '\n'); end >= 0 {
		return c.text[:end+1]
	}
	return c.text
}

// battle reads one row.
func (c *cells) battle(want *fields, columns []field) error {
	row, err := c.next()
	if err != nil {
		return err
	}
	if len(row) != len(columns) {
		return fmt.Errorf("it has %d cells, the first line %d", len(row), len(columns))
	}
	l := &c.block.line
	l.seen = 0
	for i, f := range columns {
		if f == known || len(row[i]) == 0 {
			continue
		}
		if err := c.block.readable(row[i]); err != nil {
			return fmt.Errorf("%v: %w", f, err)
		}
		l.put(f, value{row[i], kindCell})
	}
	return c.block.read(l, want)
}

// next takes the cells of one row; after an error the line behind it is next.
func (c *cells) next() ([][]byte, error) {
	c.row, c.lines = c.row[:0], 1
	for {
		var (
			one  []byte
			last bool
			err  error
		)
		if len(c.text) > 0 && c.text[0] == '"' {
			one, last, err = c.quoted()
		} else {
			one, last, err = c.bare()
		}
		if err != nil {
			c.text = c.text[len(c.line()):]
			return nil, err
		}
		c.row = append(c.row, one)
		if last {
			return c.row, nil
		}
	}
}

// bare takes a cell without quotes; last says that it was the row's last.
func (c *cells) bare() (one []byte, last bool, err error) {
	for i, b := range c.text {
		switch b {
		case ',':
			one, c.text = c.text[:i], c.text[i+1:]
			return one, false, nil
		case '\n':
			one, c.text = chomp(c.text[:i+1]), c.text[i+1:]
			return one, true, nil
		case '"':
			return nil, false, fmt.Errorf("cell %d holds a quote but is not in quotes; put it in quotes and double those inside", len(c.row)+1)
		}
	}
	one, c.text = c.text, nil
	return one, true, nil
}

// quoted takes a cell in quotes, which may hold line ends.
func (c *cells) quoted() (one []byte, last bool, err error) {
	rest := c.text[1:]
	doubled := false
	from := len(c.block.scratch)
	for {
		i := bytes.IndexByte(rest, '"')
		if i < 0 {
			return nil, false, fmt.Errorf("cell %d opens a quote that is never closed", len(c.row)+1)
		}
		c.lines += int64(bytes.Count(rest[:i], []byte{'\n'}))
		one, rest = rest[:i], rest[i+1:]
		if len(rest) == 0 || rest[0] != '"' {
			break
		}
		doubled = true
		c.block.scratch = append(append(c.block.scratch, one...), '"')
		rest = rest[1:]
	}
	if doubled {
		c.block.scratch = append(c.block.scratch, one...)
		one = c.block.scratch[from:]
	}
	c.text = rest
	switch end := c.line(); {
	case len(rest) > 0 && rest[0] == ',':
		c.text = rest[1:]
		return one, false, nil
	case len(chomp(end)) == 0:
		c.text = rest[len(end):]
		return one, true, nil
	}
	return nil, false, fmt.Errorf("cell %d goes on after its closing quote; double the quotes inside a cell", len(c.row)+1)
}
