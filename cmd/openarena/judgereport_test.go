package main

import (
	"bytes"
	"strings"
	"testing"

	"openarena/internal/terminal"
	"openarena/pipeline"
)

// TestReportTablesAreNarrow: they fit 80 columns with everything, and 40 with what matters.
func TestReportTablesAreNarrow(t *testing.T) {
	x, lower, upper := 0.789, 0.12, 0.98
	rate := pipeline.Rate{N: 123_456, Count: 97_407, Rate: &x, Lower: &lower, Upper: &upper}
	conduct := pipeline.Conduct{Verdicts: 123_456, Invalid: rate, Ties: rate, Consistent: rate, FirstSlot: rate, Flips: [5]int64{1234, 567, 89, 10, 11}}
	q := pipeline.JudgeQuality{Judge: "main", Conduct: conduct, SelfConsistency: rate, LongerWins: rate}
	contestant := pipeline.ContestantConduct{Model: "A model with quite a long name (base)", Conduct: conduct}
	for _, test := range []struct {
		width int
		want  []string // in the tables
	}{
		{80, []string{"for the answer shown first", "[0.12, 0.98]", "123,456", "0.79 of 123,456", "A model"}},
		{40, []string{"for the", "0.79", "123,456", "A model"}},
	} {
		var b bytes.Buffer
		if err := (terminal.Table[measure]{Columns: measureColumns, Rows: measures(&q)}).Text(&b, test.width, terminal.Palette{}); err != nil {
			t.Fatal(err)
		}
		table := terminal.Table[pipeline.ContestantConduct]{Columns: contestantColumns, Rows: []pipeline.ContestantConduct{contestant}}
		if err := table.Text(&b, test.width, terminal.Palette{}); err != nil {
			t.Fatal(err)
		}
		for line := range strings.Lines(b.String()) {
			if n := terminal.Width(strings.TrimSuffix(line, "\n")); n > test.width {
				t.Errorf("a line of %d columns on a terminal of %d: %s", n, test.width, line)
			}
		}
		for _, want := range test.want {
			if !strings.Contains(b.String(), want) {
				t.Errorf("on %d columns there is no %q:\n%s", test.width, want, &b)
			}
		}
	}
}

// TestMeasuresOfNothing are dashes, never zeros.
func TestMeasuresOfNothing(t *testing.T) {
	for _, m := range measures(&pipeline.JudgeQuality{}) {
		if m.value != "–" || m.interval != "–" || m.n != "–" {
			t.Errorf("%s of nothing is %q %q of %q", m.name, m.value, m.interval, m.n)
		}
	}
	if got := rateOf(pipeline.Rate{}); got != "–" {
		t.Errorf("rateOf(nothing) = %q", got)
	}
}

func TestNumber(t *testing.T) {
	for _, test := range []struct {
		x    float64
		want string
	}{{0.25, "0.25"}, {-0.45, "-0.45"}, {-0.004, "0.00"}, {0, "0.00"}, {-0.01, "-0.01"}, {-10, "-10.00"}} {
		if got := number(&test.x, 2); got != test.want {
			t.Errorf("number(%v, 2) = %s; want %s", test.x, got, test.want)
		}
	}
	if got := number(nil, 2); got != "–" {
		t.Errorf("number(nil, 2) = %s; want a dash", got)
	}
}
