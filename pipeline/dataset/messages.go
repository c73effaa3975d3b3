package dataset

import (
	"fmt"
	"strings"

	"openarena/providers"
)

// roles are the names of the three roles, in the usual shape and in that of ShareGPT.
var roles = map[string]string{
	"system": "system", "user": "user", "assistant": "assistant",
	"human": "user", "gpt": "assistant", "chatgpt": "assistant",
}

// chat reads a list of messages at the path field: [{role, content}] or [{from, value}]. Assistant turns at the end
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
	roleName, contentName := "role", "content"
	if _, ok := o.Get(roleName); !ok {
		if _, ok := o.Get("from"); ok {
			roleName, contentName = "from", "value"
		}
	}
	who, ok := o.Get(roleName)
	if !ok {
		return providers.Message{}, noField(roleName, o)
	}
	name, ok := who.(string)
	if !ok {
		return providers.Message{}, fmt.Errorf("its %s is %s, not text", roleName, kind(who))
	}
	role, ok := roles[name]
	if !ok {
		return providers.Message{}, fmt.Errorf("the role %s is none of system, user and assistant", show(name))
	}
	content, ok := o.Get(contentName)
	if !ok {
		return providers.Message{}, noField(contentName, o)
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
		if kindOf != "text" || !ok {
			return "", fmt.Errorf("part %d is not text but %s", i+1, show(fmt.Sprint(kindOf)))
		}
		b.WriteString(s)
	}
	return b.String(), nil
}
