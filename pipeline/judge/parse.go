package judge

import (
	"strings"

	"openarena/providers"
)

// ParserVersion names the rules by which replies are read. It rises with any change that may turn an old reply into another
// verdict, so that stored verdicts are known to be stale.
const ParserVersion = 2

// form is how a protocol's verdict looks: as a JSON object with keys, or else as text.
type form struct {
	keys   []string // without which an object is none
	all    []string // that are asked for
	object func(o object, w words) Verdict
	text   func(w words, cut bool) (v Verdict, start int, found bool) // start: where in w.text the verdict begins
}

// parse reads a reply, and refuses a tie where the rubric forbids one.
func (f form) parse(r Reply, c Case) Verdict {
	v := f.understand(r, c)
	if v.State == Tie && !c.ties() {
		return invalid(NoVerdict, FlagOffMenu)
	}
	return v
}

// understand reads what the provider says about a reply first, then the judge's own words.
func (f form) understand(r Reply, c Case) Verdict {
	switch {
	case r.Finish == providers.FinishFiltered:
		return invalid(Filtered)
	case r.Refusal != "" || r.Finish == providers.FinishRefusal:
		return invalid(Refusal)
	}
	w := ownWords(r.Text, c)
	switch {
	case w.thinking:
		return invalid(TruncatedReasoning)
	case trim(w.text) == "":
		return f.thought(r.Reasoning+w.thought, r.Finish, c)
	}
	return f.read(w, r.Finish == providers.FinishLength)
}

// thought reads a reply that is nothing but reasoning. Some servers put the structured reply there: it counts if it is
// complete and the last thing said; a draft in the midst of thinking does not.
func (f form) thought(reasoning, finish string, c Case) Verdict {
	switch {
	case trim(reasoning) == "":
		return invalid(Empty)
	case finish == providers.FinishLength:
		return invalid(TruncatedReasoning)
	}
	w := ownWords(reasoning, c)
	if o, ok := w.last(f.all...); ok && strings.Trim(w.text[o.end:], "` \t\r\n") == "" {
		if v := f.object(o, w); v.State != Invalid {
			return v.flag(FlagFromReasoning)
		}
	}
	return invalid(NoFinal)
}

// read finds the last verdict in w. An object outranks text, because it is what was asked for; an object or a label that
// is there but cannot be read is invalid, whatever stands further up.
func (f form) read(w words, cut bool) Verdict {
	if o, ok := w.last(f.keys...); ok {
		v := f.object(o, w)
		if v.State != Invalid {
			v.Explanation = w.analysis(o)
		}
		return v
	}
	v, start, found := f.text(w.prose(), cut)
	switch {
	case found && v.State != Invalid:
		v.Explanation = w.before(start)
		return v
	case found:
		return v
	case cut:
		return invalid(Truncated)
	}
	return invalid(NoVerdict)
}

// untitled is an explanation without the title many judges write above it.
func untitled(s string) string {
	s = strings.TrimSpace(s)
	rest := strings.TrimLeft(s, decoration)
	for _, title := range []string{"explanation", "analysis"} {
		if len(rest) < len(title) || !strings.EqualFold(rest[:len(title)], title) {
			continue
		}
		if after := strings.TrimLeft(rest[len(title):], "*_ "); strings.HasPrefix(after, ":") {
			return strings.TrimLeft(after[1:], "*_ \n")
		}
	}
	return s
}
