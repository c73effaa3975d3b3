package pipeline

import (
	"bytes"
	"context"
	"errors"

	"openarena/pipeline/judge"
	"openarena/store"
)

// VotePool is the battles that people can vote on: both answers are there, they are not the same text, and a judge has said
// something of them. It holds no texts, and never changes.
type VotePool struct {
	arena   *Arena
	prompts []Hash
	battles []votable
	said    []choice // of each judge, by place, on each battle, from A's side; silent: nothing
}

// silent stands for a judge that said nothing.
const silent = choices

// votable is a battle of the pool.
type votable struct {
	prompt uint32
	kind   battleKind
	sides  [2]chair
	texts  [2]Digest
}

// chair is a side in few bytes.
type chair struct{ place, sample uint16 }

// VoteOn is what a vote is about: two texts on one prompt, the lesser digest first.
type VoteOn struct {
	Prompt        Hash
	First, Second Digest
}

func newVoteOn(h Hash, x, y Digest) VoteOn {
	if bytes.Compare(x[:], y[:]) > 0 {
		x, y = y, x
	}
	return VoteOn{h, x, y}
}

// VotePool walks the database once. Nothing was read yet: the pool is empty.
func (a *Arena) VotePool(ctx context.Context, r store.Reader) (*VotePool, error) {
	p := &VotePool{arena: a}
	all, err := a.listings(ctx, r)
	if errors.Is(err, errNotRead) {
		return p, nil
	}
	if err != nil {
		return nil, err
	}
	pairs, err := a.pairingIn(ctx, r)
	if err != nil {
		return nil, err
	}
	heard := make([]statement, len(a.Judges))
	for s, err := range a.sheets(ctx, r, all, walkOptions{span: everything, verdicts: metas, failures: !pairs.panel.plain}) {
		if err != nil {
			return nil, err
		}
		p.see(pairs, s, heard)
	}
	return p, nil
}

// see adds the battles of a prompt.
func (p *VotePool) see(pairs *pairing, s *sheet, heard []statement) {
	for _, b := range pairs.of(s.Prompt) {
		x, okX := s.answer(b.A)
		y, okY := s.answer(b.B)
		if okX && okY && x.Digest != y.Digest && pairs.statements(s, b, x, y, heard) {
			p.add(s.Prompt, x, y, heard)
		}
	}
}

// statements are what each judge says of a battle; false: nobody says anything.
func (p *pairing) statements(s *sheet, b battle, x, y *given, heard []statement) (any bool) {
	clear(heard)
	both := texts(x.Digest, y.Digest)
	for _, w := range p.judgments(s, b) {
		if w.repeat > 0 {
			continue
		}
		var v *verdict
		order := w.order
		if w.judge.alone {
			one, of := w.derived(s, x, y)
			if !of[0].there || !of[1].there {
				continue
			}
			v, order = &one, 0
		} else if v, _ = s.verdict(w.key(&s.wanted, b, both)); v == nil {
			continue
		}
		if v.State != judge.Invalid && !v.free() {
			heard[w.judge.Place].hear(v, order)
			any = true
		}
	}
	return any
}

func (p *VotePool) add(h Hash, x, y *given, heard []statement) {
	if n := len(p.prompts); n == 0 || p.prompts[n-1] != h {
		p.prompts = append(p.prompts, h)
	}
	p.battles = append(p.battles, votable{
		prompt: uint32(len(p.prompts) - 1), kind: kindOf(heard),
		sides: [2]chair{p.chair(x.side), p.chair(y.side)}, texts: [2]Digest{x.Digest, y.Digest},
	})
	for i := range heard {
		c := silent
		if heard[i].n > 0 {
			c = heard[i].choice()
		}
		p.said = append(p.said, c)
	}
}

func (p *VotePool) chair(s Side) chair {
	return chair{uint16(p.arena.byID[s.Contestant].Place), s.Sample}
}

// side is whose answer one of a battle is.
func (p *VotePool) side(s chair) Side { return Side{p.arena.Contestants[s.place].ID, s.sample} }

// Len is how many battles there are.
func (p *VotePool) Len() int { return len(p.battles) }

// on is what a vote on a battle is about.
func (p *VotePool) on(b *votable) VoteOn {
	return newVoteOn(p.prompts[b.prompt], b.texts[0], b.texts[1])
}

// Pair is a battle of the pool with how it is put before people.
type Pair struct {
	VoteOn
	A, B  Side
	texts [2]Digest
}

// Pair is a battle of the pool.
func (p *VotePool) Pair(i int) Pair {
	b := &p.battles[i]
	return Pair{p.on(b), p.side(b.sides[0]), p.side(b.sides[1]), b.texts}
}

// Slip is a vote on the pair, from A's side.
func (p Pair) Slip(says, voter string, sequence uint32) VoteSlip {
	return VoteSlip{p.Prompt.String(), slipAnswer(p.A, p.texts[0]), slipAnswer(p.B, p.texts[1]), says, voter, sequence}
}

// JudgeVotes is how far one judge agrees with votes.
type JudgeVotes struct {
	Judge string
	VoteAgreement
}

// Agreement compares each judge with votes, one on each two texts.
func (p *VotePool) Agreement(votes Votes) []JudgeVotes {
	judges := p.arena.Judges
	tallies := make([]humanTally, len(judges))
	for i := range tallies {
		tallies[i] = newHumanTally()
	}
	for i := range p.battles {
		b := &p.battles[i]
		v, voted := votes.counting(p.on(b))
		people := v.Choice
		if v.voteSubject.First != b.texts[0] {
			people = people.flipped()
		}
		for j, c := range p.said[i*len(judges) : (i+1)*len(judges)] {
			if c == silent {
				continue
			}
			tallies[j].meet(b.kind)
			if voted {
				tallies[j].add(b.kind, people, c)
			}
		}
	}
	all := make([]JudgeVotes, len(judges))
	for i := range tallies {
		all[i] = JudgeVotes{judges[i].Name, tallies[i].agreement()}
	}
	return all
}
