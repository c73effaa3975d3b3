package columns

// saying is what judges say of a battle, as a set of bits: the verdicts there are, from A's side, flags, and marks.
type saying uint32

const (
	saidWorse   saying = 1 << 0 // level -2; then each level up to +2
	saidInvalid saying = 1 << 5
	saidFlags          = 6 // the first bit of the flags
	saidFlipped saying = 1 << (saidFlags + mostFlags)
	saidAny     saying = saidFlipped << 1

	saidLevels = saidWorse<<5 - 1
)

// turned is the same from B's side.
func (s saying) turned() saying {
	levels := s & saidLevels
	return s&^saidLevels | levels&1<<4 | levels&2<<2 | levels&4 | levels&8>>2 | levels&16>>4
}

// sayings are what the judges of one battle say, each for itself: the words of a judge follow one another.
type sayings struct {
	judge   int
	saying  saying
	winners [2]winner // by order
	sum     saying    // of the judges before
}

// winner is whom a verdict prefers; 0: there is none.
type winner uint8

// hear takes the next word; done: it is the first of another judge, and was what the one before says.
func (s *sayings) hear(w word) (done bool, judge int, was saying) {
	if s.saying != 0 && w.judge() != s.judge {
		done, judge, was = true, s.judge, s.saying
		s.next()
	}
	s.judge = w.judge()
	s.saying |= saidAny | saying(w.flags())<<saidFlags
	level := w.level()
	if w.state() == Invalid {
		s.saying |= saidInvalid
		return done, judge, was
	}
	s.saying |= saidWorse << (level + 2)
	if w&(bitAgain|bitDerived) != 0 {
		return done, judge, was
	}
	of := winner(2)
	if level > 0 {
		of = 1
	} else if level < 0 {
		of = 3
	}
	if s.winners[w&bitOrder] = of; s.winners[0] != 0 && s.winners[1] != 0 && s.winners[0] != s.winners[1] {
		s.saying |= saidFlipped
	}
	return done, judge, was
}

func (s *sayings) next() {
	s.sum |= s.saying
	s.saying, s.winners = 0, [2]winner{}
}

// any is what one judge or another says.
func (s *sayings) any() saying { return s.sum | s.saying }
