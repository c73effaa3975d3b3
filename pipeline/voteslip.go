package pipeline

import (
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"

	"openarena/store"
)

// VoteSlip is one vote on its way to whoever has the database open for writing. As JSON it is far smaller than what an order may be.
type VoteSlip struct {
	Prompt   string     `json:"prompt"` // its hash
	A        SlipAnswer `json:"a"`
	B        SlipAnswer `json:"b"`
	Says     string     `json:"says"` // a, b, tie, both bad; withdrawn: what the last one said does not hold any more
	Voter    string     `json:"voter"`
	Sequence uint32     `json:"sequence"` // how often the voter has voted on these two texts before, withdrawals included
}

// SlipAnswer is an answer with what it said when it was voted on.
type SlipAnswer struct {
	Answer string `json:"answer"` // as Side.String
	Text   string `json:"text"`   // digest, in hex
}

// What a slip may say.
const (
	SaysA         = "a"
	SaysB         = "b"
	SaysTie       = "tie"
	SaysBothBad   = "both bad"
	SaysWithdrawn = "withdrawn"
)

// Why a slip is not taken; nothing was written.
var (
	ErrAnswerChanged = errors.New("an answer is not what it was when it was voted on")
	ErrVotedAlready  = errors.New("this voter has voted on these answers otherwise meanwhile")
)

// MaxVoter is how many characters a voter's name has at most where it is typed.
const MaxVoter = 64

// VoterName checks the name of a voter, and returns it without the space around it.
func VoterName(name string) (string, error) {
	name = strings.TrimSpace(name)
	switch {
	case name == "":
		return "", errors.New("a voter needs a name")
	case !utf8.ValidString(name), strings.ContainsRune(name, utf8.RuneError):
		return "", errors.New("the name is not valid UTF-8")
	case utf8.RuneCountInString(name) > MaxVoter:
		return "", fmt.Errorf("the name has more than %d characters", MaxVoter)
	case strings.ContainsFunc(name, func(r rune) bool { return !unicode.IsGraphic(r) }):
		return "", errors.New("the name has characters that cannot be seen")
	}
	return name, nil
}

// CastVote saves a slip: it is on disk when this returns. The same slip may be cast any number of times, and is saved once.
// Errors: ErrAnswerChanged, ErrVotedAlready, or those of the store.
func CastVote(ctx context.Context, s store.Store, b VoteSlip) error {
	v, err := b.vote()
	if err != nil {
		return fmt.Errorf("vote: %w", err)
	}
	if v.Mark != withdrawn { // what was said of a text may be taken back when it is gone, too
		if err := v.stands(ctx, s); err != nil {
			return err
		}
	}
	last, any, err := v.last(ctx, s)
	switch {
	case err != nil:
		return err
	case any && last.Sequence == b.Sequence && last.saying == v.saying:
		return nil // it was cast before
	case any && last.Sequence >= b.Sequence:
		return ErrVotedAlready
	case b.Sequence > 0 && (!any || last.Sequence != b.Sequence-1), b.Sequence == 0 && v.Mark == withdrawn:
		return fmt.Errorf("vote: there is none before number %d", b.Sequence)
	}
	var batch store.Batch
	batch.PutOnce(store.Votes, voteKey{v.voteSubject, b.Sequence}.bytes(), v.meta(), []byte(b.Voter))
	done, err := s.Apply(ctx, &batch)
	if err != nil || done.Created[0] {
		return err
	}
	return CastVote(ctx, s, b) // somebody was quicker, and now stands there
}

// vote is what a slip says, once it makes sense.
func (b VoteSlip) vote() (v vote, err error) {
	name, err := VoterName(b.Voter)
	if err != nil || name != b.Voter {
		return v, errors.Join(err, fmt.Errorf("%q is no name of a voter", b.Voter))
	}
	h, err := ParsePrompt(b.Prompt)
	if err != nil {
		return v, err
	}
	x, err := b.A.given()
	if err != nil {
		return v, err
	}
	y, err := b.B.given()
	if err != nil {
		return v, err
	}
	w, ok := winners[b.Says]
	if b.Says == SaysWithdrawn {
		w, ok = saying{Mark: withdrawn}, true
	}
	if !ok || x.Digest == y.Digest {
		return v, fmt.Errorf("%q is nothing that can be said of these answers", b.Says)
	}
	return newVote(h, x, y, w, b.Voter), nil
}

// Pair is what the slip is about.
func (b VoteSlip) Pair() (p Pair, err error) {
	if p.Prompt, err = ParsePrompt(b.Prompt); err != nil {
		return p, err
	}
	x, err := b.A.given()
	if err != nil {
		return p, err
	}
	y, err := b.B.given()
	return Pair{newVoteOn(p.Prompt, x.Digest, y.Digest), x.side, y.side, [2]Digest{x.Digest, y.Digest}}, err
}

func (b SlipAnswer) given() (g given, err error) {
	if g.side, err = ParseSide(b.Answer); err == nil {
		err = unhex(g.Digest[:], b.Text)
	}
	return g, err
}

// stands is an error if the answers are not there any more as they were.
func (v vote) stands(ctx context.Context, r store.Reader) error {
	for i, text := range [...]Digest{v.voteSubject.First, v.voteSubject.Second} {
		rec, err := r.Get(ctx, store.Answers, AnswerKey{v.Prompt, v.sides[i].Contestant, v.sides[i].Sample}.bytes(), store.WithMeta)
		if errors.Is(err, store.ErrNotFound) {
			return ErrAnswerChanged
		}
		if err != nil {
			return err
		}
		is, _, err := parseHead(rec.Meta)
		if err != nil {
			return err
		}
		if is != text {
			return ErrAnswerChanged
		}
	}
	return nil
}

// last is the last word of the voter on the same answers; false: there is none.
func (v vote) last(ctx context.Context, r store.Reader) (last lastVote, any bool, err error) {
	for rec, err := range r.Scan(ctx, store.Votes, store.Prefix(v.voteSubject.bytes()), store.WithMeta) {
		if err != nil {
			return last, any, err
		}
		key, was, err := readVote(&rec)
		if err != nil {
			return last, any, err
		}
		last, any = lastVote{was, key.Sequence}, true
	}
	return last, any, nil
}

// slipAnswer is the answer of one side with its text's digest.
func slipAnswer(s Side, text Digest) SlipAnswer {
	return SlipAnswer{s.String(), hex.EncodeToString(text[:])}
}
