package providers

import "encoding/json"

// How structured output can be asked for: a ladder, whose upper rungs not every server knows. The first two are kinds of a
// [Format].
const (
	RungSchema = "json_schema"
	RungObject = "json_object"
	RungText   = "text"
)

// RungBelow is the next rung down; false: there is none.
func RungBelow(rung string) (next string, ok bool) {
	next, ok = map[string]string{RungSchema: RungObject, RungObject: RungText}[rung]
	return next, ok
}

// FormatOf asks for an object of this schema on a rung; nil for text.
func FormatOf(rung, name string, schema json.RawMessage) *Format {
	switch rung {
	case RungSchema:
		return &Format{Kind: rung, Name: name, Schema: schema}
	case RungObject:
		return &Format{Kind: rung}
	}
	return nil
}
