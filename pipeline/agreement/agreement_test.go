package agreement

import (
	"bufio"
	"encoding/json"
	"fmt"
	"math"
	"os"
	"testing"
)

// compared is a line of pandalm.jsonl; 0 is a tie, 3 what could not be read.
type compared struct {
	Human   [3]int `json:"human"`
	GPT35   string `json:"gpt35"`
	PandaLM int    `json:"pandalm7b"`
}

const garbage = 3

func (c compared) gpt35() int {
	return map[string]int{"1": 1, "2": 2, "Tie": 0, "garbage": garbage}[c.GPT35]
}

// majority is what two of three people say, a tie if they all differ.
func (c compared) majority() int {
	if h := c.Human; h[0] == h[1] || h[0] == h[2] {
		return h[0]
	} else if h[1] == h[2] {
		return h[1]
	}
	return 0
}

func pandalm(t *testing.T) (all []compared) {
	t.Helper()
	f, err := os.Open("testdata/pandalm.jsonl")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	lines := bufio.NewScanner(f)
	for lines.Scan() {
		var c compared
		if err := json.Unmarshal(lines.Bytes(), &c); err != nil {
			t.Fatal(err)
		}
		all = append(all, c)
	}
	if len(all) != 999 || lines.Err() != nil {
		t.Fatalf("%d lines, %v; want 999", len(all), lines.Err())
	}
	return all
}

// TestPandaLM reaches the figures that were computed from the same votes by another program.
func TestPandaLM(t *testing.T) {
	people := [3]*Pair{NewPair(3), NewPair(3), NewPair(3)} // 1-2, 1-3, 2-3
	gpt, parsed, panda := NewPair(4), NewPair(3), NewPair(3)
	three := NewPanel(3)
	majorities, unanimous := [3]int{}, 0
	for _, c := range pandalm(t) {
		people[0].Add(c.Human[0], c.Human[1])
		people[1].Add(c.Human[0], c.Human[2])
		people[2].Add(c.Human[1], c.Human[2])
		var counts [3]int
		for _, h := range c.Human {
			counts[h]++
		}
		three.Add(counts[:])
		if counts[c.Human[0]] == 3 {
			unanimous++
		}
		majorities[c.majority()]++
		gpt.Add(c.majority(), c.gpt35())
		if c.gpt35() != garbage {
			parsed.Add(c.majority(), c.gpt35())
		}
		panda.Add(c.majority(), c.PandaLM)
	}
	share := func(p *Pair) float64 { return float64(p.Agreed()) / float64(p.N()) }
	kappa := func(p *Pair) float64 { k, _ := p.Kappa(); return k }
	alpha, _ := three.Nominal()
	for _, test := range []struct {
		name   string
		got    float64
		digits int
		want   string
	}{
		{"kappa of annotators 1 and 2", kappa(people[0]), 3, "0.852"},
		{"kappa of annotators 1 and 3", kappa(people[1]), 3, "0.879"},
		{"kappa of annotators 2 and 3", kappa(people[2]), 3, "0.862"},
		{"alpha of all three", alpha, 4, "0.8642"},
		{"majorities for 2", float64(majorities[2]), 0, "472"},
		{"majorities for 1", float64(majorities[1]), 0, "422"},
		{"majorities for a tie", float64(majorities[0]), 0, "105"},
		{"unanimous", float64(unanimous), 0, "879"},
		{"gpt-3.5, garbage a class: agreement", share(gpt), 4, "0.6977"},
		{"gpt-3.5, garbage a class: kappa", kappa(gpt), 4, "0.4755"},
		{"gpt-3.5, parsed: items", float64(parsed.N()), 0, "974"},
		{"gpt-3.5, parsed: agreement", share(parsed), 4, "0.7156"},
		{"gpt-3.5, parsed: kappa", kappa(parsed), 4, "0.4929"},
		{"pandalm-7b: agreement", share(panda), 4, "0.6677"},
		{"pandalm-7b: kappa", kappa(panda), 4, "0.4354"},
	} {
		if got := fmt.Sprintf("%.*f", test.digits, test.got); got != test.want {
			t.Errorf("%s: %s; want %s", test.name, got, test.want)
		}
	}
}

