package columns

import (
	"encoding/binary"
	"reflect"
	"slices"
	"testing"
)

// shape is an arena of nothing but numbers.
type shape struct{ prompts, models, judges, orders int }

func names(s shape) (n Names) {
	for i := range s.models {
		n.Models = append(n.Models, Model{Name: string(rune('A' + i)), ID: [8]byte{byte(i)}})
	}
	for i := range s.judges {
		n.Judges = append(n.Judges, "J"+string(rune('a'+i)))
	}
	n.Datasets = []string{"first", "second"}
	return n
}

func hash(i int) (h Hash) {
	binary.BigEndian.PutUint32(h[:], uint32(i))
	return h
}

// build fills a table; change may make each battle another one.
func build(t testing.TB, s shape, change func(prompt int, b *Battle, builder *Builder)) *Table {
	t.Helper()
	b, err := NewBuilder(names(s))
	if err != nil {
		t.Fatal(err)
	}
	for p := range s.prompts {
		b.Prompt(Prompt{Hash: hash(p), Dataset: p % 2, Row: s.prompts - p, Category: []string{"", "maths", "prose"}[p%3]})
		for x := range s.models {
			for y := x + 1; y < s.models; y++ {
				of := Battle{A: Side{Model: x}, B: Side{Model: y}}
				for j := range s.judges {
					for o := range s.orders {
						of.Verdicts = append(of.Verdicts, Verdict{Judge: j, Order: uint8(o), State: Tie})
					}
				}
				if change != nil {
					change(p, &of, b)
				}
				if err := b.Battle(&of); err != nil {
					t.Fatal(err)
				}
			}
		}
	}
	return b.Table()
}

// TestMemory holds columns to 32 bytes a judgment, counted from what their arrays have room for.
func TestMemory(t *testing.T) {
	for _, s := range []shape{{3_000, 4, 1, 2}, {5_000, 2, 1, 2}, {2_000, 3, 1, 1}, {100, 8, 3, 2}} {
		c := build(t, s, nil)
		want := s.prompts * s.models * (s.models - 1) / 2 * s.judges * s.orders
		if c.Judgments() != want || c.Prompts() != s.prompts || c.Len() != want/s.judges/s.orders {
			t.Errorf("%+v: %d judgments on %d battles of %d prompts; want %d judgments", s, c.Judgments(), c.Len(), c.Prompts(), want)
		}
		if got := float64(c.Bytes()) / float64(want); got > 32 {
			t.Errorf("%+v: %.1f bytes a judgment; want 32 at most", s, got)
		}
	}
}

// TestEveryColumnIsCounted finds the columns by reflection: one that Bytes forgets would take memory that nobody sees.
func TestEveryColumnIsCounted(t *testing.T) {
	v := reflect.ValueOf(build(t, shape{6000, 4, 2, 2}, nil)).Elem()
	sum, columns := 0, 0
	for i := range v.NumField() {
		field := v.Field(i)
		if field.Kind() != reflect.Slice || field.Len() < 6000 {
			continue
		}
		columns++
		sum += field.Cap() * int(field.Type().Elem().Size())
		if field.Cap() != field.Len() {
			t.Errorf("%s has room for %d values, and %d", v.Type().Field(i).Name, field.Cap(), field.Len())
		}
	}
	if got := v.Addr().Interface().(*Table).Bytes(); got != sum || columns < 10 {
		t.Errorf("Bytes() = %d; %d columns take %d", got, columns, sum)
	}
}

func TestBattleIsWhatWasAdded(t *testing.T) {
	var added []Battle
	c := build(t, shape{17_000, 2, 1, 1}, func(p int, b *Battle, builder *Builder) {
		*b = Battle{
			A: Side{0, p % 3}, B: Side{1, 0}, Outcome: Outcome(p % 6), People: Outcome(p / 6 % 6), Level: float64(p%17)/4 - 2, Spread: float64(p%9) / 2,
			Divided: p%2 == 0, Disagree: p%3 == 0,
			Verdicts: []Verdict{
				{Judge: 1023, Order: 1, State: Decided, Level: -2, Heard: true, Flags: builder.Flag("identical")},
				{Judge: p % 1024, Again: p%2 == 1, Derived: p%4 == 1, Trivial: p%5 == 2, State: State(1 + p%2), Level: p%5 - 2, Flags: Flags(p % (1 << mostFlags))},
			}[:p%3],
		}
		of := *b
		of.Prompt = builder.prompt
		added = append(added, of)
	})
	for row, want := range added {
		got := c.Battle(row)
		if len(got.Verdicts) == 0 {
			got.Verdicts, want.Verdicts = nil, nil
		}
		if !reflect.DeepEqual(got, want) {
			t.Fatalf("Battle(%d) = %+v; want %+v", row, got, want)
		}
		if at, ok := c.Find(want.Prompt.Hash, want.B, want.A); at != row || !ok {
			t.Fatalf("Find(row %d) = %d, %t", row, at, ok)
		}
	}
	if _, ok := c.Find(hash(17_000), Side{}, Side{1, 0}); ok {
		t.Error("a battle of a prompt that is not there is found")
	}
	if _, ok := c.Find(hash(1), Side{}, Side{1, 7}); ok {
		t.Error("a battle of an answer that is not there is found")
	}
}

func TestMoreFlagsThanBits(t *testing.T) {
	b, err := NewBuilder(Names{})
	if err != nil {
		t.Fatal(err)
	}
	for i := range 20 {
		if got, want := b.Flag(string(rune('a'+i))), Flags(1)<<min(i, mostFlags-1); got != want {
			t.Errorf("Flag(%d) = %b; want %b", i, got, want)
		}
	}
	if got := b.Table().Flags; len(got) != mostFlags || !slices.Contains(got, "other") {
		t.Errorf("Flags = %q", got)
	}
}

func TestEmptyTable(t *testing.T) {
	c := build(t, shape{5, 1, 1, 1}, nil)
	if _, ok := c.Find(hash(0), Side{}, Side{1, 0}); ok || c.Len() != 0 || c.Prompts() != 0 {
		t.Errorf("a table without battles has %d on %d prompts", c.Len(), c.Prompts())
	}
}
