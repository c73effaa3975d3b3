package dataset

import (
	"fmt"
	"strings"
	"unicode/utf8"

	"openarena/configs"
	"openarena/providers"
)

// defaultField is where a prompt lies unless the configuration says otherwise.
const defaultField = "prompt"

// recipe makes a prompt of a row, as the settings of a dataset say.
type recipe struct {
	field                       fieldPath
	template                    *prompter // nil: field counts
	system, reference, category *fieldPath
}

func newRecipe(d configs.Dataset) (*recipe, error) {
	r := &recipe{field: newFieldPath(orDefault(d.Field, defaultField))}
	for _, f := range [...]struct {
		text string
		path **fieldPath
	}{{d.SystemField, &r.system}, {d.ReferenceField, &r.reference}, {d.CategoryField, &r.category}} {
		if f.text != "" {
			p := newFieldPath(f.text)
			*f.path = &p
		}
	}
	var err error
	if d.Template != "" {
		r.template, err = newPrompter(d.Template)
	}
	return r, err
}

func orDefault(field, otherwise string) string {
	if field == "" {
		return otherwise
	}
	return field
}

// needs are the top-level fields to decode; nil: all of them.
func (r *recipe) needs() map[string]bool {
	if r.template != nil {
		return nil
	}
	return needed(&r.field, r.system, r.reference, r.category)
}

// needed are the top-level fields that paths touch.
func needed(paths ...*fieldPath) map[string]bool {
	need := make(map[string]bool)
	for _, p := range paths {
		if p == nil {
			continue
		}
		for _, name := range p.top() {
			need[name] = true
		}
	}
	return need
}

// row makes the row of a record; absent takes note of fields that are not there. Its errors are *RowError.
func (r *recipe) row(rec record, absent *absences) (Row, error) {
	row := Row{Place: rec.place}
	var err error
	if row.Messages, err = r.messages(rec, absent); err == nil {
		row.Reference, err = absent.scalar(rec.Object, r.reference, "reference_field")
	}
	if err == nil {
		row.Category, err = absent.scalar(rec.Object, r.category, "category_field")
	}
	if err != nil {
		return Row{}, &RowError{Place: rec.place, What: err.Error()}
	}
	return row, nil
}

func (r *recipe) messages(rec record, absent *absences) ([]providers.Message, error) {
	var list []providers.Message
	var err error
	if r.template != nil {
		list, err = r.template.prompt(rec.Object)
	} else {
		list, err = promptAt(rec, r.field)
	}
	if err != nil || r.system == nil {
		return list, err
	}
	system, err := absent.scalar(rec.Object, r.system, "system_field")
	if err != nil || system == "" {
		return list, err
	}
	if list[0].Role == "system" {
		return nil, badRow(fmt.Sprintf("both %s and the list of messages hold a system message; leave out system_field", show(r.system.text)))
	}
	return append([]providers.Message{{Role: "system", Content: system}}, list...), nil
}

// promptAt is the prompt that lies at a path: text or a list of messages.
func promptAt(rec record, path fieldPath) ([]providers.Message, error) {
	if rec.line {
		path = newFieldPath(lineField)
	}
	v, err := path.of(rec.Object)
	if err != nil {
		return nil, hinted(err, path, rec.Object)
	}
	switch v := v.(type) {
	case string:
		if list, ok := messagesIn(v); ok {
			return chat(list, path.text)
		}
		return user(v, "field "+show(path.text))
	case []any:
		if text, ok := only(v); ok {
			return user(text, "field "+show(path.text))
		}
		if areTexts(v) {
			return nil, badRow(fmt.Sprintf("field %s is a list of texts; write field: %s[0] for the first of them", show(path.text), path.text))
		}
		return chat(v, path.text)
	case *Object:
		if isMessage(v) {
			return chat([]any{v}, path.text)
		}
		if list, ok := inColumns(v); ok {
			return chat(list, path.text)
		}
		return nil, badRow(fmt.Sprintf("field %s is an object, neither text nor a list of messages%s", show(path.text), insideHint(v, path.text)))
	}
	return nil, badRow(fmt.Sprintf("field %s is %s, neither text nor a list of messages", show(path.text), kind(v)))
}

// only is the text of a list that holds nothing else.
func only(list []any) (string, bool) {
	if len(list) != 1 {
		return "", false
	}
	text, ok := list[0].(string)
	return text, ok
}

// areTexts reports whether a list holds texts, and nothing else.
func areTexts(list []any) bool {
	for _, v := range list {
		if _, ok := v.(string); !ok {
			return false
		}
	}
	return len(list) > 0
}

// user is the prompt of one message with that text, which came from what.
func user(text, what string) ([]providers.Message, error) {
	if err := valid(text, what); err != nil {
		return nil, err
	}
	if strings.TrimSpace(text) == "" {
		return nil, badRow("the prompt is empty (" + what + ")")
	}
	return []providers.Message{{Role: "user", Content: text}}, nil
}

// scalar is the text at a path; numbers and truth values count as text, null and no path as "".
func scalar(o *Object, path *fieldPath) (string, error) {
	if path == nil {
		return "", nil
	}
	v, err := path.of(o)
	if err != nil || v == nil {
		return "", err
	}
	switch v.(type) {
	case []any, *Object:
		return "", badRow(fmt.Sprintf("field %s is %s, not text", show(path.text), kind(v)))
	}
	s := fmt.Sprint(v)
	return s, valid(s, "field "+show(path.text))
}

// valid makes sure that text is UTF-8.
func valid(text, what string) error {
	if utf8.ValidString(text) {
		return nil
	}
	at := 0
	for at < len(text) {
		r, size := utf8.DecodeRuneInString(text[at:])
		if r == utf8.RuneError && size == 1 {
			break
		}
		at += size
	}
	if len(text) > at+1 && text[at] == 0xED && text[at+1] >= 0xA0 {
		return badRow(fmt.Sprintf("%s holds half of a character, a lone surrogate, at byte %d", what, at+1))
	}
	return badRow(fmt.Sprintf("%s is not valid UTF-8 at byte %d (0x%02X)", what, at+1, text[at]))
}
