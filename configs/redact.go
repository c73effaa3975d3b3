package configs

import (
	"cmp"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"unicode"

	"openarena/configs/internal/tree"
)

const mask = "***"

const (
	shortestSecret = 8    // a text is searched for in messages only if it is this long; shorter ones also occur by chance
	mostSecrets    = 256  // with more, excerpts are left out
	longestLine    = 4096 // bytes; longer lines are not shown
	excerptWidth   = 120  // characters
)

var (
	keyInLine     = regexp.MustCompile(`([A-Za-z0-9_.-]+)["']?\s*:(\s+|$)`)
	onlyVariable  = regexp.MustCompile(`^(["']?)\$\{[A-Za-z_][A-Za-z0-9_]*\}(["']?)([\s,}\]]|$)`)
	bareSecrets   = regexp.MustCompile(`\bsk-[^\s"'` + "`" + `,;:}\])>]{4,}|\bhf_[A-Za-z0-9]{30,}|(?i:bearer)\s+[A-Za-z0-9._~+/=-]{8,}`)
	userInfo      = regexp.MustCompile(`://([^/\s"'@]+)@`)
	storeAccess   = regexp.MustCompile(`(?i)postgres(?:ql)?://(.+)@`) // its password may hold anything
	querySecret   = regexp.MustCompile(`(?i)[?&][a-z0-9_-]*(?:key|token|secret|sig|signature|password)=([^\s"']+)`)
	variableValue = regexp.MustCompile(`\$\{[A-Za-z_][A-Za-z0-9_]*:-([^}]*)`)
)

// redactor makes messages and excerpts of one file that show no secret. It knows two ways to find them, so that neither
// has to be perfect: by what the file says (values behind api_key and the like, values of variables) and by how
// a line looks, which is all there is when the file could not be parsed.
type redactor struct {
	lines    []string
	replacer *strings.Replacer
	secrets  []string // longest first
}

// newRedactor takes a source and its tree, which may be nil.
func newRedactor(src []byte, root *tree.Node) *redactor {
	r := &redactor{lines: strings.Split(strings.TrimPrefix(string(src), "\ufeff"), "\n")}
	found := map[string]bool{}
	if root != nil {
		collect(root, found)
	}
	pairs := make([]string, 0, 2*len(found))
	for s := range found {
		r.secrets = append(r.secrets, s)
	}
	slices.SortFunc(r.secrets, func(a, b string) int { return cmp.Or(len(b)-len(a), strings.Compare(a, b)) })
	for _, s := range r.secrets {
		pairs = append(pairs, s, mask)
	}
	r.replacer = strings.NewReplacer(pairs...)
	return r
}

// collect gathers the texts that must not be shown, each line of a longer one for itself.
func collect(n *tree.Node, found map[string]bool) {
	if n.Hidden && n.Text != "" {
		for line := range strings.SplitSeq(n.Text, "\n") {
			if line = strings.TrimSpace(line); len(line) >= shortestSecret {
				found[line] = true
			}
		}
	}
	for _, item := range n.Items {
		collect(item, found)
	}
	for _, e := range n.Entries {
		collect(e.Value, found)
	}
}

// text is a message without secrets.
func (r *redactor) text(s string) string {
	return bareSecrets.ReplaceAllString(r.replacer.Replace(s), mask)
}

// excerpt is the line of a mark, secrets masked, with a caret below the column. It is empty where the line cannot be
// shown.
func (r *redactor) excerpt(at tree.Mark) string {
	if at.Line < 1 || at.Line > len(r.lines) || len(r.secrets) > mostSecrets {
		return ""
	}
	line := strings.TrimRight(r.lines[at.Line-1], "\r")
	if line == "" || len(line) > longestLine {
		return ""
	}
	shown, caret := r.masked(at.Line-1, line, at.Col-1)
	if from := caret - excerptWidth*2/3; from > 0 && len(shown) > excerptWidth {
		shown, caret = append([]rune("…"), shown[from:]...), caret-from+1
	}
	if len(shown) > excerptWidth {
		shown = append(shown[:excerptWidth:excerptWidth], '…')
	}
	number := fmt.Sprintf("%5d", at.Line)
	return fmt.Sprintf("%s | %s\n%5s | %s^", number, string(shown), "", strings.Repeat(" ", caret))
}

// masked is a line without secrets, and where a column (from 0, in characters) of the line is in it. A column within a
// secret becomes the secret's first.
func (r *redactor) masked(index int, line string, col int) (shown []rune, caret int) {
	column := 0
	end := 0 // of the last secret, in bytes
	spans := r.spans(index, line)
	for i, c := range line {
		for len(spans) > 0 && i >= spans[0].from {
			if i == spans[0].from && i >= end {
				shown = append(shown, []rune(mask)...)
			}
			end = max(end, spans[0].to)
			spans = spans[1:]
		}
		if column == col {
			caret = len(shown)
			if i < end {
				caret -= len(mask)
			}
		}
		column++
		if i < end {
			continue
		}
		if c == '\t' || !unicode.IsPrint(c) {
			c = ' '
		}
		shown = append(shown, c)
	}
	if col >= column {
		caret = len(shown)
	}
	return shown, caret
}

// span is a part of a line, in bytes.
type span struct{ from, to int }

// spans are the secrets in a line, by their beginnings.
func (r *redactor) spans(index int, line string) []span {
	var spans []span
	add := func(from, to int) {
		if from < to {
			spans = append(spans, span{from, to})
		}
	}
	for _, m := range keyInLine.FindAllStringSubmatchIndex(line, -1) {
		if tree.SecretKey(line[m[2]:m[3]]) && !onlyVariable.MatchString(line[m[1]:]) {
			add(m[1], len(line)) // commas may belong to the secret: what follows goes too
		}
	}
	if r.withinSecret(index) {
		add(len(line)-len(strings.TrimLeft(line, " \t")), len(line))
	}
	for _, m := range bareSecrets.FindAllStringIndex(line, -1) {
		add(m[0], m[1])
	}
	for _, re := range []*regexp.Regexp{userInfo, storeAccess, querySecret, variableValue} {
		for _, m := range re.FindAllStringSubmatchIndex(line, -1) {
			add(m[2], m[3])
		}
	}
	for _, s := range r.secrets {
		for from := 0; ; {
			i := strings.Index(line[from:], s)
			if i < 0 {
				break
			}
			add(from+i, from+i+len(s))
			from += i + len(s)
		}
	}
	slices.SortFunc(spans, func(a, b span) int { return cmp.Or(a.from-b.from, b.to-a.to) })
	return spans
}

// withinSecret reports whether a line goes on with, or lies below, the value of a key that keeps a secret.
func (r *redactor) withinSecret(index int) bool {
	indent := indentation(r.lines[index])
	for i := index - 1; i >= 0 && indent > 0 && index-i < 1000; i-- {
		line := r.lines[i]
		if strings.TrimSpace(line) == "" || indentation(line) >= indent {
			continue
		}
		indent = indentation(line)
		for _, m := range keyInLine.FindAllStringSubmatch(line, -1) {
			if tree.SecretKey(m[1]) {
				return true
			}
		}
	}
	return false
}

// indentation is the column at which a line's key or text begins; the dash of a list entry counts as space.
func indentation(line string) int {
	return len(line) - len(strings.TrimLeft(line, " \t-\""))
}
