package export

import (
	"strings"
	"unicode/utf8"
)

var _ = registerEncoder("csv", func(columns []column, o Options) encoder { return csv{columns, o.CSVSafe} })

// csv is cells below a line of names (RFC 4180, but lines end in LF). A null is an empty cell, an empty text is "".
// Lists and records are JSON.
type csv struct {
	columns []column
	safe    bool
}

func (c csv) begin(b []byte) []byte {
	row := make([]value, len(c.columns))
	for i, column := range c.columns {
		row[i] = text(column.name)
	}
	return c.row(b, row)
}

func (c csv) row(b []byte, row []value) []byte {
	for i := range row {
		if i > 0 {
			b = append(b, ',')
		}
		switch v := &row[i]; v.kind {
		case isText:
			b = c.text(b, v.text)
		case isList, isRecord:
			b = quote(b, string(v.appendJSON(nil)))
		default:
			b = v.appendPlain(b)
		}
	}
	return append(b, '\n')
}

func (c csv) end(b []byte) []byte { return b }

func (c csv) text(b []byte, s string) []byte {
	if !utf8.ValidString(s) {
		s = strings.ToValidUTF8(s, "\uFFFD")
	}
	// Numbers are left alone: the sign of a negative one is no formula.
	if c.safe && s != "" && strings.IndexByte("=+-@\t\r", s[0]) >= 0 {
		s = "'" + s
	}
	if s != "" && !strings.ContainsAny(s, ",\"\r\n") {
		return append(b, s...)
	}
	return quote(b, s)
}

func quote(b []byte, s string) []byte {
	b = append(b, '"')
	for {
		i := strings.IndexByte(s, '"')
		if i < 0 {
			return append(append(b, s...), '"')
		}
		b = append(append(b, s[:i]...), `""`...)
		s = s[i+1:]
	}
}