func TestKappa(t *testing.T) {
	for _, test := range []struct {
		name   string
		counts [][]int // by the first, then by the second
		want   float64
		ok     bool
	}{
		{"nothing rated", [][]int{{0, 0}, {0, 0}}, 0, false},
		{"one class alone is no agreement beyond chance", [][]int{{9, 0}, {0, 0}}, 0, false},
		{"always", [][]int{{4, 0}, {0, 6}}, 1, true},
		{"as by lot", [][]int{{4, 4}, {4, 4}}, 0, true},
		{"never", [][]int{{0, 5}, {5, 0}}, -1, true},
		{"by hand: p_o = 35/50, p_e = 1/2", [][]int{{20, 5}, {10, 15}}, 0.4, true},
		{"Cohen 1960, table 1, of 200", [][]int{{88, 14, 18}, {10, 40, 10}, {2, 6, 12}}, 0.4915254, true},
	} {
		p := NewPair(len(test.counts))
		for x, row := range test.counts {
			for y, n := range row {
				for range n {
					p.Add(x, y)
				}
			}
		}
		if got, ok := p.Kappa(); ok != test.ok || math.Abs(got-test.want) > 1e-7 {
			t.Errorf("%s: kappa = %v, %t; want %v, %t", test.name, got, ok, test.want, test.ok)
		}
	}
}

// krippendorff is the data of example C in Krippendorff (2011): four observers, twelve units, 0 is missing.
var krippendorff = [4][12]int{
	{1, 2, 3, 3, 2, 1, 4, 1, 2, 0, 0, 0},
	{1, 2, 3, 3, 2, 2, 4, 1, 2, 5, 0, 3},
	{0, 3, 3, 3, 2, 3, 4, 2, 2, 5, 1, 0},
	{1, 2, 3, 3, 2, 4, 4, 1, 2, 5, 1, 0},
}

func TestAlpha(t *testing.T) {
	var textbook [][]int
	for unit := range 12 {
		var ratings []int
		for _, observer := range krippendorff {
			if observer[unit] != 0 {
				ratings = append(ratings, observer[unit]-1)
			}
		}
		textbook = append(textbook, ratings)
	}
	// Example A there: two observers, ten units, two classes; o_01 = 4, n_0 = 14, n_1 = 6, 1 - 19*4/84.
	binary := [][]int{{0, 0}, {1, 1}, {0, 0}, {0, 0}, {0, 0}, {0, 0}, {0, 1}, {0, 1}, {1, 0}, {1, 0}}
	// By hand: n = 8, n_0 = 3, n_1 = 2, n_2 = 3; o_02 = 1, δ²_02 = (8-3)² = 25, δ²_01 = δ²_12 = 2.5² = 6.25;
	// Σ n n δ² = 37.5 + 225 + 37.5 = 300, so that α = 1 - 7*25/300. Nominal: 1 - 7*1/21.
	byHand := [][]int{{0, 0}, {1, 1}, {2, 2}, {0, 2}}
	for _, test := range []struct {
		name             string
		items            [][]int
		n                int64
		nominal, ordinal float64
		ok               bool
	}{
		{"nothing rated", nil, 0, 0, 0, false},
		{"one rating says nothing of agreement", [][]int{{1}, {}, {2}}, 0, 0, 0, false},
		{"one class alone", [][]int{{1, 1}, {1, 1, 1}}, 2, 0, 0, false},
		{"always", [][]int{{1, 1}, {0, 0, 0}, {4, 4}}, 3, 1, 1, true},
		{"Krippendorff 2011, C", textbook, 11, 0.743421, 0.815388, true},
		{"Krippendorff 2011, A: with two classes the order is none", binary, 10, 1 - 19.0*4/84, 1 - 19.0*4/84, true},
		{"by hand", byHand, 4, 2.0 / 3, 1 - 175.0/300, true},
	} {
		p := NewPanel(5)
		for _, item := range test.items {
			var counts [5]int
			for _, c := range item {
				counts[c]++
			}
			p.Add(counts[:])
		}
		if p.N() != test.n {
			t.Errorf("%s: %d items; want %d", test.name, p.N(), test.n)
		}
		if got, ok := p.Nominal(); ok != test.ok || math.Abs(got-test.nominal) > 1e-6 {
			t.Errorf("%s: nominal alpha = %v, %t; want %v, %t", test.name, got, ok, test.nominal, test.ok)
		}
		if got, ok := p.Ordinal(); ok != test.ok || math.Abs(got-test.ordinal) > 1e-6 {
			t.Errorf("%s: ordinal alpha = %v, %t; want %v, %t", test.name, got, ok, test.ordinal, test.ok)
		}
	}
}

func TestWilson(t *testing.T) {
	for _, test := range []struct {
		k, n         int64
		lower, upper float64
		ok           bool
	}{
		{0, 0, 0, 0, false},
		{0, 10, 0, 0.2775328, true},
		{10, 10, 0.7224672, 1, true},
		{1, 1, 0.2065493, 1, true},
		{5, 10, 0.2365931, 0.7634069, true},
		{81, 263, 0.2553, 0.3662, true}, // Newcombe, Statistics in Medicine 17 (1998), table I
		{15, 148, 0.0624, 0.1605, true}, // the same
	} {
		lower, upper, ok := Wilson(test.k, test.n)
		if ok != test.ok || math.Abs(lower-test.lower) > 5e-5 || math.Abs(upper-test.upper) > 5e-5 {
			t.Errorf("Wilson(%d, %d) = %.7f, %.7f, %t; want %.7f, %.7f, %t", test.k, test.n, lower, upper, ok, test.lower, test.upper, test.ok)
		}
	}
	for n := range int64(1000) {
		if lower, _, ok := Wilson(0, n); ok && lower != 0 {
			t.Errorf("the lower end of 0 of %d is %v; want 0", n, lower)
		}
		if _, upper, ok := Wilson(n, n); ok && upper != 1 {
			t.Errorf("the upper end of %d of %d is %v; want 1", n, n, upper)
		}
	}
}

