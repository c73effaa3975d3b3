package export

import (
	"math"
	"strconv"
)

// value is one cell of a row, or a part of one. The zero value is null.
type value struct {
	kind  kind
	point bool // of a number: it is never written as a whole one
	text  string
	bits  uint64  // of a number or a whole one
	items []value // of a list or a record
	of    *shape  // of a record
}

type kind uint8

const (
	isNull kind = iota
	isText
	isNumber
	isWhole
	isTrue
	isFalse
	isList
	isRecord
)

func text(s string) value    { return value{kind: isText, text: s} }
func whole(n int) value      { return value{kind: isWhole, bits: uint64(n)} }
func number(f float64) value { return value{kind: isNumber, bits: math.Float64bits(f)} }

// decimal is a number that readers take for one with a fraction even where it has none: some decide by the first they see.
func decimal(f float64) value { return value{kind: isNumber, point: true, bits: math.Float64bits(f)} }

func (v *value) number() float64 { return math.Float64frombits(v.bits) }
func (v *value) whole() int64    { return int64(v.bits) }

// textOrNull is null for "".
func textOrNull(s string) value {
	if s == "" {
		return value{}
	}
	return text(s)
}

func numberOrNull(f *float64) value {
	if f == nil || math.IsNaN(*f) || math.IsInf(*f, 0) { // JSON has no word for the last two
		return value{}
	}
	return number(*f)
}

func wholeOrNull(n *int) value {
	if n == nil {
		return value{}
	}
	return whole(*n)
}

func truth(t bool) value {
	if t {
		return value{kind: isTrue}
	}
	return value{kind: isFalse}
}

// appendJSON appends v as JSON.
func (v *value) appendJSON(b []byte) []byte {
	switch v.kind {
	case isText:
		return appendString(b, v.text)
	case isNull:
		return append(b, "null"...)
	case isList:
		return appendList(b, v.items)
	case isRecord:
		return appendObject(b, v.of.keys, v.items)
	}
	return v.appendPlain(b)
}

// appendPlain appends a value that is neither list nor record as a person writes it; null is nothing.
func (v *value) appendPlain(b []byte) []byte {
	switch v.kind {
	case isText:
		return append(b, v.text...)
	case isNumber:
		f := v.number()
		b = appendNumber(b, f)
		if v.point && f == math.Trunc(f) && math.Abs(f) < 1e15 {
			b = append(b, ".0"...)
		}
		return b
	case isWhole:
		return strconv.AppendInt(b, v.whole(), 10)
	case isTrue:
		return append(b, "true"...)
	case isFalse:
		return append(b, "false"...)
	}
	return b
}

// appendNumber appends the shortest text that reads as f, without an exponent in the range that people use.
func appendNumber(b []byte, f float64) []byte {
	format := byte('f')
	if size := math.Abs(f); size != 0 && (size < 1e-6 || size >= 1e21) {
		format = 'e'
	}
	return strconv.AppendFloat(b, f, format, -1, 64)
}

// appendList appends values as a JSON list.
func appendList(b []byte, items []value) []byte {
	b = append(b, '[')
	for i := range items {
		if i > 0 {
			b = append(b, ',')
		}
		b = items[i].appendJSON(b)
	}
	return append(b, ']')
}

// appendObject appends values as a JSON object with these keys.
func appendObject(b []byte, keys [][]byte, items []value) []byte {
	for i := range items {
		b = items[i].appendJSON(append(b, keys[i]...))
	}
	return append(b, '}')
}
