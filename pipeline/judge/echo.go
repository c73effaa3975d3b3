package judge

import (
	"slices"
	"strings"
)

// echoLength is how many bytes in a row a judge must share with an answer or the prompt to have copied them. Shorter runs
// are words that two people may both use.
const echoLength = 20

// maskEchoes overwrites with ~ what the judge copied: everything between fences of the question, and every run of at least
// echoLength bytes of a text it was shown. White space stays, and so do quotation marks at the ends of a run: they are more
// often the judge's own. The time is linear in all texts together. Both reply and the texts are compared as visible.
func maskEchoes(reply string, c Case) string {
	echoes := fenced(reply, c)
	sources := make([]string, 0, len(c.Messages)+3)
	for _, m := range c.Messages {
		sources = append(sources, visible(m.Content))
	}
	sources = append(sources, visible(c.First), visible(c.Second), visible(c.Reference))
	for _, s := range sources {
		if s := strings.TrimSpace(s); len(s) < echoLength && looksLikeVerdict(s, c) {
			echoes = append(echoes, occurrences(reply, s)...)
		}
	}
	return masked(reply, append(echoes, copied(reply, sources)...))
}

// fenced is what stands between an opening fence with the nonce of this very question and its end.
func fenced(reply string, c Case) (found []span) {
	nonce := ""
	for _, tag := range tags {
		if !strings.Contains(reply, "<"+tag+" id=") {
			continue
		}
		if nonce == "" {
			nonce = c.nonce()
		}
		found = append(found, between(reply, opening(tag, nonce), closing(tag, nonce), "</"+tag)...)
	}
	return found
}

// between finds what stands between open and end; where there is no end, judges forgot the id when they copied, and any closing
// tag will do.
func between(s, open, end, anyEnd string) (found []span) {
	for from := 0; ; {
		i := strings.Index(s[from:], open)
		if i < 0 {
			return found
		}
		inside := from + i + len(open)
		n := strings.Index(s[inside:], end)
		if n < 0 {
			end = anyEnd // there is none further down either
			n = strings.Index(s[inside:], end)
		}
		if n < 0 {
			return found
		}
		found = append(found, span{inside, inside + n})
		from = inside + n
	}
}

// looksLikeVerdict says whether s alone would be read as a verdict, or half of one. Such an answer is masked even if short.
func looksLikeVerdict(s string, c Case) bool {
	if s == "" {
		return false
	}
	for _, o := range scanObjects(s, c) {
		if o.ours {
			return true
		}
	}
	return len(levels.labels(s)) > 0 || len(scoreMarks(s, false)) > 0 || c.alone && (len(soleMarks(s, false)) > 0 || breaksOut(s, c))
}

// breaksOut says whether s, quoted as it is in an analysis, would end it and give a score. That is short where there is one.
func breaksOut(s string, c Case) bool {
	return slices.ContainsFunc(scanObjects(`{"analysis":"`+s, c), func(o object) bool { return o.has(keyScore) })
}

// occurrences are all places of part in s.
func occurrences(s, part string) (found []span) {
	for from := 0; ; {
		i := strings.Index(s[from:], part)
		if i < 0 {
			return found
		}
		from += i + len(part)
		found = append(found, span{from - len(part), from})
	}
}

// masked is s with the spans overwritten.
func masked(s string, spans []span) string {
	if len(spans) == 0 {
		return s
	}
	b := []byte(s)
	for _, x := range spans {
		overwrite(b, x)
	}
	return string(b)
}

func overwrite(b []byte, x span) {
	for x.start < x.end && edge(b[x.start]) {
		x.start++
	}
	for x.start < x.end && edge(b[x.end-1]) {
		x.end--
	}
	for i := x.start; i < x.end; i++ {
		if !space(b[i]) {
			b[i] = '~'
		}
	}
}

func edge(c byte) bool  { return c == '"' || space(c) }
func space(c byte) bool { return c == ' ' || c == '\n' || c == '\t' || c == '\r' }
