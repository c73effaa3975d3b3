package pipeline

import (
	"bytes"
	"context"
	"errors"
	"slices"

	"openarena/pipeline/agreement"
	"openarena/store"
)

// votesOn are those of a prompt's votes, which are in key order, that are about two texts.
func votesOn(votes []vote, x, y Digest) []vote {
	if bytes.Compare(x[:], y[:]) > 0 {
		x, y = y, x
	}
	before := func(v vote) int {
		if c := bytes.Compare(v.voteSubject.First[:], x[:]); c != 0 {
			return c
		}
		return bytes.Compare(v.voteSubject.Second[:], y[:])
	}
	from, _ := slices.BinarySearchFunc(votes, 0, func(v vote, _ int) int {
		if before(v) < 0 {
			return -1
		}
		return 1
	})
	to := from
	for to < len(votes) && before(votes[to]) == 0 {
		to++
	}
	return votes[from:to]
}

// ballots are what people said of two answers.
type ballots [choices]int

// majority is what more people say than anything else; a tie if there is no such thing.
func (b ballots) majority() choice {
	switch first, second, tie := b[firstWins], b[secondWins], b[tied]; {
	case first > second && first > tie:
		return firstWins
	case second > first && second > tie:
		return secondWins
	}
	return tied
}

// points are the first answer's share, ties half.
func (b ballots) points() float64 {
	return (float64(b[firstWins]) + float64(b[tied])/2) / float64(b[firstWins]+b[secondWins]+b[tied])
}

// seeVotes compares each judge with what people said of a battle, if anybody did.
func (r *reporter) seeVotes(m meeting, votes []vote) {
	kind := kindOf(r.heard)
	for i := range r.heard {
		if r.heard[i].n > 0 {
			r.judges[i].human.meet(kind)
		}
	}
	if len(votes) == 0 {
		return
	}
	people := ballotsOf(votes, m.texts[0])
	for i := range r.heard {
		if h := &r.heard[i]; h.n > 0 {
			r.people.beside(i, h.choice(), votes, m.texts[0])
			r.judges[i].human.add(kind, people.majority(), h.choice())
			r.judges[i].forecasts.Add((h.level+2)/4, people.points())
		}
	}
}

// ballotsOf counts what people said of two answers, seen from the one with that text.
func ballotsOf(votes []vote, from Digest) (said ballots) {
	for _, v := range votes {
		c := v.Choice
		if v.voteSubject.First != from {
			c = c.flipped()
		}
		said[c]++
	}
	return said
}

// humanTally compares a judge with people: on the battles voted on, and on all there are.
type humanTally struct {
	pair   *agreement.Pair // people first
	strata *agreement.Stratified
	met    int64
}

func newHumanTally() humanTally {
	return humanTally{pair: agreement.NewPair(int(choices)), strata: agreement.NewStratified(int(choices), int(battleKinds))}
}

// meet counts a battle of the judge.
func (t *humanTally) meet(kind battleKind) {
	t.met++
	t.strata.Meet(int(kind))
}

// add counts one of them that was voted on.
func (t *humanTally) add(kind battleKind, people, machine choice) {
	t.pair.Add(int(people), int(machine))
	t.strata.Add(int(kind), int(people), int(machine))
}

func (t *humanTally) agreement() VoteAgreement {
	var same, decided int64
	for _, human := range [...]choice{firstWins, secondWins} {
		for _, machine := range [...]choice{firstWins, secondWins} {
			n := t.pair.Count(int(human), int(machine))
			decided += n
			if human == machine {
				same += n
			}
		}
	}
	v := VoteAgreement{Agreement: newRate(t.pair.Agreed(), t.pair.N()), WithoutTies: newRate(same, decided), Overall: t.overall()}
	if k, ok := t.pair.KappaInterval(); ok {
		v.Kappa, v.KappaLower, v.KappaUpper = &k.Value, &k.Lower, &k.Upper
	}
	return v
}

// overall is nil where it cannot be told.
func (t *humanTally) overall() *OverallAgreement {
	e, ok := t.strata.Agreement()
	if !ok {
		return nil
	}
	o := &OverallAgreement{Battles: t.met, Effective: t.strata.Effective(), Rate: e.Value, Lower: e.Lower, Upper: e.Upper}
	if k, ok := t.strata.Kappa(); ok {
		o.Kappa, o.KappaLower, o.KappaUpper = &k.Value, &k.Lower, &k.Upper
	}
	return o
}

// votes is the agreement with people, and how good a forecast of their votes the judge is.
func (t *judgeTally) votes() VoteAgreement {
	v := t.human.agreement()
	v.Brier, v.LogLoss = told(t.forecasts.Brier()), told(t.forecasts.LogLoss())
	return v
}

// mostVoters is how many voters are compared one by one.
const mostVoters = 12

