package columns

import (
	"bytes"
	"cmp"
	"sort"
)

// Table is every battle of an arena. Rows are numbered from 0, in the order of keys.
type Table struct {
	Names
	Flags []string // that verdicts bear, by bit

	sides  []Side
	groups []group

	// by prompt
	hash  column[Hash]
	row   column[uint32] // in its dataset
	group column[uint32] // of groups
	first column[uint32] // battle

	// by battle
	a, b   column[uint16] // of sides
	level  column[int16]  // in units of 1/levelUnit
	spread column[uint8]  // in units of 1/spreadUnit
	facts  column[facts]
	said   column[uint32] // the first of words

	words column[word] // by verdict
}

// group is prompts of one dataset and category.
type group struct {
	dataset  int
	category string
}

const (
	levelUnit  = 10_000
	spreadUnit = 50
)

// facts are an outcome in the lowest three bits, that of the people in the next three, and marks.
type facts uint16

const (
	outcomeBits = 7
	peopleAt    = 3

	markDivided facts = 1 << (6 + iota)
	markDisagree
	markFlipped
	markUnread
)

func newFacts(of *Battle) facts {
	f := facts(of.Outcome) | facts(of.People)<<peopleAt
	for _, m := range [...]struct {
		on  bool
		bit facts
	}{{of.Divided, markDivided}, {of.Disagree, markDisagree}, {of.Flipped, markFlipped}, {of.Unread, markUnread}} {
		if m.on {
			f |= m.bit
		}
	}
	return f
}

func (f facts) outcome() Outcome { return Outcome(f & outcomeBits) }
func (f facts) people() Outcome  { return Outcome(f >> peopleAt & outcomeBits) }

// Len is how many battles there are.
func (t *Table) Len() int { return t.a.n }

// Prompts is how many prompts these are about.
func (t *Table) Prompts() int { return t.hash.n }

// Judgments is how many verdicts there are, those derived from single answers counted by battle.
func (t *Table) Judgments() int { return t.words.n }

// Bytes is the memory of all columns, with room that is left over.
func (t *Table) Bytes() int {
	return t.hash.bytes() + t.row.bytes() + t.group.bytes() + t.first.bytes() +
		t.a.bytes() + t.b.bytes() + t.level.bytes() + t.spread.bytes() + t.facts.bytes() + t.said.bytes() + t.words.bytes()
}

func (t *Table) seal() {
	t.hash.seal()
	t.row.seal()
	t.group.seal()
	t.first.seal()
	t.a.seal()
	t.b.seal()
	t.level.seal()
	t.spread.seal()
	t.facts.seal()
	t.said.seal()
	t.words.seal()
}

// Battle is a row.
func (t *Table) Battle(row int) Battle {
	var b Battle
	t.Read(row, &b)
	return b
}

// Read makes b a row, in the memory of its verdicts.
func (t *Table) Read(row int, b *Battle) {
	f, of := t.facts.at(row), b.Verdicts[:0]
	for i, end := t.wordsOf(row); i < end; i++ {
		of = append(of, t.words.at(i).verdict())
	}
	*b = Battle{
		Prompt: t.prompt(t.promptOf(row)), A: t.sides[t.a.at(row)], B: t.sides[t.b.at(row)],
		Outcome: f.outcome(), Level: float64(t.level.at(row)) / levelUnit, People: f.people(),
		Spread: float64(t.spread.at(row)) / spreadUnit, Divided: f&markDivided != 0,
		Disagree: f&markDisagree != 0, Flipped: f&markFlipped != 0, Unread: f&markUnread != 0, Verdicts: of,
	}
}

// wordsOf are the places of the verdicts on a row.
func (t *Table) wordsOf(row int) (from, to int) {
	to = t.words.n
	if row+1 < t.said.n {
		to = int(t.said.at(row + 1))
	}
	return int(t.said.at(row)), to
}

func (t *Table) prompt(i int) Prompt {
	g := t.groups[t.group.at(i)]
	return Prompt{Hash: t.hash.at(i), Dataset: g.dataset, Category: g.category, Row: int(t.row.at(i))}
}

// promptOf is the place of the prompt that a row is about.
func (t *Table) promptOf(row int) int {
	return sort.Search(t.first.n, func(i int) bool { return int(t.first.at(i)) > row }) - 1
}

// battlesOf are the rows of the prompt in a place.
func (t *Table) battlesOf(prompt int) (from, to int) {
	to = t.a.n
	if prompt+1 < t.first.n {
		to = int(t.first.at(prompt + 1))
	}
	return int(t.first.at(prompt)), to
}

// Find is the row of a battle, its sides in any order.
func (t *Table) Find(h Hash, a, b Side) (row int, ok bool) {
	p := sort.Search(t.hash.n, func(i int) bool { x := t.hash.at(i); return bytes.Compare(x[:], h[:]) >= 0 })
	if p == t.hash.n || t.hash.at(p) != h {
		return 0, false
	}
	for row, end := t.battlesOf(p); row < end; row++ {
		if x, y := t.sides[t.a.at(row)], t.sides[t.b.at(row)]; x == a && y == b || x == b && y == a {
			return row, true
		}
	}
	return 0, false
}

// compare orders sides by identity.
func (t *Table) compare(x, y Side) int {
	a, b := t.Models[x.Model].ID, t.Models[y.Model].ID
	return cmp.Or(bytes.Compare(a[:], b[:]), x.Sample-y.Sample)
}
