package pipeline

import (
	"fmt"
	"slices"
	"strings"
)

// further is what a panel that grows may come to want of one prompt after the other, beside what it wants by now.
type further struct {
	calls   []int64         // by place of the judge, at most
	spare   int64           // verdicts that are there and not wanted, which prune keeps: they may be wanted again
	singles map[single]bool // that the prompt at hand may want; true: for a battle that is open
}

// see looks at a battle. open: it is not decided, and can be.
func (f *further) see(p *pairing, s *sheet, b battle, open bool) {
	x, okX := s.answer(b.A)
	y, okY := s.answer(b.B)
	wanted := p.judgments(s, b)
	for _, w := range p.possible(s, b) {
		switch {
		case slices.Contains(wanted, w):
		case w.judge.alone:
			for _, side := range [...]Side{b.A, b.B} {
				f.singles[single{w.judge, side}] = open || f.singles[single{w.judge, side}]
			}
		case okX && okY && s.has(w.key(&s.wanted, b, texts(x.Digest, y.Digest))):
			f.spare++
		case open:
			f.calls[w.judge.Place]++
		}
	}
}

// seeSingles counts those judgments about single answers that are not wanted yet.
func (f *further) seeSingles(p *pairing, s *sheet, wanted singles) {
	for one, open := range f.singles {
		if wanted[one] {
			continue
		}
		of, there := s.answer(one.side)
		for _, w := range p.twice(s, asked{judge: one.judge}, one.side) {
			switch {
			case there && s.has(w.single(&s.wanted, of)):
				f.spare++
			case open:
				f.calls[one.judge.Place]++
			}
		}
	}
	clear(f.singles)
}

// note says which judges may be asked how often beyond what is planned; "" where the plan is all.
func (f *further) note(a *Arena) string {
	var next, spare []string
	for i, n := range f.calls {
		switch j := &a.Judges[i]; {
		case n == 0:
		case a.sits(j):
			next = append(next, fmt.Sprintf("%s up to %d", j.Name, n))
		default:
			spare = append(spare, fmt.Sprintf("%s up to %d", j.Name, n))
		}
	}
	var parts []string
	if len(next) > 0 {
		parts = append(parts, "where the judge before flips, ties or cannot be read: "+strings.Join(next, ", "))
	}
	if len(spare) > 0 {
		parts = append(parts, "where a judge fails: "+strings.Join(spare, ", "))
	}
	if len(parts) == 0 {
		return ""
	}
	return "Further judgments may be asked for, " + strings.Join(parts, "; ") + ". Tokens and cost are those of the lower number of calls."
}
