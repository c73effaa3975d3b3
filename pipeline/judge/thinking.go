package judge

import "strings"

// span is a range of bytes.
type span struct{ start, end int }

// thinkingTags are the names models put around their thoughts.
var thinkingTags = []string{"think", "thinking", "reasoning", "mm:think"}

// thinking finds the thoughts in s. A closing tag without an opening one ends a thought that began with the text; open says
// that the last thought has no end. A tag within a complete object is a word in the judge's analysis.
func thinking(s string, objects []object) (spans []span, open bool) {
	start := -1
	for i := 0; i < len(s); i++ {
		next := strings.IndexByte(s[i:], '<')
		if next < 0 {
			break
		}
		i += next
		for len(objects) > 0 && (objects[0].end <= i || !objects[0].complete) {
			objects = objects[1:]
		}
		if len(objects) > 0 && objects[0].start <= i {
			i = objects[0].end - 1
			continue
		}
		closes, end := thinkingTag(s, i)
		switch {
		case end == 0:
		case !closes && start < 0:
			start = i
		case closes && start < 0:
			spans, start = []span{{0, end}}, -1
		case closes:
			spans, start = append(spans, span{start, end}), -1
		}
	}
	return spans, start >= 0
}

// thinkingTag reads the tag at i; end is 0 if it is none of ours.
func thinkingTag(s string, i int) (closes bool, end int) {
	j := i + 1
	if strings.HasPrefix(s[j:], "/") {
		closes, j = true, j+1
	}
	for _, name := range thinkingTags {
		k := j + len(name)
		if k < len(s) && s[k] == '>' && strings.EqualFold(s[j:k], name) {
			return closes, k + 1
		}
	}
	return false, 0
}

// cut is s without the spans, which ascend and do not overlap.
func cut(s string, spans []span) string {
	var b strings.Builder
	at := 0
	for _, x := range spans {
		b.WriteString(s[at:x.start])
		at = x.end
	}
	b.WriteString(s[at:])
	return b.String()
}

// keep is the spans of s alone.
func keep(s string, spans []span) string {
	var b strings.Builder
	for _, x := range spans {
		b.WriteString(s[x.start:x.end])
	}
	return b.String()
}
