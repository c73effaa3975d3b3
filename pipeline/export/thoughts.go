package export

import "strings"

// What becomes of the thoughts of models that reason.
const (
	ThinkingStrip = "strip" // rows hold what was said to the user
	ThinkingKeep  = "keep"  // and before it, between <think> and </think>, what was thought
)

var thoughtTags = [...]string{"think", "thinking", "reasoning"}

// spoken is the answer's text without thoughts. One that begins the text and has no end is all there is: nothing was said.
func (a *Answer) spoken() string {
	text := a.Text
	for _, tag := range thoughtTags {
		text = withoutTag(text, tag)
	}
	return text
}

// withoutTag cuts out what stands between <tag> and </tag>, and the blanks behind it. Templates that open the thought
// themselves leave an end without a beginning: the text until there was thought.
func withoutTag(text, tag string) string {
	opening, closing := "<"+tag+">", "</"+tag+">"
	if !strings.Contains(text, "<") {
		return text
	}
	for {
		begin, end := strings.Index(text, opening), strings.Index(text, closing)
		switch {
		case begin < 0 && end < 0:
			return text
		case end < 0 && blank(text[:begin]):
			return ""
		case end < 0:
			return text
		case begin < 0 || end < begin:
			begin = 0
		}
		text = text[:begin] + strings.TrimLeft(text[end+len(closing):], " \t\r\n")
	}
}

// thought is the answer with its thoughts before it. Those that stand in the text already stay as they are.
func (a *Answer) thought() string {
	if a.Reasoning == "" || strings.Contains(a.Text, "</think>") {
		return a.Text
	}
	return "<think>\n" + strings.TrimSpace(a.Reasoning) + "\n</think>\n\n" + a.Text
}
