package pipeline

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"strconv"
	"strings"
)

// Hash identifies a prompt: the first 16 bytes of the SHA-256 of its messages as canonical JSON.
type Hash [16]byte

func (h Hash) String() string { return hex.EncodeToString(h[:]) }

// ID identifies a contestant or a judge: the first 8 bytes of the SHA-256 of its canonical definition.
type ID [8]byte

func (id ID) String() string { return hex.EncodeToString(id[:]) }

// Digest identifies a text, or two: the first 8 bytes of a SHA-256.
type Digest [8]byte

// sum is SHA-256, cut to the size that T asks for.
func sum[T Hash | ID | Digest](parts ...[]byte) (short T) {
	h := sha256.New()
	for _, p := range parts {
		h.Write(p)
	}
	full := h.Sum(nil)
	switch s := any(&short).(type) {
	case *Hash:
		copy(s[:], full)
	case *ID:
		copy(s[:], full)
	case *Digest:
		copy(s[:], full)
	}
	return short
}

// Fixed widths of the parts of a key, in bytes.
const (
	hashSize    = 16
	idSize      = 8
	sampleSize  = 2
	answerSize  = hashSize + idSize + sampleSize
	verdictSize = hashSize + 2*(idSize+sampleSize) + 8 + idSize + 2
)

// AnswerKey is the key of an answer: prompt, contestant, sample.
type AnswerKey struct {
	Prompt     Hash
	Contestant ID
	Sample     uint16
}

func (k AnswerKey) bytes() []byte {
	b := make([]byte, 0, answerSize)
	b = append(b, k.Prompt[:]...)
	b = append(b, k.Contestant[:]...)
	return binary.BigEndian.AppendUint16(b, k.Sample)
}

var errKey = errors.New("a key of the wrong length; the database is from another version, or damaged")

func parseAnswerKey(b []byte) (k AnswerKey, err error) {
	if len(b) != answerSize {
		return k, errKey
	}
	copy(k.Prompt[:], b)
	copy(k.Contestant[:], b[hashSize:])
	k.Sample = binary.BigEndian.Uint16(b[hashSize+idSize:])
	return k, nil
}

// Side is one answer of a battle: whose, and which sample.
type Side struct {
	Contestant ID
	Sample     uint16
}

// String is how addresses and files name it: the contestant's identity, and with a dot the sample where it is not 0.
func (s Side) String() string {
	if s.Sample == 0 {
		return s.Contestant.String()
	}
	return s.Contestant.String() + "." + strconv.Itoa(int(s.Sample))
}

// ParseSide reads what String wrote.
func ParseSide(text string) (s Side, err error) {
	id, sample, more := strings.Cut(text, ".")
	if err = unhex(s.Contestant[:], id); err == nil && more {
		var n uint64
		n, err = strconv.ParseUint(sample, 10, 16)
		s.Sample = uint16(n)
	}
	if err != nil || s.String() != text {
		return s, fmt.Errorf("%q is no answer: 16 hex digits name a model, and behind a dot stands the sample", text)
	}
	return s, nil
}

// ParsePrompt reads the whole hash of a prompt.
func ParsePrompt(text string) (h Hash, err error) {
	if err := unhex(h[:], text); err != nil {
		return h, fmt.Errorf("%q is no prompt: its hash has 32 hex digits", text)
	}
	return h, nil
}

// unhex reads exactly len(b) bytes.
func unhex(b []byte, digits string) error {
	if len(digits) != 2*len(b) {
		return errKey
	}
	_, err := hex.Decode(b, []byte(digits))
	return err
}

func (s Side) less(t Side) bool { return s.compare(t) < 0 }

func (s Side) compare(t Side) int {
	if c := bytes.Compare(s.Contestant[:], t.Contestant[:]); c != 0 {
		return c
	}
	return int(s.Sample) - int(t.Sample)
}

// VerdictKey is the key of a judgment without its attempt. A sorts before B, whoever stands first in the file. Where one answer
// was judged alone it is both A and B.
type VerdictKey struct {
	Prompt Hash
	A, B   Side
	Texts  Digest // of the two answers: another text is another judgment
	Judge  ID
	Order  uint8 // 0: A was shown first; 1: B
	Repeat uint8
}

// alone reports whether the judgment is about one answer.
func (k VerdictKey) alone() bool { return k.A == k.B }

func (k VerdictKey) bytes() []byte {
	raw := k.raw()
	return append(make([]byte, 0, verdictSize+1), raw[:]...)
}

// rawVerdictKey is a VerdictKey as the database has it; its order is that of the walks.
type rawVerdictKey [verdictSize]byte

func (k VerdictKey) raw() (r rawVerdictKey) {
	b := append(r[:0], k.Prompt[:]...)
	for _, s := range [...]*Side{&k.A, &k.B} {
		b = append(b, s.Contestant[:]...)
		b = binary.BigEndian.AppendUint16(b, s.Sample)
	}
	b = append(b, k.Texts[:]...)
	b = append(b, k.Judge[:]...)
	_ = append(b, k.Order, k.Repeat)
	return r
}

// attempt is the key of one reply in Judgments; attempts count from 1.
func (k VerdictKey) attempt(n uint8) []byte { return append(k.bytes(), n) }

func parseVerdictKey(b []byte) (k VerdictKey, err error) {
	if len(b) != verdictSize {
		return k, errKey
	}
	b = b[copy(k.Prompt[:], b):]
	for _, s := range [...]*Side{&k.A, &k.B} {
		b = b[copy(s.Contestant[:], b):]
		s.Sample = binary.BigEndian.Uint16(b)
		b = b[sampleSize:]
	}
	b = b[copy(k.Texts[:], b):]
	b = b[copy(k.Judge[:], b):]
	k.Order, k.Repeat = b[0], b[1]
	return k, nil
}

// texts is the digest of a battle's two answers, A's first.
func texts(a, b Digest) Digest {
	var both [2 * len(a)]byte
	copy(both[copy(both[:], a[:]):], b[:])
	full := sha256.Sum256(both[:]) // walks do this for every battle: nothing is allocated
	return Digest(full[:len(a)])
}

// with is the digest of texts and a reference that was shown beside them; those without one stay as they are.
func (d Digest) with(reference Digest) Digest {
	if reference == (Digest{}) {
		return d
	}
	return sum[Digest](d[:], reference[:])
}
