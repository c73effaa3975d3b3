package providers

import "strings"

const (
	thinkOpen  = "<think>"
	thinkClose = "</think>"
)

// splitThink moves reasoning that a server left in the content out of it. Closed blocks are moved wherever they stand.
// A block that is opened at the start and never closed is all there is: the model ran out of tokens while it thought. A
// closing tag without an opening one ends reasoning whose opening tag was part of the prompt template. An opening tag
// later on that is never closed is text that happens to mention it.
func splitThink(content string) (answer, reasoning string) {
	if !strings.Contains(content, thinkOpen) && !strings.Contains(content, thinkClose) {
		return content, ""
	}
	var text, thoughts []string
	rest := content
	if end := strings.Index(rest, thinkClose); end >= 0 {
		if begin := strings.Index(rest, thinkOpen); begin < 0 || end < begin {
			thoughts, rest = append(thoughts, rest[:end]), rest[end+len(thinkClose):]
		}
	}
	for {
		before, after, ok := strings.Cut(rest, thinkOpen)
		if !ok {
			break
		}
		thought, next, closed := strings.Cut(after, thinkClose)
		if !closed {
			if strings.TrimSpace(before) == "" && len(text) == 0 && len(thoughts) == 0 {
				return "", strings.TrimSpace(after)
			}
			break
		}
		text, thoughts, rest = append(text, before), append(thoughts, thought), next
	}
	if len(thoughts) == 0 {
		return content, ""
	}
	text = append(text, rest)
	return strings.TrimLeft(strings.Join(text, ""), " \t\r\n"), joinThoughts(thoughts...)
}

// joinThoughts puts reasoning from several places together, each once.
func joinThoughts(thoughts ...string) string {
	var kept []string
	for _, t := range thoughts {
		t = strings.TrimSpace(t)
		if t != "" && (len(kept) == 0 || kept[len(kept)-1] != t) {
			kept = append(kept, t)
		}
	}
	return strings.Join(kept, "\n\n")
}
