package dataset

import (
	"fmt"
	"maps"
	"path"
	"slices"
	"strings"
)

// reader yields the rows of one file.
type reader interface {
	// next moves to the next row, usable or not, and decodes it if want says so; else the object is nil. The error is
	// a badRow where only this row is lost, io.EOF after the last row, and anything else where the rest is lost.
	next(want bool) (*Object, error)
	// at is the number of the row that next moved to, from 1: its line where the format has lines.
	at() int64
	close() error
}

// badRow says why a row cannot be used. The walk adds the place.
type badRow string

func (b badRow) Error() string { return string(b) }

// formats are the ways to read a file, by the ending of its name.
var formats = map[string]func(*input) (reader, error){}

// register makes a format known under endings such as "jsonl".
func register(open func(*input) (reader, error), endings ...string) struct{} {
	for _, e := range endings {
		formats[e] = open
	}
	return struct{}{}
}

// formatOf is how the file of that name is read, and the compression around it: "", "gz" or "zst".
func formatOf(name string) (open func(*input) (reader, error), compression string, err error) {
	inner := strings.ToLower(path.Base(name))
	ending := strings.TrimPrefix(path.Ext(inner), ".")
	if decompressors[ending] != nil {
		compression = ending
		inner = strings.TrimSuffix(inner, "."+ending)
		ending = strings.TrimPrefix(path.Ext(inner), ".")
	}
	if open = formats[ending]; open == nil {
		return nil, "", fmt.Errorf("%s: its name does not end in a known format (%s; each also .gz or .zst)", name, knownFormats())
	}
	return open, compression, nil
}

func knownFormats() string { return strings.Join(slices.Sorted(maps.Keys(formats)), ", ") }

// inParts reports whether a file of that name is read in parts, wherever they lie.
func inParts(name string) bool { return strings.HasSuffix(strings.ToLower(name), ".parquet") }
