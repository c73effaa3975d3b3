package columns

import "sort"

// Table is every battle of an arena. Rows are numbered from 0, in the order of keys.
type Table struct {
	Names
	Flags []string // that verdicts bear, by bit

	sides  []Side
	groups []group

	// by prompt
	hash  []Hash
	row   []uint32 // in its dataset
	group []uint32 // of groups
	first []uint32 // battle; and at the end how many battles there are
	order []uint32 // the prompts in the order of datasets and their rows

	// by battle
	a, b   []uint16 // of sides
	level  []int16  // in units of 1/levelUnit
	spread []uint8  // in units of 1/spreadUnit
	facts  []facts
	said   []saying // of all judges
	spoken []uint32 // the first of words; and at the end how many words there are

	words []word // by verdict

	recent recent
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
type facts uint8

const (
	outcomeBits = 7
	peopleAt    = 3

	markDivided  facts = 1 << 6
	markDisagree facts = 1 << 7
)

func newFacts(of *Battle) facts {
	f := facts(of.Outcome) | facts(of.People)<<peopleAt
	if of.Divided {
		f |= markDivided
	}
	if of.Disagree {
		f |= markDisagree
	}
	return f
}

func (f facts) outcome() Outcome { return Outcome(f & outcomeBits) }
func (f facts) people() Outcome  { return Outcome(f >> peopleAt & outcomeBits) }

// Len is how many battles there are.
func (t *Table) Len() int { return len(t.a) }

// Prompts is how many prompts these are about.
func (t *Table) Prompts() int { return len(t.hash) }

// Judgments is how many verdicts there are, those derived from single answers counted by battle.
func (t *Table) Judgments() int { return len(t.words) }

// Bytes is the memory of all columns, with room that is left over.
func (t *Table) Bytes() int {
	return sizeOf(t.hash) + sizeOf(t.row) + sizeOf(t.group) + sizeOf(t.first) + sizeOf(t.order) + sizeOf(t.a) + sizeOf(t.b) +
		sizeOf(t.level) + sizeOf(t.spread) + sizeOf(t.facts) + sizeOf(t.said) + sizeOf(t.spoken) + sizeOf(t.words)
}

// Battle is a row.
func (t *Table) Battle(row int) Battle {
	var b Battle
	t.Read(row, &b)
	return b
}

// Read makes b a row, in the memory of its verdicts.
func (t *Table) Read(row int, b *Battle) {
	f, said, of := t.facts[row], t.said[row], b.Verdicts[:0]
	for _, w := range t.wordsOf(row) {
		of = append(of, w.verdict())
	}
	*b = Battle{
		Prompt: t.prompt(t.promptOf(row)), A: t.sides[t.a[row]], B: t.sides[t.b[row]],
		Outcome: f.outcome(), Level: float64(t.level[row]) / levelUnit, People: f.people(),
		Spread: float64(t.spread[row]) / spreadUnit, Divided: f&markDivided != 0,
		Disagree: f&markDisagree != 0, Flipped: said&saidFlipped != 0, Unread: said&saidInvalid != 0, Verdicts: of,
	}
}

// wordsOf are the verdicts on a row.
func (t *Table) wordsOf(row int) []word { return t.words[t.spoken[row]:t.spoken[row+1]] }

func (t *Table) prompt(i int) Prompt {
	g := t.groups[t.group[i]]
	return Prompt{Hash: t.hash[i], Dataset: g.dataset, Category: g.category, Row: int(t.row[i])}
}

// promptOf is the place of the prompt that a row is about.
func (t *Table) promptOf(row int) int {
	return sort.Search(len(t.hash), func(i int) bool { return int(t.first[i+1]) > row })
}

// battlesOf are the rows of the prompt in a place.
func (t *Table) battlesOf(prompt int) (from, to int) {
	return int(t.first[prompt]), int(t.first[prompt+1])
}

// Find is the row of a battle, its sides in any order.
func (t *Table) Find(h Hash, a, b Side) (row int, ok bool) {
	p := t.PlaceOf(h)
	if p == len(t.hash) || t.hash[p] != h {
		return 0, false
	}
	for row, end := t.battlesOf(p); row < end; row++ {
		if x, y := t.sides[t.a[row]], t.sides[t.b[row]]; x == a && y == b || x == b && y == a {
			return row, true
		}
	}
	return 0, false
}
