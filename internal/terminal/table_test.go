package terminal

import (
	"bytes"
	"encoding/csv"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

type contestant struct {
	model   string
	rating  float64
	battles int64
	price   string
}

var leaderboard = Table[contestant]{
	Columns: []Column[contestant]{
		{Title: "Model", Flex: true, Bold: true, Show: func(c contestant) string { return c.model }},
		{Title: "Rating", Align: Right, Show: func(c contestant) string { return fmt.Sprintf("%.0f", c.rating) }},
		{Title: "Battles", Align: Right, Drop: 1, Show: func(c contestant) string { return Count(c.battles) }},
		{Title: "Cost", Align: Right, Drop: 2, Show: func(c contestant) string { return c.price }},
	},
	Rows: []contestant{
		{"Mistral v0.3", 1092.25, 4120, "$0.0123"},
		{"通义千问 2.5 7B Instruct, quantised to four bits", 1010.5, 4120, "$12.30"},
		{"evil\x1b[2J|name\n*x* <b>", 950, 7, ""},
	},
}

func TestTableText(t *testing.T) {
	var out strings.Builder
	for _, width := range []int{0, 80, 40, 24, 10} {
		var b bytes.Buffer
		if err := leaderboard.Text(&b, width, Palette{}); err != nil {
			t.Fatal(err)
		}
		for line := range strings.Lines(b.String()) {
			line = strings.TrimSuffix(line, "\n")
			if width > 0 && Width(line) > width {
				t.Errorf("at width %d: %q is %d wide", width, line, Width(line))
			}
			if strings.TrimRight(line, " ") != line {
				t.Errorf("at width %d: %q ends in blanks", width, line)
			}
		}
		fmt.Fprintf(&out, "== width %d\n%s", width, b.String())
	}
	checkGolden(t, "table_text", out.String())
}

func TestTableColor(t *testing.T) {
	table := Table[contestant]{Columns: leaderboard.Columns[:2], Rows: leaderboard.Rows[:1]}
	var b bytes.Buffer
	if err := table.Text(&b, 0, NewPalette(true)); err != nil {
		t.Fatal(err)
	}
	want := "\x1b[2mModel         Rating\x1b[0m\n\x1b[1mMistral v0.3\x1b[0m    1092\n"
	if b.String() != want {
		t.Errorf("Text in colour = %q; want %q", b.String(), want)
	}
}

func TestTableMarkdown(t *testing.T) {
	var b bytes.Buffer
	if err := leaderboard.Markdown(&b); err != nil {
		t.Fatal(err)
	}
	checkGolden(t, "table_markdown", b.String())
}

func TestTableCSV(t *testing.T) {
	var b bytes.Buffer
	if err := leaderboard.CSV(&b); err != nil {
		t.Fatal(err)
	}
	got, err := csv.NewReader(&b).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	want := [][]string{
		{"Model", "Rating", "Battles", "Cost"},
		{"Mistral v0.3", "1092", "4,120", "$0.0123"},
		{"通义千问 2.5 7B Instruct, quantised to four bits", "1010", "4,120", "$12.30"},
		{"evil\x1b[2J|name\n*x* <b>", "950", "7", ""},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("CSV read back (-want +got):\n%s", diff)
	}
}

func TestTableWithoutRows(t *testing.T) {
	empty := Table[contestant]{Columns: leaderboard.Columns}
	var b bytes.Buffer
	if err := empty.Text(&b, 80, Palette{}); err != nil {
		t.Fatal(err)
	}
	if want := "Model  Rating  Battles  Cost\n"; b.String() != want {
		t.Errorf("Text = %q; want %q", b.String(), want)
	}
}

// brokenWriter fails, as a pipe does whose reader has left.
type brokenWriter struct{ writes int }

var errBroken = errors.New("broken pipe")

func (w *brokenWriter) Write([]byte) (int, error) {
	w.writes++
	return 0, errBroken
}

func TestTableWriteErrors(t *testing.T) {
	for name, write := range map[string]func() error{
		"text":     func() error { return leaderboard.Text(&brokenWriter{}, 80, Palette{}) },
		"Markdown": func() error { return leaderboard.Markdown(&brokenWriter{}) },
		"CSV":      func() error { return leaderboard.CSV(&brokenWriter{}) },
	} {
		if err := write(); !errors.Is(err, errBroken) {
			t.Errorf("%s on a broken pipe: error %v; want %v", name, err, errBroken)
		}
	}
}
