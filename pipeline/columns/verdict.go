package columns

// A verdict is kept in 32 bits:
//
//	judge 10 | flags 12 | level+2 3 | state 2 | heard 1 | trivial 1 | derived 1 | again 1 | order 1
const (
	bitOrder   = 1 << 0
	bitAgain   = 1 << 1
	bitDerived = 1 << 2
	bitTrivial = 1 << 3
	bitHeard   = 1 << 4

	stateAt = 5
	levelAt = 7
	flagsAt = 10
	judgeAt = 22

	mostFlags  = 12 // the last one stands for all others
	mostJudges = 1 << 10
)

type word uint32

func pack(v Verdict) word {
	w := word(v.Order&1) | word(v.State)<<stateAt | word(v.Level+2)<<levelAt | word(v.Flags)<<flagsAt | word(v.Judge)<<judgeAt
	for _, b := range [...]struct {
		on  bool
		bit word
	}{{v.Again, bitAgain}, {v.Derived, bitDerived}, {v.Trivial, bitTrivial}, {v.Heard, bitHeard}} {
		if b.on {
			w |= b.bit
		}
	}
	return w
}

func (w word) verdict() Verdict {
	return Verdict{
		Judge: w.judge(), Order: uint8(w & bitOrder), Again: w&bitAgain != 0, Derived: w&bitDerived != 0, Trivial: w&bitTrivial != 0,
		Heard: w&bitHeard != 0, State: w.state(), Level: w.level(), Flags: w.flags(),
	}
}

func (w word) judge() int   { return int(w >> judgeAt) }
func (w word) flags() Flags { return Flags(w>>flagsAt) & (1<<mostFlags - 1) }
func (w word) level() int   { return int(w>>levelAt&7) - 2 }
func (w word) state() State { return State(w >> stateAt & 3) }
