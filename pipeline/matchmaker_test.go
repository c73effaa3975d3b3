package pipeline

import (
	"fmt"
	"strings"
	"testing"

	"openarena/elo"
)

// crowd is the matchmaker of an arena of n contestants that has seen nothing yet.
func crowd(t *testing.T, n int, trial Trial) *matchmaker {
	t.Helper()
	var models []string
	for i := range n {
		models = append(models, fmt.Sprintf("{name: M%d, model_id: m%[1]d}", i))
	}
	yaml := strings.Replace(choosy, "URL", "http://127.0.0.1:1/v1", 1)
	from := strings.Index(yaml, "models:")
	yaml = yaml[:from] + "models: [" + strings.Join(models, ", ") + yaml[strings.Index(yaml, "]\n"):]
	p := parseArena(t, t.TempDir(), yaml, trial).pairing()
	return newMatchmaker(p)
}

// roomy gives each pair room for so many battles.
func (m *matchmaker) roomy(each int) *matchmaker {
	n := len(m.arena.Contestants)
	for x := range n {
		for y := x + 1; y < n; y++ {
			m.room[m.pair(x, y)] = each
		}
	}
	return m
}

// fight adds battles of a pair: won by x and by y.
func (m *matchmaker) fight(x, y, won, lost int) *matchmaker {
	for k := range won + lost {
		score := 0.0
		if k < won {
			score = 1
		}
		m.fought = append(m.fought, elo.Battle{A: int32(x), B: int32(y), Cluster: int32(len(m.fought)), Score: score, Weight: 1})
	}
	m.used[m.pair(x, y)] += won + lost
	m.judged += won + lost
	return m
}

// three are contestants that are equal, or so far apart that nothing is open.
func three(t *testing.T, won, lost int) *matchmaker {
	return crowd(t, 3, Trial{}).fight(0, 1, won, lost).fight(1, 2, won, lost).fight(0, 2, won, lost)
}

func TestLook(t *testing.T) {
	for _, c := range []struct {
		what string
		m    *matchmaker
		want state
		next int // battles of the next batch
	}{
		{"nothing is there yet", crowd(t, 4, Trial{}), exhausted, 0},
		{"answers are to come", func() *matchmaker { m := crowd(t, 4, Trial{}); m.toCome = 9; return m }(), waiting, 0},
		{"the first batch", crowd(t, 4, Trial{}).roomy(9), choosing, 12},
		{"the first batch, where there is one prompt", crowd(t, 4, Trial{}).roomy(1), choosing, 6},
		{"something is owed", func() *matchmaker { m := three(t, 5, 5).roomy(99); m.open = 1; return m }(), waiting, 0},
		{"equal ones", three(t, 5, 5).roomy(99), choosing, 50},
		{"equal ones, and little is left", three(t, 5, 5).roomy(4), choosing, 12},
		{"equal ones, and nothing is left", three(t, 5, 5), exhausted, 0},
		{"equal ones, and answers are to come", func() *matchmaker { m := three(t, 5, 5); m.toCome = 3; return m }(), waiting, 0},
		{"far apart", three(t, 90, 10).roomy(99), settled, 0},
		{"equal ones, but nearly enough for the indifference", three(t, 200, 200).roomy(99), settled, 0},
		{"one never met anybody", crowd(t, 3, Trial{}).fight(0, 1, 90, 10).roomy(99), choosing, 4},
		{"one has no answers and none will come", crowd(t, 3, Trial{}).fight(0, 1, 90, 10), settled, 0},
		{"one has no answers yet", func() *matchmaker { m := crowd(t, 3, Trial{}).fight(0, 1, 90, 10); m.coming[2] = 5; return m }(), waiting, 0},
		{"whom it is about has nothing left", func() *matchmaker {
			m := three(t, 1, 1)
			m.room[m.pair(1, 2)] = 50 // of two that are far apart by now
			return m.fight(1, 2, 90, 10)
		}(), exhausted, 0},
		{"nobody is understood", func() *matchmaker {
			m := crowd(t, 3, Trial{}).roomy(99)
			for k := range m.used {
				m.used[k] = 2
			}
			return m
		}(), choosing, 50},
		{"a trial of one, while others are open", func() *matchmaker {
			m := crowd(t, 3, Trial{Models: map[string]bool{"M0": true}})
			return m.fight(0, 1, 90, 10).fight(1, 2, 5, 5).fight(0, 2, 90, 10).roomy(99)
		}(), settled, 0},
	} {
		o, err := c.m.look()
		if err != nil {
			t.Fatal(err)
		}
		next := 0
		for _, n := range o.pairs {
			next += n
		}
		if o.state != c.want || next != c.next {
			t.Errorf("%s: look() = state %d, %d battles; want state %d, %d", c.what, o.state, next, c.want, c.next)
		}
	}
}

// Battles whose judges all failed or were not understood are done, but nobody should think that they tell anything.
func TestNotesOfBattlesWithoutResult(t *testing.T) {
	m := three(t, 5, 5)
	for _, test := range []struct {
		judged int
		want   string
	}{
		{30, "Adaptive pairs: 30 of 30 battles are judged, which"},
		{37, "Adaptive pairs: 37 of 37 battles are judged (7 without a result), which"},
	} {
		m.judged = test.judged
		if got := m.notes(outlook{state: exhausted})[0]; !strings.HasPrefix(got, test.want) {
			t.Errorf("%d judged, %d with a result: %q; want %q …", test.judged, len(m.fought), got, test.want)
		}
	}
}

// Where there are too many pairs for the opening, it joins all contestants closely none the less.
func TestOpeningOfMany(t *testing.T) {
	const n = 100
	m := crowd(t, n, Trial{}).roomy(50)
	o, err := m.look()
	if err != nil {
		t.Fatal(err)
	}
	total, steps := 0, make([]int, n) // by contestant: battles between it and the first one
	for _, k := range o.pairs {
		total += k
	}
	reached := []int{0}
	for at := 0; at < len(reached); at++ {
		for y := 1; y < n; y++ {
			x := reached[at]
			if steps[y] == 0 && o.pairs[[2]int{min(x, y), max(x, y)}] > 0 {
				steps[y] = steps[x] + 1
				reached = append(reached, y)
			}
		}
	}
	far := 0
	for _, k := range steps {
		far = max(far, k)
	}
	if total > 1500 || len(reached) != n || far > 6 {
		t.Errorf("the opening of %d contestants has %d battles, and joins %d of them in up to %d steps; want at most 1500, all, 6", n, total, len(reached), far)
	}
}

// Batches grow with what is there, and do not depend on what a server takes at the moment.
func TestBatchSize(t *testing.T) {
	m := three(t, 5, 5)
	if got := m.batchSize(); got != 50 {
		t.Errorf("batchSize() = %d; want 50", got)
	}
	if got := three(t, 1000, 1000).batchSize(); got != 150 {
		t.Errorf("batchSize() after 6,000 battles = %d; want 150", got)
	}
	m.arena.Judges[0].Endpoint.Concurrency = 64
	if got := m.batchSize(); got != 128 {
		t.Errorf("batchSize() of 64 slots = %d; want 128", got)
	}
}
