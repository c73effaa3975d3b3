package store

import (
	"bytes"

	"go.etcd.io/bbolt"
)

// skipping is a cursor that passes over keys that a walk does not want. It steps over a few, and leaps once it has met many in a
// row: a leap takes as long as some twenty steps.
type skipping struct {
	*bbolt.Cursor
	in    Range
	leaps bool
	looks int // keys that it stood at
}

const fewSteps = 32

func (s *skipping) from(key []byte) (k, value []byte) { return s.wanted(s.Seek(key)) }

func (s *skipping) next() (k, value []byte) { return s.wanted(s.Next()) }

// wanted is the first key from k on that is wanted, or one behind the range.
func (s *skipping) wanted(k, value []byte) ([]byte, []byte) {
	s.looks++
	for steps := 0; k != nil && !s.in.passes(k) && (s.in.To == nil || bytes.Compare(k, s.in.To) < 0); steps++ {
		if s.leaps = s.leaps || steps == fewSteps; s.leaps {
			k, value = s.leap(k)
		} else {
			k, value = s.Next()
		}
		s.looks++
	}
	return k, value
}

// leap moves from a key that is not wanted to where the next wanted one may be.
func (s *skipping) leap(k []byte) (key, value []byte) {
	at, is := s.in.Only()
	if len(k) < at {
		return s.Next()
	}
	if bytes.Compare(k[at:], is) < 0 {
		return s.Seek(append(bytes.Clone(k[:at]), is...))
	}
	behind := Prefix(k[:at]).To
	if behind == nil { // there is nothing
		return nil, nil
	}
	return s.Seek(behind)
}
