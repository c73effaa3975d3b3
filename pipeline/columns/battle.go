package columns

// Names say what the numbers of a table stand for.
type Names struct {
	Models   []Model  // by place in the file
	Judges   []string // by place in the file
	Datasets []string // by place in the file
}

// Model is a contestant.
type Model struct {
	Name string
	ID   [8]byte
}

// Hash is that of a prompt.
type Hash = [16]byte

// Prompt is what a battle is about.
type Prompt struct {
	Hash     Hash
	Dataset  int // the place of the first that lists it
	Row      int // there
	Category string
}

// Side is one answer of a battle.
type Side struct {
	Model  int // place
	Sample int // from 0
}

// Outcome is how a battle counts.
type Outcome uint8

// The outcomes. The first three do not count.
const (
	Undecided Outcome = iota // nobody said anything that can be read
	Waiting                  // judges have spoken, and the panel waits for others
	TooFew                   // fewer judges were understood than must
	WonByA
	WonByB
	Tied
)

// Decided reports whether ratings count it.
func (o Outcome) Decided() bool { return o >= WonByA }

// Turned is the outcome with the sides changed.
func (o Outcome) Turned() Outcome {
	switch o {
	case WonByA:
		return WonByB
	case WonByB:
		return WonByA
	}
	return o
}

// Battle is two answers that meet over one prompt, with all that was said of them. A sorts before B by identity; levels are
// from A's side, whatever was shown first.
type Battle struct {
	Prompt  Prompt
	A, B    Side
	Outcome Outcome // as ratings count it
	Level   float64 // the panel's mean, -2 … +2; 0 unless decided
	People  Outcome // what most of those say who voted, a tie if there is no such thing; Undecided without votes

	Spread   float64 // how far the judges' means lie apart, 0 … 4
	Divided  bool    // a tie because the panel is divided, half and half
	Disagree bool    // the judges do not all say the same of who wins
	Flipped  bool    // a judge does not say the same of who wins in both orders
	Unread   bool    // a verdict cannot be read
	Verdicts []Verdict
}

// State is what became of a judgment.
type State uint8

// The states.
const (
	Invalid State = iota
	Decided
	Tie
)

// Verdict is what one judge said in one order.
type Verdict struct {
	Judge   int   // place
	Order   uint8 // 0: A was shown first; 1: B
	Again   bool  // it was asked for a second time, to see whether the judge agrees with itself: it never counts
	Derived bool  // from two verdicts on single answers: nothing was shown first
	Trivial bool  // no judge had to look: the answers spoke for themselves
	Heard   bool  // the judge has its part in the outcome
	State   State
	Level   int // from A's side, -2 … +2
	Flags   Flags
}

// Flags are some of Table.Flags, by bit.
type Flags uint16
