package dataset

import (
	"context"
	"errors"

	"openarena/configs"
)

// Field is a field of a dataset's rows.
type Field struct {
	Name    string `json:"name"`
	Type    string `json:"type"`    // text, number, true or false, list, list of texts, list of messages, messages as JSON in a text, object, null; "text or null" where rows differ
	Example any    `json:"example"` // the first value that is not null
}

// Peek returns the fields of the first n rows of a dataset, whose settings beside where it lies do not count, and the rows
// themselves. Rows that cannot be read are joined in the error, beside the rows that can.
func Peek(ctx context.Context, d configs.Dataset, from From, n int) ([]Field, []*Object, error) {
	fs, err := locate(ctx, d, from)
	if err != nil {
		return nil, nil, err
	}
	var rows []*Object
	var wrong []error
	for rec, err := range fs.walk(ctx, window{limit: int64(n)}, nil) {
		if err != nil {
			wrong = append(wrong, err)
			continue
		}
		rows = append(rows, rec.Object)
	}
	return fieldsOf(rows), rows, errors.Join(wrong...)
}

// fieldsOf lists the fields of rows in the order in which they first occur.
func fieldsOf(rows []*Object) []Field {
	var fields []Field
	places := make(map[string]int)
	for _, row := range rows {
		for name, v := range row.All() {
			i, ok := places[name]
			if !ok {
				places[name] = len(fields)
				fields = append(fields, Field{Name: name, Type: typeOf(v), Example: v})
				continue
			}
			f := &fields[i]
			f.Type = either(f.Type, typeOf(v))
			if f.Example == nil {
				f.Example = v
			}
		}
	}
	return fields
}

// typeOf is kind without its article, and tells messages from other lists.
func typeOf(v any) string {
	switch v := v.(type) {
	case []any:
		if _, err := chat(v, ""); err == nil {
			return "list of messages"
		}
		if areTexts(v) {
			return "list of texts"
		}
		return "list"
	case *Object:
		if list, ok := inColumns(v); ok && len(list) > 0 {
			return "list of messages"
		}
		return "object"
	case string:
		if _, ok := messagesIn(v); ok {
			return "messages as JSON in a text"
		}
		return "text"
	case nil, bool:
		return kind(v)
	}
	return "number"
}

// either joins the type of the rows so far with that of one more.
func either(sofar, one string) string {
	const null = " or null"
	switch {
	case one == sofar, one+null == sofar, one == "null" && len(sofar) > len(null) && sofar[len(sofar)-len(null):] == null, sofar == "mixed":
		return sofar
	case one == "null":
		return sofar + null
	case sofar == "null":
		return one + null
	}
	return "mixed"
}
