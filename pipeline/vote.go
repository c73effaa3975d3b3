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

// mark is what a vote says beside its choice. It needs a layout of its own, which older versions refuse rather than misread.
type mark uint8

const (
	unmarked  mark = iota
	bothBad        // of a tie: neither answer is any good
	withdrawn      // of a tie: the voter takes back what was said before, and says nothing
	marks
)

// markedVersion is the first byte of a vote with a mark, which stands behind the choice.
const markedVersion = 2

// saying is what a vote says of First and Second.
type saying struct {
	Choice choice
	Mark   mark
}

func (w saying) flipped() saying { return saying{w.Choice.flipped(), w.Mark} }

// String is a word that winners knows, but for votes that were withdrawn.
func (w saying) String() string {
	switch w.Mark {
	case bothBad:
		return "both bad"
	case withdrawn:
		return "withdrawn"
	}
	return w.Choice.String()
}

// vote is the last word of a voter on two answers.
type vote struct {
	voteSubject
	saying
	sides [2]Side // whose answers they were when the vote was given
}

func (v vote) meta() []byte {
	b := append(make([]byte, 0, 3+2*(idSize+sampleSize)), recordVersion, byte(v.Choice))
	if v.Mark != unmarked {
		b = append(b[:0], markedVersion, byte(v.Choice), byte(v.Mark))
	}
	for _, s := range v.sides {
		b = append(b, s.Contestant[:]...)
		b = binary.BigEndian.AppendUint16(b, s.Sample)
	}
	return b
}

func parseVote(subject voteSubject, meta []byte) (v vote, err error) {
	const sides = 2 * (idSize + sampleSize)
	v.voteSubject = subject
	switch {
	case len(meta) == 2+sides && meta[0] == recordVersion && meta[1] < byte(choices):
	case len(meta) == 3+sides && meta[0] == markedVersion && meta[1] == byte(tied) && meta[2] > byte(unmarked) && meta[2] < byte(marks):
		v.Mark = mark(meta[2])
	default:
		return v, errRecord
	}
	v.Choice = choice(meta[1])
	b := meta[len(meta)-sides:]
	for i := range v.sides {
		s := &v.sides[i]
		b = b[copy(s.Contestant[:], b):]
		s.Sample = binary.BigEndian.Uint16(b)
		b = b[sampleSize:]
	}
	return v, nil
}

// newVote is a vote on two answers, in whatever order they are given.
func newVote(h Hash, x, y given, w saying, voter string) vote {
	if d := bytes.Compare(x.Digest[:], y.Digest[:]); d > 0 || d == 0 && y.side.less(x.side) {
		x, y, w = y, x, w.flipped()
	}
	return vote{
		voteSubject: voteSubject{Prompt: h, First: x.Digest, Second: y.Digest, Voter: textDigest(voter)},
		saying:      w, sides: [2]Side{x.side, y.side},
	}
}
