package columns

import (
	"cmp"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
)

// drawn is a table by lot.
func drawn(t *testing.T, dice *rand.Rand, prompts int) *Table {
	return build(t, shape{prompts, 4, 3, 2}, func(p int, b *Battle, builder *Builder) {
		b.Outcome, b.People, b.Disagree = Outcome(dice.IntN(6)), []Outcome{Undecided, WonByA, WonByB, Tied}[dice.IntN(4)], dice.IntN(3) == 0
		b.Level, b.Spread = float64(dice.IntN(9))/2-2, float64(dice.IntN(9))/2
		said := b.Verdicts[:0]
		for _, v := range b.Verdicts {
			if v.State, v.Level = State(dice.IntN(3)), 0; v.State == Decided {
				v.Level = []int{-2, -1, 1, 2}[dice.IntN(4)]
			}
			if dice.IntN(4) == 0 {
				v.Flags = builder.Flag([]string{"identical", "off_menu"}[dice.IntN(2)])
			}
			v.Again, v.Derived = dice.IntN(9) == 0, v.Judge == 2
			if dice.IntN(5) > 0 {
				said = append(said, v)
			}
		}
		b.Verdicts = said
	})
}

// wants is Query in plain words.
func (t *Table) wants(q Query, b *Battle) bool {
	name := func(s Side) string { return t.Models[s.Model].Name }
	if q.Model == "" {
		q.Model, q.Versus = q.Versus, ""
	}
	left, right, turned := b.A, b.B, false
	if q.Model == name(b.B) || q.Model != name(b.A) && b.B.Model < b.A.Model {
		left, right, turned = b.B, b.A, true
	}
	outcome := b.Outcome
	if turned {
		outcome = outcome.Turned()
	}
	is := func(wanted, got string) bool { return wanted == "" || wanted == got }
	category := cmp.Or(b.Prompt.Category, NoCategory)
	people := "differ"
	if b.People == Undecided {
		people = "none"
	} else if b.People == b.Outcome {
		people = "agree"
	}
	return is(q.Model, name(left)) && is(q.Versus, name(right)) && is(q.Dataset, t.Datasets[b.Prompt.Dataset]) && is(q.Category, category) &&
		is(q.Outcome, map[Outcome]string{WonByA: "won", WonByB: "lost", Tied: "tie"}[outcome]+map[bool]string{true: "", false: "undecided"}[outcome.Decided()]) &&
		(!q.Disagree || b.Disagree) && is(q.People, people) && t.heard(q, b, turned)
}

// heard reports whether the judge, or one of them, says what is asked for.
func (t *Table) heard(q Query, b *Battle, turned bool) bool {
	there, verdict, flag, flipped := q.Judge == "", q.Verdict == "", q.Flag == "", !q.Flipped
	for _, v := range b.Verdicts {
		if q.Judge != "" && t.Judges[v.Judge] != q.Judge {
			continue
		}
		there = true
		level := v.Level
		if turned {
			level = -level
		}
		label := "invalid"
		if v.State != Invalid {
			label = Verdicts[level+2]
		}
		verdict = verdict || label == q.Verdict
		flag = flag || slices.Contains(t.Flags, q.Flag) && v.Flags&(1<<slices.Index(t.Flags, q.Flag)) != 0
		for _, w := range b.Verdicts {
			first := v.Judge == w.Judge && !v.Again && !w.Again && !v.Derived && v.Order == 0 && w.Order == 1
			flipped = flipped || first && v.State != Invalid && w.State != Invalid && cmp.Compare(v.Level, 0) != cmp.Compare(w.Level, 0)
		}
	}
	return there && verdict && flag && flipped
}

func oneOf(dice *rand.Rand, of []string) string {
	if dice.IntN(3) > 0 {
		return ""
	}
	return of[dice.IntN(len(of))]
}

func drawQuery(dice *rand.Rand, t *Table) Query {
	var models []string
	for _, m := range t.Models {
		models = append(models, m.Name)
	}
	return Query{
		Model: oneOf(dice, models), Versus: oneOf(dice, models), Dataset: oneOf(dice, t.Datasets), Category: oneOf(dice, t.categories()),
		Outcome: oneOf(dice, Outcomes), Judge: oneOf(dice, t.Judges), Verdict: oneOf(dice, Verdicts), Flag: oneOf(dice, t.Flags),
		Flipped: dice.IntN(5) == 0, Disagree: dice.IntN(5) == 0, People: oneOf(dice, Votes), Order: oneOf(dice, Orders),
	}
}

func mustSelect(t *testing.T, c *Table, q Query) *Selection {
	t.Helper()
	s, err := c.Select(q)
	if err != nil {
		t.Fatalf("Select(%+v): %v", q, err)
	}
	return s
}

// TestSelect compares selections, their order, their counts and neighbours with a look at every battle.
func TestSelect(t *testing.T) {
	dice := rand.New(rand.NewPCG(9, 9))
	for _, prompts := range []int{0, 3, 24} {
		c := drawn(t, dice, prompts)
		for range 25 {
			if c.Len() == 0 {
				break
			}
			q := drawQuery(dice, c)
			s := mustSelect(t, c, q)
			checkRows(t, c, s)
			checkCounts(t, c, s)
			checkPlaces(t, c, s)
		}
	}
}

