package pipeline

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"openarena/pipeline/judge"
)

// What is out of line. A rate is judged by the end of its interval that is kinder to the judge, so that few verdicts accuse
// nobody; the figures behind the bounds stand in docs/judging.md.
const (
	manyInvalid      = 0.05 // of verdicts
	unfairSlot       = 0.05 // away from a half
	fewConsistent    = 0.75 // of battles in both orders
	manyReversals    = 0.05 // of these, three levels or more apart
	fewSelfAgreed    = 0.8
	manyContradicted = 0.05
	manyLonger       = 0.6
	weakKappa        = 0.4 // between a judge and people
	noKappa          = 0.2 // between two judges
	fewForKappa      = 30  // battles below which a kappa is noise
	coinBrier        = 0.25
	fewAnswers       = 5    // of a contestant, below which equal ones are chance
	sameAnswers      = 0.25 // of its answers
	fewShort         = 5    // battles of strikingly short answers
)

// findings are sentences on every figure that is out of line.
func (rep *JudgeReport) findings(a *Arena) []string {
	f := &finder{all: []string{}}
	verdicts := int64(0)
	for i := range rep.Judges {
		f.judge(&rep.Judges[i])
		verdicts += rep.Judges[i].Verdicts
	}
	if verdicts == 0 {
		f.say("No judge has said anything yet.")
	}
	for _, p := range rep.Pairs {
		if !rep.Panel.UnsureOnly && p.Kappa != nil && p.Agreement.N >= fewForKappa && *p.Kappa < noKappa {
			f.say("%s and %s hardly agree beyond chance: kappa %.2f on %d battles.", p.Judges[0], p.Judges[1], *p.Kappa, p.Agreement.N)
		}
	}
	for _, m := range rep.Models {
		f.model(m)
	}
	f.without(rep, verdicts > 0)
	return f.all
}

type finder struct{ all []string }

func (f *finder) say(format string, args ...any) { f.all = append(f.all, fmt.Sprintf(format, args...)) }

// span is a rate with its interval and what it rests on.
func (r Rate) span() string { return fmt.Sprintf("%.2f [%.2f, %.2f]", *r.Rate, *r.Lower, *r.Upper) }

func (f *finder) judge(q *JudgeQuality) {
	if r := q.Invalid; r.Rate != nil && *r.Lower > manyInvalid {
		f.say("%s: %s of %d verdicts cannot be read (%s).", q.Judge, r.span(), r.N, tally(q.Reasons))
	}
	if r := q.FirstSlot; unfair(r) {
		slot := "first"
		if *r.Rate < 0.5 {
			slot = "second"
		}
		f.say("%s prefers the %s answer: %s of %d decided verdicts are for the first, 0.50 is fair.", q.Judge, slot, r.span(), r.N)
	}
	if r := q.Consistent; r.Rate != nil && *r.Upper < fewConsistent {
		f.say("%s often changes its mind when the answers change places: consistent in %s of %d battles.", q.Judge, r.span(), r.N)
	}
	if r := newRate(q.Flips[3]+q.Flips[4], q.Consistent.N); r.Rate != nil && *r.Lower > manyReversals {
		f.say("%s reverses itself: in %s of %d battles the orders are three levels or more apart.", q.Judge, r.span(), r.N)
	}
	if r := q.SelfConsistency; r.Rate != nil && *r.Upper < fewSelfAgreed {
		f.say("%s, asked the same again, says the same in only %s of %d judgments.", q.Judge, r.span(), r.N)
	}
	if r := q.Contradictions; r.Rate != nil && *r.Lower > manyContradicted {
		f.say("%s contradicts its own scores in %s of %d verdicts.", q.Judge, r.span(), r.N)
	}
	if r := q.LongerWins; r.Rate != nil && *r.Lower > manyLonger {
		f.say("%s prefers the longer answer: %s of %d decided verdicts. Better answers are often longer, too.", q.Judge, r.span(), r.N)
	}
	f.kin(q)
	f.votes(q)
	f.flags(q)
	for _, c := range q.Contestants {
		f.contestant(q, c)
	}
}

func unfair(r Rate) bool {
	return r.Rate != nil && (*r.Lower > 0.5 || *r.Upper < 0.5) && max(*r.Rate-0.5, 0.5-*r.Rate) >= unfairSlot
}

func (f *finder) kin(q *JudgeQuality) {
	if l := q.OwnFamily; l.Lower != nil && *l.Lower > 0 {
		f.say("%s prefers its own family (%s): %.2f of %d battles, other judges %.2f; a lift of %.2f [%.2f, %.2f].",
			q.Judge, l.Family, *l.Rate, l.N, *l.Others, *l.Lift, *l.Lower, *l.Upper)
	}
}