// voterTally counts how far voters agree with each other.
type voterTally struct {
	arena          *Arena
	byVoter        map[Digest]int64 // votes that count
	most           []Digest         // who voted most
	one            []vote           // of each of them, some vote
	pairs          []*agreement.Pair
	judges         [][]*agreement.Pair // by place of the judge, then of the voter, who comes first
	panel          *agreement.Panel
	votes, battles int64
}

func newVoterTally(a *Arena) *voterTally {
	return &voterTally{arena: a, byVoter: map[Digest]int64{}, panel: agreement.NewPanel(int(choices))}
}

// count finds out who voted most.
func (t *voterTally) count(ctx context.Context, r store.Reader) error {
	for v, err := range lastVotes(ctx, r) {
		if err != nil {
			return err
		}
		if v.Mark != withdrawn {
			t.byVoter[v.Voter]++
		}
	}
	for voter := range t.byVoter {
		t.most = append(t.most, voter)
	}
	slices.SortFunc(t.most, func(x, y Digest) int {
		if t.byVoter[x] != t.byVoter[y] {
			return boolOrder(t.byVoter[x] > t.byVoter[y])
		}
		return bytes.Compare(x[:], y[:])
	})
	t.most = t.most[:min(len(t.most), mostVoters)]
	t.one = make([]vote, len(t.most))
	clear(t.byVoter) // from here on: those on prompts of the file
	for range len(t.most) * (len(t.most) - 1) / 2 {
		t.pairs = append(t.pairs, agreement.NewPair(int(choices)))
	}
	return nil
}

// see counts the votes on one prompt.
func (t *voterTally) see(votes []vote) {
	for len(votes) > 0 {
		n := 1
		for n < len(votes) && votes[n].voteSubject.First == votes[0].voteSubject.First && votes[n].voteSubject.Second == votes[0].voteSubject.Second {
			n++
		}
		t.seeBattle(votes[:n])
		votes = votes[n:]
	}
}

// beside compares a judge with each voter on a battle, seen from the one of its answers that has that text.
func (t *voterTally) beside(place int, said choice, votes []vote, from Digest) {
	for _, v := range votes {
		i := slices.Index(t.most, v.Voter)
		if i < 0 {
			continue
		}
		for len(t.judges) <= place {
			t.judges = append(t.judges, make([]*agreement.Pair, mostVoters))
		}
		if t.judges[place][i] == nil {
			t.judges[place][i] = agreement.NewPair(int(choices))
		}
		c := v.Choice
		if v.voteSubject.First != from {
			c = c.flipped()
		}
		t.judges[place][i].Add(int(c), int(said))
	}
}

// seeBattle counts the votes on two answers, seen from the contestant that sorts first: how often each of two sides wins is
// part of what chance explains, and there would be no sides to it in the order of digests.
func (t *voterTally) seeBattle(votes []vote) {
	t.battles++
	turned := votes[0].sides[1].less(votes[0].sides[0])
	var said ballots
	var by [mostVoters]choice
	var there [mostVoters]bool
	for _, v := range votes {
		t.votes++
		t.byVoter[v.Voter]++
		c := v.Choice
		if turned {
			c = c.flipped()
		}
		said[c]++
		if i := slices.Index(t.most, v.Voter); i >= 0 {
			by[i], there[i], t.one[i] = c, true, v
		}
	}
	t.panel.Add(said[:])
	pair := 0
	for i := range t.most {
		for k := i + 1; k < len(t.most); k++ {
			if there[i] && there[k] {
				t.pairs[pair].Add(int(by[i]), int(by[k]))
			}
			pair++
		}
	}
}

func (t *voterTally) report(ctx context.Context, r store.Reader) (VoteReport, error) {
	rep := VoteReport{
		Votes: t.votes, Battles: t.battles, Voters: int64(len(t.byVoter)), N: t.panel.N(), Alpha: told(t.panel.Nominal()), Pairs: []VoterPair{}, Judges: []JudgeVoter{},
	}
	names := make([]string, len(t.most))
	for i, v := range t.one {
		if v.Voter == (Digest{}) {
			continue // voted on nothing that the file has
		}
		name, err := voterName(ctx, r, v)
		if err != nil && !errors.Is(err, store.ErrNotFound) {
			return rep, err
		}
		names[i] = name
	}
	for place, voters := range t.judges {
		for i, p := range voters {
			if p != nil {
				rep.Judges = append(rep.Judges, JudgeVoter{t.arena.Judges[place].Name, names[i], newRate(p.Agreed(), p.N()), told(p.Kappa())})
			}
		}
	}
	pair := 0
	for i := range t.most {
		for k := i + 1; k < len(t.most); k++ {
			if p := t.pairs[pair]; p.N() > 0 {
				rep.Pairs = append(rep.Pairs, VoterPair{[2]string{names[i], names[k]}, newRate(p.Agreed(), p.N()), told(p.Kappa())})
			}
			pair++
		}
	}
	return rep, nil
}
