package pipeline

import (
	"encoding/binary"
	"math"

	"openarena/pipeline/judge"
)

// appendStrings appends each string behind its length.
func appendStrings(b []byte, ss ...string) []byte {
	for _, s := range ss {
		b = binary.AppendUvarint(b, uint64(len(s)))
		b = append(b, s...)
	}
	return b
}

// cursor reads what appendStrings and binary.AppendUvarint wrote. After an error it yields zero values.
type cursor struct {
	rest []byte
	err  error
}

func (c *cursor) int() int64 {
	n, size := binary.Uvarint(c.rest)
	if size <= 0 || n > math.MaxInt64 {
		c.rest, c.err = nil, errRecord
		return 0
	}
	c.rest = c.rest[size:]
	return int64(n)
}

func (c *cursor) bytes(n int64) []byte {
	if n > int64(len(c.rest)) {
		c.rest, c.err = nil, errRecord
		return nil
	}
	b := c.rest[:n]
	c.rest = c.rest[n:]
	return b
}

func (c *cursor) string() string { return string(c.bytes(c.int())) }

// words are what records say most often; a walk over a million of them makes no copies.
var words = func() map[string]string {
	known := map[string]string{}
	for _, w := range [...]string{
		judge.MethodJSON, judge.MethodLabel, judge.MethodScores, judge.MethodLogprob,
		judge.Empty, judge.Truncated, judge.TruncatedReasoning, judge.NoFinal, judge.NoVerdict, judge.OutOfRange,
		judge.Conflict, judge.Refusal, judge.Filtered, judge.NoLogprobs,
		judge.FlagContradiction, judge.FlagConflict, judge.FlagOffMenu, judge.FlagFromReasoning, judge.FlagIdentical,
		judge.FlagForfeit, judge.FlagSuspiciousVerdict, judge.FlagSuspiciousInstruction, judge.FlagSuspiciousMarks,
	} {
		known[w] = w
	}
	return known
}()

// word is string for one of few words.
func (c *cursor) word() string {
	b := c.bytes(c.int())
	if w, ok := words[string(b)]; ok {
		return w
	}
	return string(b)
}

func (c *cursor) float64() float64 {
	b := c.bytes(8)
	if b == nil {
		return 0
	}
	return math.Float64frombits(binary.BigEndian.Uint64(b))
}
