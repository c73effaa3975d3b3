package judge

import (
	"bytes"
	"encoding/json"
	"strings"
	"text/template"

	"openarena/providers"
)

// wording is what a protocol says: rules for the system message, a reminder after the answers, and the turn that asks for
// the verdict alone. The rules are the same for all battles, so that servers which keep a common beginning read them once.
type wording struct {
	rules, reminder *template.Template
	followUp        string
	keys            []string // of the reply, beside the scores and the analysis
}

func newWording(rules, reminder, followUp string, keys ...string) wording {
	return wording{
		rules:    template.Must(template.New("rules").Parse(rules)),
		reminder: template.Must(template.New("reminder").Parse(reminder)),
		followUp: followUp,
		keys:     keys,
	}
}

// analyses are what the judge is told to write before it scores.
var analyses = map[string]string{
	"none":  "",
	"":      "one to three short sentences: which answer is better, and why",
	"brief": "one to three short sentences: which answer is better, and why",
	"full":  "a text that says first what a good answer needs, then what answer A gets right and wrong, then what answer B gets right and wrong, then how they compare",
}

// ask renders the question. Every text of the case is data to the templates and is never itself a template.
func (w wording) ask(c Case, s Settings) Question {
	data := struct{ Nonce, Analysis string }{c.nonce(), analyses[s.Analysis]}
	user := new(strings.Builder)
	c.fence(user, data.Nonce)
	user.WriteString(render(w.reminder, data))
	analysis := data.Analysis != ""
	return Question{
		Messages: []providers.Message{
			{Role: "system", Content: render(w.rules, data)},
			{Role: "user", Content: user.String()},
		},
		Schema:         schema(analysis, w.keys...),
		FollowUp:       w.followUp,
		FollowUpSchema: schema(false, w.keys...),
	}
}

func render(t *template.Template, data any) string {
	var b strings.Builder
	if err := t.Execute(&b, data); err != nil {
		panic("judge: a built-in wording does not render: " + err.Error()) // its data are strings and the builder cannot fail
	}
	return b.String()
}

// fence writes the prompt and both answers, each in a block of its own. Nothing in them is changed.
func (c Case) fence(b *strings.Builder, nonce string) {
	turns := 0
	for _, m := range c.Messages {
		if m.Role != "system" {
			turns++
		}
	}
	for _, m := range c.Messages {
		block(b, tag(m.Role, turns), nonce, m.Content)
	}
	if turns > 1 {
		b.WriteString("Answers A and B each reply to the last turn of this conversation.\n\n")
	}
	block(b, "answer_a", nonce, c.First)
	block(b, "answer_b", nonce, c.Second)
}

// tags are those of all blocks a question may hold.
var tags = []string{"context", "prompt", "user", "assistant", "answer_a", "answer_b"}

// tag names the block of a message; a single turn is the prompt, several are a conversation.
func tag(role string, turns int) string {
	switch {
	case role == "system":
		return "context"
	case turns == 1:
		return "prompt"
	case role == "assistant":
		return "assistant"
	}
	return "user"
}

func block(b *strings.Builder, tag, nonce, text string) {
	b.WriteString(opening(tag, nonce) + "\n")
	b.WriteString(text)
	b.WriteString("\n" + closing(tag, nonce) + "\n\n")
}

func opening(tag, nonce string) string { return "<" + tag + " id=" + nonce + ">" }
func closing(tag, nonce string) string { return "</" + tag + " id=" + nonce + ">" }

// schema is the JSON Schema of a reply: flat, everything required, enums in place of limits, because the strict modes of
// servers know no more. Keys are in alphabetical order, which is also the order of thinking: verdict last.
func schema(analysis bool, more ...string) json.RawMessage {
	score := map[string]any{"type": "integer", "enum": []int{1, 2, 3, 4, 5, 6, 7, 8, 9, 10}}
	properties := map[string]any{"score_a": score, "score_b": score}
	required := []string{"score_a", "score_b"}
	if analysis {
		properties["analysis"] = map[string]any{"type": "string"}
		required = append([]string{"analysis"}, required...)
	}
	for _, key := range more {
		properties[key] = map[string]any{"type": "string", "enum": []string{"A>>B", "A>B", "A=B", "B>A", "B>>A"}}
		required = append(required, key)
	}
	return canonical(map[string]any{
		"type": "object", "properties": properties, "required": required, "additionalProperties": false,
	})
}

// canonical is JSON with sorted keys, no spaces and no HTML escaping. v is made of maps, slices and strings.
func canonical(v any) []byte {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if err := e.Encode(v); err != nil {
		panic("judge: a built-in value does not encode: " + err.Error()) // there is nothing in it that could fail
	}
	return bytes.TrimSuffix(b.Bytes(), []byte("\n"))
}