func (f *finder) votes(q *JudgeQuality) {
	v := q.Votes
	if v.Kappa != nil && v.Agreement.N >= fewForKappa && *v.Kappa < weakKappa {
		f.say("%s agrees little with people: kappa %.2f, the same verdict in %s of %d battles.", q.Judge, *v.Kappa, v.Agreement.span(), v.Agreement.N)
	}
	if v.Brier != nil && v.Agreement.N >= fewForKappa && *v.Brier > coinBrier {
		f.say("%s is surer than it may be: its Brier score against people is %.2f, always saying 1/2 costs 0.25 at most.", q.Judge, *v.Brier)
	}
}

// flags tells of answers that may have spoken to the judge.
func (f *finder) flags(q *JudgeQuality) {
	suspicious := map[string]int64{}
	for _, flag := range [...]string{judge.FlagSuspiciousInstruction, judge.FlagSuspiciousMarks, judge.FlagSuspiciousVerdict} {
		if n := q.Flags[flag]; n > 0 {
			suspicious[flag] = n
		}
	}
	if len(suspicious) > 0 {
		f.say("%s was shown answers that may be meant for it (%s, of %d verdicts); `openarena export --type battles` lists their flags.",
			q.Judge, tally(suspicious), q.Verdicts)
	}
}

// contestant tells where a judge treats one contestant otherwise than all.
func (f *finder) contestant(q *JudgeQuality, c ContestantConduct) {
	if r := c.Invalid; r.Rate != nil && *r.Lower > manyInvalid && q.Invalid.Upper != nil && *r.Lower > *q.Invalid.Upper {
		f.say("%s cannot be read on battles of %s more often than else: %s of %d verdicts; what is missing may not be missing by chance.",
			q.Judge, c.Model, r.span(), r.N)
	}
	if r, all := c.FirstSlot, q.FirstSlot; unfair(r) && all.Rate != nil && (*r.Lower > *all.Upper || *r.Upper < *all.Lower) {
		f.say("%s, on battles of %s, is for the first answer in %s of %d decided verdicts, in all in %.2f.", q.Judge, c.Model, r.span(), r.N, *all.Rate)
	}
}

func (f *finder) model(m ModelReport) {
	if r := m.Repeated; r.Count >= fewAnswers && *r.Rate >= sameAnswers {
		f.say("%s gives the same answer to %d or more of %d prompts: it may not look at them.", m.Model, r.Count, r.N)
	}
	if r := m.ShortWins; r.N >= fewShort && *r.Lower > 0.5 {
		f.say("%s wins with answers of under %d characters: %s of %d battles against longer ones.", m.Model, shortAnswer, r.span(), r.N)
	}
}

// mostSwaps is how many pairs are named whose order hangs on a judge.
const mostSwaps = 3

func (f *finder) without(rep *JudgeReport, judged bool) {
	if len(rep.Judges) == 1 && judged {
		f.say("There is one judge: whether the leaderboard hangs on it cannot be told. A second one would tell.")
	}
	for _, w := range rep.Without {
		if w.Battles == 0 && judged {
			f.say("Without %s there is no battle left: the leaderboard hangs on it alone.", w.Judge)
			continue
		}
		if apart := swapped(w.Swapped, true); apart != "" {
			f.say("The leaderboard hangs on %s: without it %s.", w.Judge, apart)
		}
		if close := swapped(w.Swapped, false); close != "" {
			f.say("Without %s %s: neighbours that the verdicts do not tell apart.", w.Judge, close)
		}
	}
}

// swapped names the contestants that change places without a judge: those that stand clearly apart with it, or the others.
func swapped(all []Swap, apart bool) string {
	var parts []string
	for _, s := range all {
		if s.Apart == apart {
			parts = append(parts, s.Behind+" is before "+s.Ahead)
		}
	}
	if more := len(parts) - mostSwaps; more > 0 {
		parts = append(parts[:mostSwaps], fmt.Sprintf("and so on for %d more pairs", more))
	}
	return strings.Join(parts, ", ")
}

// tally is "empty 3, truncated 2", the most frequent first.
func tally(n map[string]int64) string {
	names := slices.SortedFunc(maps.Keys(n), func(x, y string) int {
		if n[x] != n[y] {
			return boolOrder(n[x] > n[y])
		}
		return strings.Compare(x, y)
	})
	for i, name := range names {
		names[i] = fmt.Sprintf("%s %d", name, n[name])
	}
	return strings.Join(names, ", ")
}
