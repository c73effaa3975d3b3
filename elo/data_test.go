package elo

import (
	"bufio"
	"encoding/json"
	"math"
	"os"
	"slices"
	"testing"
)

// dataset is a file of public battles; contestants are numbered in the order of their names.
type dataset struct {
	names   []string
	battles []Battle  // weight 1, cluster: the prompt
	longer  []float64 // by battle: (len_a - len_b) / (len_a + len_b), 0 where there are none
}

type line struct {
	A      string  `json:"model_a"`
	B      string  `json:"model_b"`
	Winner string  `json:"winner"`
	Prompt int32   `json:"prompt"`
	Count  int     `json:"count"`
	LenA   float64 `json:"len_a"`
	LenB   float64 `json:"len_b"`
}

// reference is what the expected files hold for one set of battles.
type reference struct {
	Battles          int
	Models           int
	StrongComponents int      `json:"strong_components"`
	WeakComponents   int      `json:"weak_components"`
	Outside          []string `json:"models_outside_largest"`
	PerModel         map[string]struct {
		Battles int
		Points  float64
	} `json:"per_model"`
	Methods map[string]method
}

type method struct {
	Ratings           map[string]float64
	Lower             map[string]float64
	Upper             map[string]float64
	Rank              map[string]int
	SD                map[string]float64 `json:"sd_over_orders"`
	LogLikelihood     float64            `json:"log_likelihood"`
	Coefficient       float64            `json:"coef"`
	CoefficientSE     float64            `json:"coef_se"`
	ExampleDifference struct {
		A          string `json:"model_a"`
		B          string `json:"model_b"`
		Difference float64
		SE         float64 `json:"standard_error"`
	} `json:"example_difference"`
}

var scores = map[string]float64{"a": 1, "b": 0, "tie": 0.5}

// numbered makes battles of lines, leaving out those with contestants that keep says no to.
func numbered(t testing.TB, lines []line, keep func(name string) bool) dataset {
	t.Helper()
	var d dataset
	for _, l := range lines {
		d.names = append(d.names, l.A, l.B)
	}
	slices.Sort(d.names)
	d.names = slices.DeleteFunc(slices.Compact(d.names), func(s string) bool { return !keep(s) })
	for _, l := range lines {
		a, okA := slices.BinarySearch(d.names, l.A)
		b, okB := slices.BinarySearch(d.names, l.B)
		score, known := scores[l.Winner]
		if !known {
			t.Fatalf("winner %q; want a, b or tie", l.Winner)
		}
		if okA && okB {
			d.battles = append(d.battles, Battle{A: int32(a), B: int32(b), Cluster: l.Prompt, Score: score, Weight: 1})
			d.longer = append(d.longer, (l.LenA-l.LenB)/max(1, l.LenA+l.LenB))
		}
	}
	return d
}

func all(string) bool { return true }

func readLines(t testing.TB, name string) []line {
	t.Helper()
	f, err := os.Open("testdata/" + name + ".jsonl")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	var lines []line
	for s := bufio.NewScanner(f); s.Scan(); {
		var l line
		if err := json.Unmarshal(s.Bytes(), &l); err != nil {
			t.Fatal(err)
		}
		lines = append(lines, l)
	}
	return lines
}

func readJSON(t testing.TB, name string, into any) {
	t.Helper()
	raw, err := os.ReadFile("testdata/" + name)
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(raw, into); err != nil {
		t.Fatalf("%s: %v", name, err)
	}
}

// failing is what rapid's tests are, too.
type failing interface {
	Helper()
	Fatal(...any)
	Errorf(string, ...any)
}

func mustFit(t failing, n int, battles []Battle, o Options) *Fit {
	t.Helper()
	f, err := BradleyTerry(n, battles, o)
	if err != nil {
		t.Fatal(err)
	}
	return f
}

// near compares numbers by contestant with those of a reference by name.
func near(t testing.TB, what string, d dataset, got func(i int) float64, want map[string]float64, tolerance float64) {
	t.Helper()
	if len(want) != len(d.names) {
		t.Fatalf("%s: reference has %d contestants; want %d", what, len(want), len(d.names))
	}
	for i, name := range d.names {
		if g, w := got(i), want[name]; !(math.Abs(g-w) <= tolerance) {
			t.Errorf("%s of %s = %.7f; want %.7f ± %g", what, name, g, w, tolerance)
		}
	}
}
