package pipeline

import (
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"math"
	"time"

	"openarena/pipeline/judge"
	"openarena/providers"
)

// recordVersion is the first byte of every Meta below, so that a later layout can be told apart.
const recordVersion = 1

var errRecord = errors.New("a record that this version cannot read")

// reply is one paid answer of a model, contestant or judge, as it is kept: the Meta holds what joins need, the Body the
// texts.
type reply struct {
	Digest Digest // of Text
	Finish string
	Usage  providers.Usage
	Flags  uint8
	Source Digest // with flagFile: the version of the file
	Took   int64  // milliseconds, the last one begun counts; 0: not known

	Text, Reasoning, Refusal, Model string // Body
	Top                             []providers.Alternative
}

// Bits of reply.Flags.
const (
	flagEstimated = 1 << iota // usage is estimated
	flagRepaired              // invalid UTF-8 was replaced
	flagFile                  // the text came from a file: no call, no tokens
)

// finishes are the codes of finish reasons in a record. Append only.
var finishes = [...]string{
	providers.FinishUnknown, providers.FinishStop, providers.FinishLength, providers.FinishFiltered, providers.FinishRefusal,
}

func newReply(r *providers.Reply) reply {
	rec := reply{
		Digest: textDigest(r.Text), Finish: r.Finish, Usage: r.Usage, Took: int64((r.Took + time.Millisecond - 1) / time.Millisecond),
		Text: r.Text, Reasoning: r.Reasoning, Refusal: r.Refusal, Model: r.Model, Top: r.Top,
	}
	if r.Usage.Estimated {
		rec.Flags |= flagEstimated
	}
	if r.Repaired {
		rec.Flags |= flagRepaired
	}
	return rec
}

// textDigest is the digest of one text.
func textDigest(text string) Digest {
	full := sha256.Sum256([]byte(text)) // not copied
	return Digest(full[:len(Digest{})])
}

func (r reply) meta() []byte {
	code := byte(0)
	for i, f := range finishes {
		if f == r.Finish {
			code = byte(i)
		}
	}
	b := append(make([]byte, 0, 32), recordVersion, code, r.Flags)
	b = append(b, r.Digest[:]...)
	for _, n := range [...]int64{r.Usage.Input, r.Usage.Cached, r.Usage.Output, r.Usage.Reasoning} {
		b = binary.AppendUvarint(b, uint64(n))
	}
	if r.Flags&flagFile != 0 {
		b = append(b, r.Source[:]...)
	}
	if r.Took > 0 { // the last part, which older records do not have
		b = binary.AppendUvarint(b, uint64(r.Took))
	}
	return b
}

func (r reply) body() []byte {
	size := len(r.Text) + len(r.Reasoning) + len(r.Refusal) + len(r.Model)
	b := appendStrings(make([]byte, 0, size+4*binary.MaxVarintLen64), r.Text, r.Reasoning, r.Refusal, r.Model)
	for _, a := range r.Top {
		b = binary.BigEndian.AppendUint64(appendStrings(b, a.Token), math.Float64bits(a.Logprob))
	}
	return b
}

// parseReply reads Meta, and Body where there is one.
func parseReply(meta, body []byte) (r reply, err error) {
	const fixed = 3 + len(r.Digest)
	if len(meta) < fixed || meta[0] != recordVersion || int(meta[1]) >= len(finishes) {
		return r, errRecord
	}
	r.Finish, r.Flags = finishes[meta[1]], meta[2]
	copy(r.Digest[:], meta[3:])
	numbers := cursor{rest: meta[fixed:]}
	r.Usage = providers.Usage{
		Input: numbers.int(), Cached: numbers.int(), Output: numbers.int(), Reasoning: numbers.int(),
		Estimated: r.Flags&flagEstimated != 0,
	}
	if r.Flags&flagFile != 0 {
		copy(r.Source[:], numbers.bytes(int64(len(r.Source))))
	}
	if numbers.err == nil && len(numbers.rest) > 0 {
		r.Took = numbers.int()
	}
	if numbers.err != nil || len(body) == 0 {
		return r, numbers.err
	}
	parts := cursor{rest: body}
	r.Text, r.Reasoning, r.Refusal, r.Model = parts.string(), parts.string(), parts.string(), parts.string()
	for parts.err == nil && len(parts.rest) > 0 {
		r.Top = append(r.Top, providers.Alternative{Token: parts.string(), Logprob: parts.float64()})
	}
	return r, parts.err
}

