package columns

import (
	"fmt"
	"math"
	"slices"
)

// Builder makes a table. Prompts come in the order of their hashes, each followed by its battles in the order of their sides.
type Builder struct {
	t *Table // but for what the columns are to become

	hash              column[Hash]
	row, group, first column[uint32]
	a, b              column[uint16]
	level             column[int16]
	spread            column[uint8]
	facts             column[facts]
	said              column[saying]
	spoken            column[uint32]
	words             column[word]

	sides  map[Side]uint16
	groups map[group]uint32
	prompt Prompt // of the battles to come
	begun  bool   // its row is there
}

// NewBuilder begins a table.
func NewBuilder(n Names) (*Builder, error) {
	if len(n.Judges) > mostJudges {
		return nil, fmt.Errorf("%d judges: a list of battles has room for %d", len(n.Judges), mostJudges)
	}
	return &Builder{t: &Table{Names: n}, sides: map[Side]uint16{}, groups: map[group]uint32{}}, nil
}

// Prompt says what the next battles are about. One without battles leaves no trace.
func (b *Builder) Prompt(p Prompt) { b.prompt, b.begun = p, false }

// Flag is the bit of a flag's name.
func (b *Builder) Flag(name string) Flags {
	i := slices.Index(b.t.Flags, name)
	switch {
	case i >= 0:
	case len(b.t.Flags) < mostFlags-1:
		i = len(b.t.Flags)
		b.t.Flags = append(b.t.Flags, name)
	default:
		if i = mostFlags - 1; len(b.t.Flags) < mostFlags {
			b.t.Flags = append(b.t.Flags, "other")
		}
	}
	return 1 << i
}

// Battle adds a battle of the prompt; its Prompt is not looked at.
func (b *Builder) Battle(of *Battle) error {
	if !b.begun {
		b.addPrompt()
	}
	x, err := b.side(of.A)
	if err != nil {
		return err
	}
	y, err := b.side(of.B)
	if err != nil {
		return err
	}
	b.a.add(x)
	b.b.add(y)
	b.level.add(int16(math.Round(of.Level * levelUnit)))
	b.spread.add(uint8(math.Round(of.Spread * spreadUnit)))
	b.facts.add(newFacts(of))
	b.spoken.add(uint32(b.words.n))
	var all sayings
	for _, v := range of.Verdicts {
		w := pack(v)
		b.words.add(w)
		all.hear(w)
	}
	b.said.add(all.any())
	return nil
}

func (b *Builder) addPrompt() {
	b.begun = true
	g := group{b.prompt.Dataset, b.prompt.Category}
	of, ok := b.groups[g]
	if !ok {
		of = uint32(len(b.t.groups))
		b.groups[g] = of
		b.t.groups = append(b.t.groups, g)
	}
	b.hash.add(b.prompt.Hash)
	b.row.add(uint32(b.prompt.Row))
	b.group.add(of)
	b.first.add(uint32(b.a.n))
}

func (b *Builder) side(s Side) (uint16, error) {
	of, ok := b.sides[s]
	if !ok {
		if len(b.t.sides) > math.MaxUint16 {
			return 0, fmt.Errorf("a prompt has more than %d answers: there is no list of so many", math.MaxUint16)
		}
		of = uint16(len(b.t.sides))
		b.sides[s] = of
		b.t.sides = append(b.t.sides, s)
	}
	return of, nil
}

// Table is what was added. The builder is spent.
func (b *Builder) Table() *Table {
	t := b.t
	battles, words := uint32(b.a.n), uint32(b.words.n)
	t.hash, t.row, t.group, t.first = b.hash.flat(), b.row.flat(), b.group.flat(), b.first.flat(battles)
	t.a, t.b, t.level, t.spread, t.facts, t.said, t.spoken = b.a.flat(), b.b.flat(), b.level.flat(), b.spread.flat(), b.facts.flat(), b.said.flat(), b.spoken.flat(words)
	t.words = b.words.flat()
	t.order = make([]uint32, len(t.hash))
	for i := range t.order {
		t.order[i] = uint32(i)
	}
	slices.SortFunc(t.order, func(i, j uint32) int { return t.comparePrompts(int(i), int(j)) })
	return t
}
