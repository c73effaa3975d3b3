package columns

import (
	"fmt"
	"math"
	"slices"
)

// Builder makes a table. Prompts come in the order of their hashes, each followed by its battles in the order of their sides.
type Builder struct {
	t      *Table
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
	t := b.t
	t.a.add(x)
	t.b.add(y)
	t.level.add(int16(math.Round(of.Level * levelUnit)))
	t.spread.add(uint8(math.Round(of.Spread * spreadUnit)))
	t.facts.add(newFacts(of))
	t.said.add(uint32(t.words.n))
	for _, v := range of.Verdicts {
		t.words.add(pack(v))
	}
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
	b.t.hash.add(b.prompt.Hash)
	b.t.row.add(uint32(b.prompt.Row))
	b.t.group.add(of)
	b.t.first.add(uint32(b.t.a.n))
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
	b.t.seal()
	return b.t
}
