package judge

import (
	"slices"
	"strings"

	"openarena/providers"
)

// ReadProse reads a reply as p does. Where p finds no verdict, the last sentence counts that names the better answer in
// plain words, at one level: such a verdict has the method prose and is flagged low_confidence. It is for replies to questions
// that were not ours; a run never reads prose.
func ReadProse(p Protocol, r Reply, c Case) Verdict {
	v := p.Parse(r, c)
	if Pointwise(p) {
		return v // there is no better answer to name
	}
	if v.State != Invalid || v.Reason != NoVerdict && v.Reason != NoLogprobs && v.Reason != Truncated {
		return v
	}
	w := ownWords(r.Text, c)
	w.own = maskShort(w.prose().own, c)
	if from, ok := afterOffMenu(w.own, v); ok {
		if prose, found := proseVerdict(w.own[from:], r.Finish == providers.FinishLength); found && (prose.State != Tie || c.ties()) {
			prose.Explanation = w.before(len(w.text))
			return prose
		}
	}
	return v
}

// afterOffMenu is where prose may begin: behind nothing that was meant as a verdict and cannot be read. A line "Verdict: B is
// better" is such a verdict to a form with labels, and may still be read as prose.
func afterOffMenu(own string, v Verdict) (from int, ok bool) {
	if !slices.Contains(v.Flags, FlagOffMenu) {
		return 0, true
	}
	ls := levels.labels(own)
	if len(ls) == 0 || ls[len(ls)-1].weight > 0 {
		return 0, false
	}
	return ls[len(ls)-1].start, true
}

// proseVerdict is what s says in words: by its last claim, or by being nothing but the name of an answer, or by a label without
// brackets where there is no other. With cut, a last sentence without an end does not count.
func proseVerdict(s string, cut bool) (v Verdict, found bool) {
	var p prose
	for t := (tokens{text: s}); t.sentence(); {
		if !cut || t.whole {
			p.hear(&t)
		}
	}
	return p.verdict()
}

// prose is what was heard so far.
type prose struct {
	sentences int
	bare      int // the answer that the first sentence is the name of: 1, -1
	last      claim
	claimed   bool
	changed   bool   // an earlier claim was another one
	label     string // without brackets; "" where there is none
	odd       bool   // there is another label, or it is denied
}

func (p *prose) hear(t *tokens) {
	p.sentences++
	c := clauses{tokens: t.list}
	if side, next := c.answer(0); p.sentences == 1 && next == len(t.list) && !t.asks {
		p.bare = side
	}
	p.bareLabels(t)
	if claim, ok := claimOf(t.list); ok && !t.asks {
		p.changed = p.changed || p.claimed && claim != p.last
		p.last, p.claimed = claim, true
	}
}

// bareLabels looks for "A>B" in a sentence.
func (p *prose) bareLabels(t *tokens) {
	s := clauses{tokens: t.list}
	for i, sign := range t.list {
		if sign.kind&compares == 0 || !s.at(i-1).firm || !s.at(i+1).firm {
			continue
		}
		label := bare(t.text[s.at(i-1).start:s.at(i+1).end])
		if _, known := levels[label]; !known || t.asks || s.doubtful() || p.label != "" && label != p.label {
			p.odd = true
		}
		p.label = label
	}
}

func (p *prose) verdict() (v Verdict, found bool) {
	switch {
	case p.claimed && p.last.torn:
		return invalid(Conflict), true
	case p.claimed:
		v = at(p.last.level, MethodProse)
	case p.sentences == 1 && p.bare != 0:
		v = at(p.bare, MethodProse)
	case p.label != "" && !p.odd:
		v = at(levels[p.label], MethodProse)
	default:
		return Verdict{}, false
	}
	if p.changed {
		v = v.flag(FlagConflict)
	}
	return v.flag(FlagLowConfidence), true
}

// maskShort masks what is too short for an echo and would be read as a verdict in words.
func maskShort(own string, c Case) string {
	shown := []string{c.First, c.Second, c.Reference}
	for _, m := range c.Messages {
		shown = append(shown, m.Content)
	}
	var echoes []span
	for _, text := range shown {
		s := strings.TrimSpace(visible(text))
		if len(s) >= echoLength {
			continue
		}
		if _, found := proseVerdict(s, false); found {
			echoes = append(echoes, occurrences(own, s)...)
		}
	}
	return masked(own, echoes)
}
