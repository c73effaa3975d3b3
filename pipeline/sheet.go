package pipeline

import (
	"bytes"
	"slices"

	"openarena/store"
)

// sheet is what the database has of one prompt. Records come in key order, and are found by halving.
type sheet struct {
	wanted
	answers  []given
	verdicts []judged
	failed   map[string]failure // by answer or verdict key
}

// given is an answer; its texts are there only if they were asked for.
type given struct {
	side Side
	reply
}

// judged is a verdict; where only keys were asked for it has nothing but its key.
type judged struct {
	key rawVerdictKey
	verdict
}

func newSheet(h Hash) *sheet { return &sheet{wanted: wanted{Prompt: h}, failed: map[string]failure{}} }

// clear makes it the sheet of another prompt, in the same memory.
func (s *sheet) clear() {
	s.answers, s.verdicts = s.answers[:0], s.verdicts[:0]
	clear(s.failed)
}

// answer is the answer of one side.
func (s *sheet) answer(of Side) (*reply, bool) {
	i, ok := s.placeOfAnswer(of)
	if !ok {
		return nil, false
	}
	return &s.answers[i].reply, true
}

func (s *sheet) placeOfAnswer(of Side) (int, bool) {
	return slices.BinarySearchFunc(s.answers, of, func(g given, of Side) int {
		if c := bytes.Compare(g.side.Contestant[:], of.Contestant[:]); c != 0 {
			return c
		}
		return int(g.side.Sample) - int(of.Sample)
	})
}

// give adds an answer.
func (s *sheet) give(of Side, r reply) {
	i, _ := s.placeOfAnswer(of)
	s.answers = slices.Insert(s.answers, i, given{of, r})
}

// verdict is what became of one judgment.
func (s *sheet) verdict(k VerdictKey) (*verdict, bool) {
	i, ok := s.placeOfVerdict(k.raw())
	if !ok {
		return nil, false
	}
	return &s.verdicts[i].verdict, true
}

func (s *sheet) placeOfVerdict(k rawVerdictKey) (int, bool) {
	lo, hi := 0, len(s.verdicts) // by hand, so that k needs no memory: walks do this for every judgment
	for lo < hi {
		mid := (lo + hi) / 2
		if bytes.Compare(s.verdicts[mid].key[:], k[:]) < 0 {
			lo = mid + 1
		} else {
			hi = mid
		}
	}
	return lo, lo < len(s.verdicts) && s.verdicts[lo].key == k
}

// failure is the failure of an answer or judgment. Hardly any prompt has one, so its key is made only if need be.
func (s *sheet) failure(key func() []byte) (failure, bool) {
	if len(s.failed) == 0 {
		return failure{}, false
	}
	f, ok := s.failed[string(key())]
	return f, ok
}

// gaveUp reports whether an answer is missing for good.
func (s *sheet) gaveUp(of Side) bool {
	if _, there := s.answer(of); there {
		return false
	}
	f, _ := s.failure(AnswerKey{s.Prompt, of.Contestant, of.Sample}.bytes)
	return f.Permanent
}

// addAnswer takes a record of Answers, behind those before it.
func (s *sheet) addAnswer(rec store.Record) error {
	key, err := parseAnswerKey(rec.Key)
	if err != nil {
		return err
	}
	g := given{side: Side{key.Contestant, key.Sample}}
	g.reply, err = parseReply(rec.Meta, rec.Body)
	s.answers = append(s.answers, g)
	return err
}

// addVerdict takes a record of Verdicts, behind those before it.
func (s *sheet) addVerdict(rec store.Record) (err error) {
	if len(rec.Key) != verdictSize {
		return errKey
	}
	s.verdicts = append(s.verdicts, judged{key: rawVerdictKey(rec.Key)})
	if rec.Meta != nil {
		s.verdicts[len(s.verdicts)-1].verdict, err = parseVerdict(rec.Meta)
	}
	return err
}

// addFailure takes a record of Failures.
func (s *sheet) addFailure(rec store.Record) error {
	f, err := parseFailure(rec.Meta, rec.Body)
	s.failed[string(rec.Key)] = f
	return err
}
