package pipeline

import (
	"context"
	"encoding/binary"
	"math/bits"

	"openarena/store"
)

// Votes are the last words of one voter, on whatever texts.
type Votes map[VoteOn]lastVote

// VotesOf reads what a voter said.
func VotesOf(ctx context.Context, r store.Reader, voter string) (Votes, error) {
	all, of := Votes{}, textDigest(voter)
	for v, err := range lastVotes(ctx, r) {
		if err != nil {
			return nil, err
		}
		if v.Voter == of {
			all[VoteOn{v.Prompt, v.voteSubject.First, v.voteSubject.Second}] = v
		}
	}
	return all, nil
}

// counting is a vote that was not withdrawn.
func (v Votes) counting(on VoteOn) (lastVote, bool) {
	last, ok := v[on]
	return last, ok && last.Mark != withdrawn
}

// Voted reports whether there is a vote on two texts that was not withdrawn.
func (v Votes) Voted(on VoteOn) bool {
	_, ok := v.counting(on)
	return ok
}

// Sequence is how often two texts were voted on, withdrawals included: the number of the next vote.
func (v Votes) Sequence(on VoteOn) uint32 {
	last, ok := v[on]
	if !ok {
		return 0
	}
	return last.Sequence + 1
}

// Done is how many battles of the pool have a vote.
func (p *VotePool) Done(votes Votes) (n int) {
	for _, k := range p.done(votes) {
		n += k
	}
	return n
}

func (p *VotePool) done(votes Votes) (n [battleKinds]int) {
	if len(votes) == 0 {
		return n
	}
	for i := range p.battles {
		if b := &p.battles[i]; votes.Voted(p.on(b)) {
			n[b.kind]++
		}
	}
	return n
}

// shares are how much of a voter's time each kind of battle gets. Which of two judges is right is only told where they differ; and
// agreement on all battles is the surer the more of it goes where it is open (J. Neyman, JRSS 97 (1934), 558–625). A share of what
// looks settled must remain: where all judges are wrong together nothing else tells, and without it nothing can be said of the whole.
var shares = [battleKinds]float64{disputed: 0.5, unsure: 0.3, certain: 0.2}

// sharedEvery: one in so many pairs of a voter is one that all voters get, so that they can be compared with each other.
const sharedEvery = 3

// Next is the battle that a voter sees next, of those that leave does not name; false: there is none. The kind is the one that is
// farthest behind its share; within a kind battles come in an order drawn by lot, the voter's own or that of all voters. So each
// battle of a kind is as likely as any other to be among the first of it, whatever judges and people say of it, which is what
// [agreement.Stratified] rests on. The same votes give the same battle.
func (p *VotePool) Next(voter string, votes Votes, leave func(VoteOn) bool) (int, bool) {
	done, total := p.done(votes), 0
	for _, n := range done {
		total += n
	}
	lot := uint64(0)
	if total%sharedEvery != sharedEvery-1 {
		d := textDigest(voter)
		lot = binary.BigEndian.Uint64(d[:])
	}
	var best [battleKinds]int
	var rank [battleKinds]uint64
	for k := range best {
		best[k] = -1
	}
	for i := range p.battles {
		b := &p.battles[i]
		r := p.rank(b, lot)
		if best[b.kind] >= 0 && r >= rank[b.kind] {
			continue
		}
		if on := p.on(b); !votes.Voted(on) && !leave(on) {
			best[b.kind], rank[b.kind] = i, r
		}
	}
	found, behind := -1, 0.0
	for k, i := range best {
		if lag := shares[k]*float64(total+1) - float64(done[k]); i >= 0 && (found < 0 || lag > behind) {
			found, behind = i, lag
		}
	}
	return found, found >= 0
}

// rank is the place of a battle in an order drawn by lot: all that goes in are digests, so that a few rounds of mixing do.
func (p *VotePool) rank(b *votable, lot uint64) uint64 {
	on := p.on(b)
	word := func(d Digest) uint64 { return binary.BigEndian.Uint64(d[:]) }
	return mix(mix(binary.BigEndian.Uint64(on.Prompt[:8])^lot) ^ word(on.First) ^ bits.RotateLeft64(word(on.Second), 29))
}

// mix is the finalizer of SplitMix64 (G. L. Steele, D. Lea and C. H. Flood, OOPSLA 2014).
func mix(x uint64) uint64 {
	x += 0x9e3779b97f4a7c15
	x = (x ^ x>>30) * 0xbf58476d1ce4e5b9
	x = (x ^ x>>27) * 0x94d049bb133111eb
	return x ^ x>>31
}