func TestForecasts(t *testing.T) {
	type forecast struct{ p, y float64 }
	for _, test := range []struct {
		name           string
		all            []forecast
		brier, logLoss float64
		ok             bool
	}{
		{"none", nil, 0, 0, false},
		{"never committed", []forecast{{0.5, 1}, {0.5, 0}}, 0.25, math.Ln2, true},
		{"a tie foreseen costs what a tie must", []forecast{{0.5, 0.5}}, 0, math.Ln2, true},
		{"by hand", []forecast{{0.75, 1}, {0.25, 1}}, (0.0625 + 0.5625) / 2, -(math.Log(0.75) + math.Log(0.25)) / 2, true},
		{"certain and wrong costs much, not everything", []forecast{{1, 0}}, 1, -math.Log(0.001), true},
	} {
		var f Forecasts
		for _, x := range test.all {
			f.Add(x.p, x.y)
		}
		if got, ok := f.Brier(); ok != test.ok || math.Abs(got-test.brier) > 1e-12 {
			t.Errorf("%s: Brier = %v, %t; want %v, %t", test.name, got, ok, test.brier, test.ok)
		}
		if got, ok := f.LogLoss(); ok != test.ok || math.Abs(got-test.logLoss) > 1e-12 {
			t.Errorf("%s: log loss = %v, %t; want %v, %t", test.name, got, ok, test.logLoss, test.ok)
		}
	}
}

func TestPercentile(t *testing.T) {
	var none, one, thousand, wide Histogram
	one.Add(250)
	for i := range 1000 {
		thousand.Add(float64(i + 1))
	}
	for _, x := range []float64{0, 0.5, 1e300} {
		wide.Add(x)
	}
	if _, ok := none.Percentile(0.5); ok {
		t.Error("nothing has a percentile; want none")
	}
	for _, test := range []struct {
		name    string
		h       *Histogram
		p, want float64
	}{
		{"one", &one, 0.5, 250}, {"one", &one, 0.95, 250}, {"one", &one, 1, 250},
		{"1 to 1000", &thousand, 0.001, 1}, {"1 to 1000", &thousand, 0.5, 500}, {"1 to 1000", &thousand, 0.95, 950}, {"1 to 1000", &thousand, 1, 1000},
		{"below 1", &wide, 0.5, 0},
	} {
		if got, ok := test.h.Percentile(test.p); !ok || math.Abs(got-test.want) > test.want*0.0101 {
			t.Errorf("%s: percentile %v = %v, %t; want %v within 1 %%", test.name, test.p, got, ok, test.want)
		}
	}
	if got, _ := wide.Percentile(1); got < 4e13 {
		t.Errorf("what is above all bins is %v; want the last bin", got)
	}
}

func TestPaired(t *testing.T) {
	for _, test := range []struct {
		name        string
		differences []float64
		mean        float64
		half        float64 // of the interval; below 0: none
	}{
		{"none", nil, 0, -1},
		{"one has no interval", []float64{0.5}, 0.5, -1},
		{"all alike", []float64{0.5, 0.5, 0.5}, 0.5, 0},
		// Mean 0.25; squares about it 0.5625 + 3 · 0.0625 = 0.75; s² = 0.25, s/√n = 0.25.
		{"by hand", []float64{1, 0, 0, 0}, 0.25, z95 * 0.25},
	} {
		var p Paired
		for _, d := range test.differences {
			p.Add(d)
		}
		if mean, ok := p.Mean(); ok != (len(test.differences) > 0) || math.Abs(mean-test.mean) > 1e-12 || p.N() != int64(len(test.differences)) {
			t.Errorf("%s: mean %v, %t, of %d; want %v", test.name, mean, ok, p.N(), test.mean)
		}
		lower, upper, ok := p.Interval()
		if ok != (test.half >= 0) || ok && (math.Abs(lower-test.mean+test.half) > 1e-12 || math.Abs(upper-test.mean-test.half) > 1e-12) {
			t.Errorf("%s: interval [%v, %v], %t; want %v ± %v", test.name, lower, upper, ok, test.mean, test.half)
		}
	}
}
