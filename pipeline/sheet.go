package pipeline

import (
	"bytes"
	"errors"
	"slices"

	"openarena/providers"
	"openarena/store"
)

// sheet is what the database has of one prompt. Verdicts come in key order.
type sheet struct {
	wanted
	answers  []given
	keys     []rawVerdictKey    // of the verdicts
	verdicts []verdict          // beside keys; none where only keys were read
	next     int                // place behind the verdict that was found last
	failed   map[string]failure // by answer or verdict key
}

// given is an answer.
type given struct {
	side   Side
	Digest Digest
	Finish string
	Usage  providers.Usage
	called bool // for it; else it came from a file

	Text, Reasoning string // there only if they were asked for
}

func newSheet(h Hash) *sheet { return &sheet{wanted: wanted{Prompt: h}, failed: map[string]failure{}} }

// clear makes it the sheet of another prompt, in the same memory.
func (s *sheet) clear() {
	s.answers, s.keys, s.verdicts, s.next = s.answers[:0], s.keys[:0], s.verdicts[:0], 0
	if len(s.failed) > 0 {
		clear(s.failed)
	}
}

// answer is the answer of one side.
func (s *sheet) answer(of Side) (*given, bool) {
	for i := range s.answers { // there are few
		if s.answers[i].side == of {
			return &s.answers[i], true
		}
	}
	return nil, false
}

// place is where the answer of one side lies; there must be one.
func (s *sheet) place(of Side) int {
	return slices.IndexFunc(s.answers, func(g given) bool { return g.side == of })
}

// give adds an answer.
func (s *sheet) give(of Side, r reply) {
	s.answers = append(s.answers, given{of, r.Digest, r.Finish, r.Usage, r.Flags&flagFile == 0, r.Text, r.Reasoning})
}

// has reports whether there is a verdict.
func (s *sheet) has(k VerdictKey) bool {
	_, ok := s.placeOfVerdict(k.raw())
	return ok
}

// verdict is what became of one judgment; its Meta must have been read.
func (s *sheet) verdict(k VerdictKey) (*verdict, bool) {
	i, ok := s.placeOfVerdict(k.raw())
	if !ok {
		return nil, false
	}
	return &s.verdicts[i], true
}

func (s *sheet) placeOfVerdict(k rawVerdictKey) (int, bool) {
	// Walks ask for every judgment, nearly in the order of keys: most often it is the one behind the last.
	if i := s.next; i < len(s.keys) && s.keys[i] == k {
		s.next++
		return i, true
	}
	lo, hi := 0, len(s.keys) // by hand, so that k needs no memory
	for lo < hi {
		mid := (lo + hi) / 2
		if bytes.Compare(s.keys[mid][:], k[:]) < 0 {
			lo = mid + 1
		} else {
			hi = mid
		}
	}
	s.next = lo + 1
	return lo, lo < len(s.keys) && s.keys[lo] == k
}

// failure is the failure of an answer or judgment. Hardly any prompt has one, so its key is made only if need be.
func (s *sheet) failure(key func() []byte) (failure, bool) {
	if len(s.failed) == 0 {
		return failure{}, false
	}
	f, ok := s.failed[string(key())]
	return f, ok
}

// lost reports whether a judgment failed for good.
func (s *sheet) lost(k VerdictKey) bool {
	f, _ := s.failure(k.bytes)
	return f.Permanent
}

// gaveUp reports whether an answer is missing for good.
func (s *sheet) gaveUp(of Side) bool {
	if _, there := s.answer(of); there {
		return false
	}
	f, _ := s.failure(AnswerKey{s.Prompt, of.Contestant, of.Sample}.bytes)
	return f.Permanent
}

// addAnswer takes a record of Answers.
func (s *sheet) addAnswer(rec *store.Record) error {
	key, err := parseAnswerKey(rec.Key)
	if err != nil {
		return err
	}
	r, err := parseReply(rec.Meta, rec.Body)
	s.give(Side{key.Contestant, key.Sample}, r)
	return err
}

// addVerdict takes a record of Verdicts, behind those before it.
func (s *sheet) addVerdict(rec *store.Record) error {
	v, err := parseVerdict(rec.Meta)
	s.verdicts = append(s.verdicts, v)
	return errors.Join(err, s.addKey(rec))
}

// addKey takes a record of Verdicts of which only the key was read.
func (s *sheet) addKey(rec *store.Record) error {
	if len(rec.Key) != verdictSize {
		return errKey
	}
	s.keys = append(s.keys, rawVerdictKey(rec.Key))
	return nil
}

// addFailure takes a record of Failures.
func (s *sheet) addFailure(rec *store.Record) error {
	f, err := parseFailure(rec.Meta, rec.Body)
	s.failed[string(rec.Key)] = f
	return err
}
