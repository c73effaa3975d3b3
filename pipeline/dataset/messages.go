package dataset

import (
	"fmt"
	"strings"

	"openarena/providers"
)

// roles are the names of the three roles, in lower case: the usual ones, and what public sets of conversations call them
// (ShareGPT's human and gpt, Open Assistant's prompter, Gemini's model).
var roles = map[string]string{
	"system": "system", "developer": "system",
	"user": "user", "human": "user", "prompter": "user",
	"assistant": "assistant", "gpt": "assistant", "chatgpt": "assistant", "bot": "assistant", "model": "assistant", "bing": "assistant", "bard": "assistant",
}

// The names under which a message has its role and its text, the usual ones first.
var (
	roleNames    = []string{"role", "from"}
	contentNames = []string{"content", "value"}
)

// chat reads a list of messages at the path field: [{role, content}], [{from, value}] or a mixture. Assistant turns at the end
// are cut, for they are answers; an empty system message is none. Errors are badRow.
func chat(list []any, field string) ([]providers.Message, error) {
	messages := make([]providers.Message, 0, len(list))
	for i, item := range list {
		m, err := message(item)
		if err != nil {
			return nil, badRow(fmt.Sprintf("message %d of %s: %v", i+1, show(field), err))
		}
		if m.Role == "system" && m.Content == "" {
			continue
		}
		messages = append(messages, m)
	}
	for n := len(messages); n > 0 && messages[n-1].Role == "assistant"; n-- {
		messages = messages[:n-1]
	}
	for i, m := range messages {
		if m.Role == "system" && i > 0 {
			return nil, badRow(fmt.Sprintf("%s has a system message that is not the first", show(field)))
		}
		if strings.TrimSpace(m.Content) == "" {
			return nil, badRow(fmt.Sprintf("%s has an empty %s message", show(field), m.Role))
		}
	}
	if n := len(messages); n == 0 || messages[n-1].Role != "user" {
		return nil, badRow(fmt.Sprintf("the prompt is empty (%s has no user message)", show(field)))
	}
	return messages, nil
}

// message reads one turn.
func message(item any) (providers.Message, error) {
	o, ok := item.(*Object)
	if !ok {
		return providers.Message{}, fmt.Errorf("it is %s, not an object with role and content", kind(item))
	}
	roleName, who, ok := o.first(roleNames)
	if !ok {
		return providers.Message{}, noField(roleName, o)
	}
	name, ok := who.(string)
	if !ok {
		return providers.Message{}, fmt.Errorf("its %s is %s, not text", roleName, kind(who))
	}
	role, ok := roles[strings.ToLower(name)]
	if !ok {
		return providers.Message{}, fmt.Errorf("the role %s is none of system, user and assistant", show(name))
	}
	contentName, content, ok := o.first(contentNames)
	if !ok {
		return providers.Message{}, noField(contentName, o)
	}
	if content == nil && role != "user" {
		return providers.Message{Role: role}, nil // as an answer that called a tool
	}
	text, err := contentText(content, contentName)
	if err != nil {
		return providers.Message{}, err
	}
	return providers.Message{Role: role, Content: text}, valid(text, "its "+contentName)
}

// contentText is the text of a message's content: text, or parts that are all text.
func contentText(content any, name string) (string, error) {
	if s, ok := content.(string); ok {
		return s, nil
	}
	parts, ok := content.([]any)
	if !ok {
		return "", fmt.Errorf("its %s is %s, not text", name, kind(content))
	}
	var b strings.Builder
	for i, part := range parts {
		o, _ := part.(*Object)
		if o == nil {
			return "", fmt.Errorf("part %d is %s, not an object with text", i+1, kind(part))
		}
		kindOf, _ := o.Get("type")
		v, _ := o.Get("text")
		s, ok := v.(string)
		if kindOf != "text" && kindOf != "input_text" && kindOf != "output_text" || !ok {
			return "", fmt.Errorf("part %d is not text but %s", i+1, show(fmt.Sprint(kindOf)))
		}
		b.WriteString(s)
	}
	return b.String(), nil
}

// first is the value under the first of some names that the object has. Where it has none, name is the first of them.
func (o *Object) first(names []string) (name string, v any, ok bool) {
	for _, name := range names {
		if v, ok := o.Get(name); ok {
			return name, v, true
		}
	}
	return names[0], nil, false
}

// isMessage reports whether a value is an object with a role and a text.
func isMessage(v any) bool {
	o, ok := v.(*Object)
	if !ok {
		return false
	}
	_, who, named := o.first(roleNames)
	_, _, speaks := o.first(contentNames)
	_, isText := who.(string)
	return named && speaks && isText
}

// inColumns are the messages of an object of lists, {role: [...], content: [...]}: older versions of the datasets library
// make that of a list of objects.
func inColumns(o *Object) (list []any, ok bool) {
	role, who, named := o.first(roleNames)
	content, what, speaks := o.first(contentNames)
	whos, isList := who.([]any)
	whats, areLists := what.([]any)
	if !named || !speaks || !isList || !areLists || len(whos) != len(whats) {
		return nil, false
	}
	for i := range whos {
		list = append(list, &Object{names: []string{role, content}, values: []any{whos[i], whats[i]}})
	}
	return list, true
}

// messagesIn are the messages of a text that is a JSON list of them and nothing else, as cells of CSV files hold it.
func messagesIn(text string) ([]any, bool) {
	v, _ := jsonIn(text)
	list, ok := v.([]any)
	if !ok || len(list) == 0 {
		return nil, false
	}
	for _, item := range list {
		if !isMessage(item) {
			return nil, false
		}
	}
	return list, true
}

// jsonIn is the list or object that a text holds as JSON.
func jsonIn(text string) (any, bool) {
	text = strings.TrimSpace(text)
	if n := len(text); n < 2 || text[0] != '[' && text[0] != '{' || text[n-1] != ']' && text[n-1] != '}' {
		return nil, false
	}
	r := jsonReader{names: make(map[string]string), data: []byte(text)}
	v, err := r.value()
	if r.space(); err != nil || r.pos < len(r.data) {
		return nil, false
	}
	return v, true
}
