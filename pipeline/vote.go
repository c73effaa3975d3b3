package pipeline

import (
	"bytes"
	"encoding/binary"
)

// voteKey is the key of a human vote: prompt, the digests of the two answers, the lesser one first, voter, sequence. Votes are
// about texts: an answer that is asked for again has none. They are never changed; the one with the highest sequence counts.
type voteKey struct {
	voteSubject
	Sequence uint32
}

// voteSubject is what has one vote that counts.
type voteSubject struct {
	Prompt        Hash
	First, Second Digest
	Voter         Digest // of the name
}

const (
	subjectSize = hashSize + 3*len(Digest{})
	voteSize    = subjectSize + 4
)

func (s voteSubject) bytes() []byte {
	b := make([]byte, 0, voteSize)
	b = append(b, s.Prompt[:]...)
	b = append(b, s.First[:]...)
	b = append(b, s.Second[:]...)
	return append(b, s.Voter[:]...)
}

func (k voteKey) bytes() []byte {
	return binary.BigEndian.AppendUint32(k.voteSubject.bytes(), k.Sequence)
}

func parseVoteKey(b []byte) (k voteKey, err error) {
	if len(b) != voteSize {
		return k, errKey
	}
	b = b[copy(k.Prompt[:], b):]
	b = b[copy(k.First[:], b):]
	b = b[copy(k.Second[:], b):]
	b = b[copy(k.Voter[:], b):]
	k.Sequence = binary.BigEndian.Uint32(b)
	return k, nil
}

// choice is what somebody, or a judge, makes of two answers.
type choice uint8

const (
	tied choice = iota
	firstWins
	secondWins
	choices
)

// flipped is the choice with the answers the other way round.
func (c choice) flipped() choice { return [...]choice{tied, secondWins, firstWins}[c] }

func (c choice) String() string { return [...]string{"tie", "a", "b"}[c] }

// points are those of the first answer.
func (c choice) points() float64 { return [...]float64{0.5, 1, 0}[c] }

// vote is a vote that counts.
type vote struct {
	voteSubject
	Choice choice  // of First and Second
	sides  [2]Side // whose answers they were when the vote was given
}

func (v vote) meta() []byte {
	b := append(make([]byte, 0, 2+2*(idSize+sampleSize)), recordVersion, byte(v.Choice))
	for _, s := range v.sides {
		b = append(b, s.Contestant[:]...)
		b = binary.BigEndian.AppendUint16(b, s.Sample)
	}
	return b
}

func parseVote(subject voteSubject, meta []byte) (v vote, err error) {
	v.voteSubject = subject
	if len(meta) != 2+2*(idSize+sampleSize) || meta[0] != recordVersion || meta[1] >= byte(choices) {
		return v, errRecord
	}
	v.Choice = choice(meta[1])
	b := meta[2:]
	for i := range v.sides {
		s := &v.sides[i]
		b = b[copy(s.Contestant[:], b):]
		s.Sample = binary.BigEndian.Uint16(b)
		b = b[sampleSize:]
	}
	return v, nil
}

// newVote is a vote on two answers, in whatever order they are given.
func newVote(h Hash, x, y given, c choice, voter string) vote {
	if d := bytes.Compare(x.Digest[:], y.Digest[:]); d > 0 || d == 0 && y.side.less(x.side) {
		x, y, c = y, x, c.flipped()
	}
	return vote{
		voteSubject: voteSubject{Prompt: h, First: x.Digest, Second: y.Digest, Voter: textDigest(voter)},
		Choice:      c, sides: [2]Side{x.side, y.side},
	}
}