func checkRows(t *testing.T, c *Table, s *Selection) {
	t.Helper()
	var want []Battle
	for row := range c.Len() {
		if b := c.Battle(row); c.wants(s.Query, &b) {
			want = append(want, b)
		}
	}
	slices.SortStableFunc(want, func(x, y Battle) int {
		by := 0
		switch s.Query.Order {
		case "disagreement":
			by = cmp.Compare(y.Spread, x.Spread)
		case "margin":
			by = cmp.Compare(max(y.Level, -y.Level), max(x.Level, -x.Level))
		}
		return cmp.Or(by, x.Prompt.Dataset-y.Prompt.Dataset, x.Prompt.Row-y.Prompt.Row)
	})
	if len(want) != len(s.Rows) {
		t.Errorf("Select(%+v) has %d rows; want %d", s.Query, len(s.Rows), len(want))
		return
	}
	for i, row := range s.Rows {
		if b := c.Battle(int(row)); b.Prompt != want[i].Prompt || b.A != want[i].A || b.B != want[i].B {
			t.Errorf("Select(%+v): row %d is %+v; want %+v", s.Query, i, b, want[i])
			return
		}
	}
}

// checkCounts: a value of a filter counts as many battles as there are when it is chosen.
func checkCounts(t *testing.T, c *Table, s *Selection) {
	t.Helper()
	n := &s.Counts
	check := func(what string, got int, change func(*Query)) {
		t.Helper()
		q := s.Query
		change(&q)
		if want := len(mustSelect(t, c, q).Rows); got != want {
			t.Errorf("%+v: %s counts %d battles; choosing it gives %d", s.Query, what, got, want)
		}
	}
	for i, m := range c.Models {
		if s.Query.Model != "" || s.Query.Versus == "" { // else the other is what battles are seen from
			check("model "+m.Name, n.Models[i], func(q *Query) { q.Model = m.Name })
		}
		if s.Query.Model != "" {
			check("versus "+m.Name, n.Versus[i], func(q *Query) { q.Versus = m.Name })
		}
	}
	lists := []struct {
		names  []string
		counts []int
		to     func(*Query) *string
	}{
		{c.Datasets, n.Datasets, func(q *Query) *string { return &q.Dataset }}, {Outcomes, n.Outcomes, func(q *Query) *string { return &q.Outcome }},
		{c.Judges, n.Judges, func(q *Query) *string { return &q.Judge }}, {Verdicts, n.Verdicts, func(q *Query) *string { return &q.Verdict }},
		{c.Flags, n.Flags, func(q *Query) *string { return &q.Flag }}, {Votes, n.People, func(q *Query) *string { return &q.People }},
	}
	for _, l := range lists {
		for i, name := range l.names {
			check(name, l.counts[i], func(q *Query) { *l.to(q) = name })
		}
	}
	for _, name := range c.categories() {
		check(name, n.Categories[name], func(q *Query) { q.Category = name })
	}
	check("flipped", n.Flipped, func(q *Query) { q.Flipped = true })
	check("disagree", n.Disagree, func(q *Query) { q.Disagree = true })
	for f := ByVersus; f < filters; f++ {
		if f != ByVersus || s.Query.Model != "" {
			check(fmt.Sprintf("without filter %d", f), n.Without[f], func(q *Query) { *q = q.Without(f) })
		}
	}
}

func checkPlaces(t *testing.T, c *Table, s *Selection) {
	t.Helper()
	at := map[int]int{}
	for i, row := range s.Rows {
		at[int(row)] = i
	}
	for row := range c.Len() {
		place, in := s.Place(row)
		if i, there := at[row]; in != there || there && i != place {
			t.Errorf("%+v: Place(%d) = %d, %t; want %d, %t", s.Query, row, place, in, i, there)
		}
		previous, next := s.Neighbours(row)
		if !in {
			place--
		} else if previous != rowAt(s, place-1) {
			t.Errorf("%+v: before row %d stands %d; want %d", s.Query, row, previous, rowAt(s, place-1))
		}
		if next != rowAt(s, place+1) {
			t.Errorf("%+v: behind row %d stands %d; want %d", s.Query, row, next, rowAt(s, place+1))
		}
	}
}

func rowAt(s *Selection, i int) int {
	if i < 0 || i >= len(s.Rows) {
		return -1
	}
	return int(s.Rows[i])
}

// TestSelectOnAllCores: parts that cores looked at are put together as one would have seen them.
func TestSelectOnAllCores(t *testing.T) {
	c := drawn(t, rand.New(rand.NewPCG(1, 2)), 2*leastShare+5)
	for _, q := range []Query{{}, {Model: "B", Outcome: "won"}, {Judge: "Jb", Verdict: "invalid", Order: "margin"}} {
		s, err := c.sieve(q)
		if err != nil {
			t.Fatal(err)
		}
		one := newPicker(c, s)
		one.look(0, len(c.order))
		all := c.pick(s)
		if !slices.Equal(all.Rows, one.rows) || fmt.Sprint(all.Counts) != fmt.Sprint(one.named()) {
			t.Errorf("%+v: together %d rows, %v; alone %d, %v", q, len(all.Rows), all.Counts, len(one.rows), one.counts)
		}
	}
}

func TestUnknownNames(t *testing.T) {
	c := drawn(t, rand.New(rand.NewPCG(3, 4)), 5)
	for _, q := range []Query{
		{Model: "Z"}, {Versus: "Z"}, {Model: "A", Versus: "Z"}, {Dataset: "Z"}, {Category: "Z"}, {Outcome: "Z"}, {Judge: "Z"}, {Verdict: "Z"}, {Flag: "Z"}, {People: "Z"}, {Order: "Z"},
	} {
		_, err := c.Select(q)
		var unknown *UnknownError
		if !errors.As(err, &unknown) || unknown.Name != "Z" || len(unknown.Known) == 0 {
			t.Errorf("Select(%+v): %v; want an UnknownError about Z", q, err)
		}
	}
}
