package main

import (
	"fmt"
	"math/rand/v2"
	"regexp"
	"strings"
	"testing"

	"openarena/internal/terminal"
	"openarena/pipeline/rating"
)

// TestNarrowTerminal: on a terminal of 60 columns nothing is wider, every number is whole, and models can still be told apart.
func TestNarrowTerminal(t *testing.T) {
	board := manyModels(t, 14)
	for _, columns := range []int{60, 80, 200} {
		var out strings.Builder
		if err := (paper{&out, false, columns, terminal.Palette{}}).board(rateFlags(t, "--pairs", "--matrix"), board); err != nil {
			t.Fatal(err)
		}
		for line := range strings.Lines(out.String()) {
			if line = strings.TrimSuffix(line, "\n"); terminal.Width(line) > columns {
				t.Errorf("at %d columns %q is %d wide", columns, line, terminal.Width(line))
			}
			if at := strings.Index(line, "…"); at >= 0 && !strings.Contains(line[:at], "Model ") {
				t.Errorf("at %d columns a number is cut: %q", columns, line)
			}
		}
		for _, r := range board.Ratings {
			if name, _, _ := strings.Cut(r.Model, ","); strings.Count(out.String(), name) < 3 {
				t.Errorf("at %d columns %s cannot be told from others:\n%s", columns, name, &out)
			}
		}
		// Each column of the matrix has its turn, and is headed by a number.
		cells := strings.Count(out.String(), " (9)")
		if want := 14 * 13; cells != want {
			t.Errorf("at %d columns the matrix has %d cells; want %d:\n%s", columns, cells, want, &out)
		}
	}
}

// TestMatrixOfShortNames: where names are shorter than what stands above them numbers are whole at every width.
func TestMatrixOfShortNames(t *testing.T) {
	board := modelsNamed(t, 12, "m%d")
	for columns := 30; columns < 100; columns++ {
		var out strings.Builder
		if err := (paper{&out, false, columns, terminal.Palette{}}).matrix(board); err != nil {
			t.Fatal(err)
		}
		if cells := strings.Count(out.String(), " (9)"); cells != 12*11 || strings.Contains(out.String(), "…") {
			t.Errorf("at %d columns something is cut:\n%s", columns, &out)
		}
	}
}

// TestBoardInAPipe: where nobody counts columns nothing is left out, and the matrix is one table.
func TestBoardInAPipe(t *testing.T) {
	var out strings.Builder
	if err := (paper{&out, false, 0, terminal.Palette{}}).board(rateFlags(t, "--matrix"), manyModels(t, 14)); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{`(?m)^rank  model .* ties  invalid$`, `(?m)^ +model +1 +2 .* 13 +14$`, `(?m)^14  Model [0-9]+, called something long `} {
		if n := len(regexp.MustCompile(want).FindAllString(out.String(), -1)); n != 1 {
			t.Errorf("%s is %d times in\n%s", want, n, &out)
		}
	}
}

// TestNumbersOfABoard: every number stands in its own column, for people and for programs.
func TestNumbersOfABoard(t *testing.T) {
	n := func(x float64) *float64 { return &x }
	whole := func(x int) *int { return &x }
	tied := true
	board := &rating.Leaderboard{Method: "bradley-terry", Interval: "sandwich", Components: 1,
		Ratings: []rating.Rating{{Model: "A", Rating: n(1010), Lower: n(900), Upper: n(1200), Rank: whole(1), Battles: 20, Elo: n(1030), WinRate: n(0.75),
			Ties: 4, Invalid: 3, MeanTokens: whole(77), CostUSD: n(0.5)}},
		Pairs: []rating.Pair{{A: "A", B: "B", Battles: 9, WinRate: n(0.75), Chance: n(0.625), Lower: n(0.25), Upper: n(0.875), Points: n(80), SE: n(50), Tied: &tied, Needed: whole(31)}},
	}
	for _, test := range []struct {
		about string
		print func(w *strings.Builder) error
		want  string
	}{
		{"text", func(w *strings.Builder) error {
			return (paper{w, false, 0, terminal.Palette{}}).board(rateFlags(t), board)
		},
			"1  A        1010  +190 −110  1030    75.0 %       20     4        3      77  $0.5000"},
		{"csv", func(w *strings.Builder) error { return boardCSV(rateFlags(t), board, w) },
			"1,A,1010,900,1200,1030,0.75,20,4,3,77,0.5,0,false,bradley-terry,sandwich"},
		{"pairs", func(w *strings.Builder) error { return paper{w, false, 0, terminal.Palette{}}.pairs(board) },
			"A      B              9    75.0 %   62.5 %  25–88 %  tied      31"},
		{"pairs as csv", func(w *strings.Builder) error { return boardCSV(rateFlags(t, "--pairs"), board, w) },
			"A,B,9,0.75,0.625,0.25,0.875,80,50,true,31,bradley-terry,sandwich"},
	} {
		var out strings.Builder
		if err := test.print(&out); err != nil || !strings.Contains(out.String(), test.want) {
			t.Errorf("%s, %v:\n%swant %s", test.about, err, &out, test.want)
		}
	}
}

// manyModels is the board of so many models with long names, each pair of which met nine times.
func manyModels(t *testing.T, n int) *rating.Leaderboard {
	t.Helper()
	return modelsNamed(t, n, "Model %d, called something long")
}

func modelsNamed(t *testing.T, n int, format string) *rating.Leaderboard {
	t.Helper()
	s := rating.Default()
	s.Pairs = true
	b := rating.New(s)
	r := rand.New(rand.NewPCG(5, 6))
	for i := range n {
		b.Model(fmt.Sprintf(format, 10+i))
		for j := range i {
			for p := range int32(9) {
				won := float64(r.IntN(3)) / 2
				if err := b.Add(rating.Battle{A: int32(i), B: int32(j), Cluster: p, Score: won, Share: won, Won: won, Weight: 1}); err != nil {
					t.Fatal(err)
				}
			}
		}
	}
	board, err := b.Rate(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return board
}
