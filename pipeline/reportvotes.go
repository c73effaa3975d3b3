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

// seeVotes compares each judge with what people said of a battle.
func (r *reporter) seeVotes(m meeting, votes []vote) {
	if len(votes) == 0 {
		return
	}
	var said ballots // from A's side
	for _, v := range votes {
		c := v.Choice
		if v.voteSubject.First != m.texts[0] {
			c = c.flipped()
		}
		said[c]++
	}
	for i := range r.heard {
		if h := &r.heard[i]; h.n > 0 {
			r.judges[i].human.Add(int(said.majority()), int(h.choice()))
			r.judges[i].forecasts.Add((h.level+2)/4, said.points())
		}
	}
}

func (t *judgeTally) votes() VoteAgreement {
	var same, decided int64
	for _, human := range [...]choice{firstWins, secondWins} {
		for _, machine := range [...]choice{firstWins, secondWins} {
			n := t.human.Count(int(human), int(machine))
			decided += n
			if human == machine {
				same += n
			}
		}
	}
	return VoteAgreement{
		Agreement: newRate(t.human.Agreed(), t.human.N()), WithoutTies: newRate(same, decided),
		Kappa: told(t.human.Kappa()), Brier: told(t.forecasts.Brier()), LogLoss: told(t.forecasts.LogLoss()),
	}
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
	panel          *agreement.Panel
	votes, battles int64
}

func newVoterTally(a *Arena) *voterTally {
	return &voterTally{arena: a, byVoter: map[Digest]int64{}, panel: agreement.NewPanel(int(choices))}
}

// count finds out who voted most.
func (t *voterTally) count(ctx context.Context, r store.Reader) error {
	var last voteSubject
	for rec, err := range r.Scan(ctx, store.Votes, store.Range{}, store.KeyOnly) {
		if err != nil {
			return err
		}
		key, err := parseVoteKey(rec.Key)
		if err != nil {
			return err
		}
		if key.voteSubject != last {
			t.byVoter[key.Voter]++
		}
		last = key.voteSubject
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
		Votes: t.votes, Battles: t.battles, Voters: int64(len(t.byVoter)), N: t.panel.N(), Alpha: told(t.panel.Nominal()), Pairs: []VoterPair{},
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
