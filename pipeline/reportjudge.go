package pipeline

import (
	"context"

	"openarena/pipeline/agreement"
	"openarena/pipeline/judge"
	"openarena/store"
)

// conductTally counts what makes a Conduct.
type conductTally struct {
	verdicts, invalid int64
	reasons           map[string]int64
	compared, ties    int64 // verdicts on two answers that could be read
	both, consistent  int64 // battles read in both orders
	decided, first    int64 // verdicts that say something about the first slot
	flips             [5]int64
}

func (t *conductTally) conduct() Conduct {
	c := Conduct{
		Verdicts: t.verdicts, Invalid: newRate(t.invalid, t.verdicts), Reasons: t.reasons,
		Ties: newRate(t.ties, t.compared), Consistent: newRate(t.consistent, t.both),
		FirstSlot: newRate(t.first, t.decided), Flips: t.flips,
	}
	if c.Reasons == nil {
		c.Reasons = map[string]int64{}
	}
	return c
}

func (t *conductTally) seeVerdict(v *verdict) {
	t.verdicts++
	if v.State == judge.Invalid {
		t.invalid++
		if t.reasons == nil {
			t.reasons = map[string]int64{}
		}
		t.reasons[v.Reason]++
	}
}

// seeCompared counts a verdict on two answers that could be read.
func (t *conductTally) seeCompared(v *verdict) {
	t.compared++
	if v.State == judge.Tie {
		t.ties++
	}
}

// seeSlot counts which slot a verdict prefers.
func (t *conductTally) seeSlot(v *verdict) {
	if v.Level == 0 {
		return
	}
	t.decided++
	if v.Level > 0 {
		t.first++
	}
}

// seeBoth counts how far two orders agree.
func (t *conductTally) seeBoth(ab, ba *verdict) {
	t.both++
	if ab.side(0) == ba.side(1) {
		t.consistent++
	}
	apart := ab.Level + ba.Level // ba is told the other way round
	t.flips[max(apart, -apart)]++
}

// judgeTally counts what one judge said.
type judgeTally struct {
	judge  *Judge
	orders string // how they are drawn
	family string
	conductTally
	contestants []conductTally // by place

	repeated, repeatedSame int64
	scored, contradicted   int64
	flags                  map[string]int64
	unequal, longer        int64
	kin                    struct {
		own, others float64
		lift        agreement.Paired
	}

	human     humanTally
	forecasts agreement.Forecasts
}

func newJudgeTally(a *Arena, j *Judge) *judgeTally {
	return &judgeTally{
		judge: j, orders: a.Config.Judging.Orders, family: family(j.ModelID), contestants: make([]conductTally, len(a.Contestants)),
		flags: map[string]int64{}, human: newHumanTally(),
	}
}

// each calls f for the whole and for both contestants of a battle.
func (t *judgeTally) each(m meeting, f func(*conductTally)) {
	f(&t.conductTally)
	f(&t.contestants[m.places[0]])
	if m.places[0] != m.places[1] {
		f(&t.contestants[m.places[1]])
	}
}

func (t *judgeTally) seeVerdict(m meeting, v *verdict, order uint8) {
	t.each(m, func(c *conductTally) { c.seeVerdict(v) })
	for _, f := range v.Flags {
		t.flags[f]++
	}
	if v.State == judge.Invalid {
		return
	}
	t.seeCompared(m, v, order)
	if t.orders == "random" {
		t.each(m, func(c *conductTally) { c.seeSlot(v) })
	}
	if v.ScoreA != nil && v.ScoreB != nil {
		t.scored++
		for _, f := range v.Flags {
			if f == judge.FlagContradiction {
				t.contradicted++
			}
		}
	}
}

// seeCompared counts a verdict on two answers that could be read, derived ones of a pointwise judge included.
func (t *judgeTally) seeCompared(m meeting, v *verdict, order uint8) {
	t.each(m, func(c *conductTally) { c.seeCompared(v) })
	if a, b := m.lengths[0], m.lengths[1]; a != b && v.Level != 0 {
		t.unequal++
		if (v.side(order) == firstWins) == (a > b) {
			t.longer++
		}
	}
}

// seeBattle counts what both orders of a battle say together. Where every answer was shown first once, half of the verdicts
// of a fair judge are for the first; so those of which only one could be read are left out.
func (t *judgeTally) seeBattle(m meeting, h *statement) {
	ab, ba := h.orders[0], h.orders[1]
	if ab == nil || ba == nil {
		return
	}
	t.each(m, func(c *conductTally) {
		c.seeBoth(ab, ba)
		c.seeSlot(ab)
		c.seeSlot(ba)
	})
}

// seeRepeat compares a verdict with its repetition.
func (t *judgeTally) seeRepeat(was, is *verdict) {
	if was.State == judge.Invalid || is.State == judge.Invalid {
		return
	}
	t.repeated++
	if was.side(0) == is.side(0) {
		t.repeatedSame++
	}
}

// seeFamilies compares judges of an answer's own family with the others.
func (r *reporter) seeFamilies(m meeting) {
	for i, t := range r.judges {
		if t.family == "" || r.heard[i].n == 0 {
			continue
		}
		a, b := r.family[m.places[0]] == t.family, r.family[m.places[1]] == t.family
		if a == b {
			continue
		}
		own, others, n := r.heard[i].choice(), 0.0, 0.0
		for k, other := range r.judges {
			if other.family != t.family && r.heard[k].n > 0 {
				others += r.heard[k].choice().points()
				n++
			}
		}
		if n == 0 {
			continue
		}
		mine, theirs := own.points(), others/n
		if b {
			mine, theirs = 1-mine, 1-theirs
		}
		t.kin.own += mine
		t.kin.others += theirs
		t.kin.lift.Add(mine - theirs)
	}
}

func (t *judgeTally) lift() FamilyLift {
	n := t.kin.lift.N()
	l := FamilyLift{Family: t.family, N: n, Lift: told(t.kin.lift.Mean())}
	if n > 0 {
		own, others := t.kin.own/float64(n), t.kin.others/float64(n)
		l.Rate, l.Others = &own, &others
	}
	if lower, upper, ok := t.kin.lift.Interval(); ok {
		l.Lower, l.Upper = &lower, &upper
	}
	return l
}

func (t *judgeTally) quality(a *Arena) JudgeQuality {
	q := JudgeQuality{
		Judge: t.judge.Name, ModelID: t.judge.ModelID, Protocol: t.judge.Protocol, Conduct: t.conduct(), Contestants: []ContestantConduct{},
		SelfConsistency: newRate(t.repeatedSame, t.repeated), Contradictions: newRate(t.contradicted, t.scored), Flags: t.flags,
		LongerWins: newRate(t.longer, t.unequal), OwnFamily: t.lift(), Votes: t.votes(),
	}
	for i, c := range t.contestants {
		q.Contestants = append(q.Contestants, ContestantConduct{a.Contestants[i].Name, c.conduct()})
	}
	return q
}

// readBooks adds what the judge cost.
func (q *JudgeQuality) readBooks(ctx context.Context, r store.Reader, a *Arena, place int) error {
	spent, err := readSpent(ctx, r, 'j', a.forms(place)...)
	q.Calls, q.Tokens = spent.Calls, spent.tokens()
	q.CostUSD = spent.cost(a.Judges[place].Model)
	return err
}