// parseHead is parseReply for walks, which want no more than that.
func parseHead(meta []byte) (d Digest, finish string, err error) {
	if len(meta) < 3+len(d) || meta[0] != recordVersion || int(meta[1]) >= len(finishes) {
		return d, "", errRecord
	}
	copy(d[:], meta[3:])
	return d, finishes[meta[1]], nil
}

// verdict is what the last attempt of a judgment means, as it is kept; levels and scores as presented.
type verdict struct {
	judge.Verdict
	Parser   uint8 // judge.ParserVersion that read it
	Attempts uint8 // replies it took; 0: no call was needed
}

// leaningVersion is the first byte of a verdict with a preference, which stands before the reason.
const leaningVersion = 2

func (v verdict) meta() []byte {
	version := byte(recordVersion)
	if v.Preference != nil {
		version = leaningVersion
	}
	b := append(make([]byte, 0, 64), version, v.Parser, v.Attempts, byte(v.State), byte(v.Level+2))
	scores := v.ScoreA != nil && v.ScoreB != nil
	if !scores {
		b = append(b, 0)
	} else {
		b = append(b, 1)
		b = binary.BigEndian.AppendUint64(b, math.Float64bits(*v.ScoreA))
		b = binary.BigEndian.AppendUint64(b, math.Float64bits(*v.ScoreB))
	}
	if v.Preference != nil {
		b = binary.BigEndian.AppendUint64(b, math.Float64bits(*v.Preference))
	}
	b = appendStrings(b, v.Reason, v.Method)
	return appendStrings(b, v.Flags...)
}

func parseVerdict(meta []byte) (v verdict, err error) {
	if len(meta) < 6 || meta[0] != recordVersion && meta[0] != leaningVersion || meta[3] > byte(judge.Tie) || meta[4] > 4 {
		return v, errRecord
	}
	v.Parser, v.Attempts, v.State, v.Level = meta[1], meta[2], judge.State(meta[3]), int(meta[4])-2
	rest := cursor{rest: meta[6:]}
	if meta[5] == 1 {
		scores := &[2]float64{rest.float64(), rest.float64()}
		v.ScoreA, v.ScoreB = &scores[0], &scores[1]
	}
	if meta[0] == leaningVersion {
		preference := rest.float64()
		v.Preference = &preference
	}
	v.Reason, v.Method = rest.word(), rest.word()
	for rest.err == nil && len(rest.rest) > 0 {
		v.Flags = append(v.Flags, rest.word())
	}
	return v, rest.err
}

// failure is work that could not be done.
type failure struct {
	Permanent bool   // false: the next run tries again
	Reason    string // short and stable, such as "context_length"
	Message   string // for people
	Tries     uint8
}

func (f failure) meta() []byte {
	permanent := byte(0)
	if f.Permanent {
		permanent = 1
	}
	return appendStrings([]byte{recordVersion, permanent, f.Tries}, f.Reason)
}

func (f failure) body() []byte { return []byte(f.Message) }

func parseFailure(meta, body []byte) (f failure, err error) {
	if len(meta) < 3 || meta[0] != recordVersion {
		return f, errRecord
	}
	rest := cursor{rest: meta[3:]}
	f = failure{Permanent: meta[1] == 1, Tries: meta[2], Reason: rest.string(), Message: string(body)}
	return f, rest.err
}
