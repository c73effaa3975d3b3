package battlefile

import (
	"bytes"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"openarena/internal/testkit/battles"
	"openarena/pipeline/rating"
)

func rated(t *testing.T, text string, change func(*rating.Settings)) (*rating.Leaderboard, error) {
	t.Helper()
	s := rating.Default()
	if change != nil {
		change(&s)
	}
	return New("f.jsonl", strings.NewReader(text)).Rate(t.Context(), s)
}

// TestGroups: each has the models it has battles of; groups stand in the order of their names, and what has none comes last.
func TestGroups(t *testing.T) {
	l, err := rated(t, one+
		`{"model_a":"z","model_b":"y","winner":"a","dataset":"two"}`+"\n"+
		`{"model_a":"x","model_b":"y","winner":"a","dataset":"one"}`+"\n"+
		`{"model_a":"x","model_b":"y","winner":"b","dataset":"one"}`+"\n", func(s *rating.Settings) { s.By = "dataset" })
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, g := range append([]rating.Group{{Name: "all", Leaderboard: l}}, l.Groups...) {
		text := fmt.Sprintf("%s: %d battles", g.Name, g.Battles)
		for _, r := range g.Ratings {
			text += " " + r.Model
		}
		got = append(got, text)
	}
	const want = "all: 4 battles z x y; one: 2 battles x y; two: 1 battles z y; (no dataset): 1 battles x y"
	if text := strings.Join(got, "; "); text != want || l.By != "dataset" {
		t.Errorf("groups by %q are %s; want %s", l.By, text, want)
	}
}

// TestPoints: a soft score counts as it is among the points, and as what it is closest to among wins and ties.
func TestPoints(t *testing.T) {
	l, err := rated(t, `{"model_a":"x","model_b":"y","p_a":0.6}`+"\n"+`{"model_a":"x","model_b":"y","p_a":0.5}`+"\n"+
		`{"model_a":"x","model_b":"y","verdict":"A>B","score_a":1,"score_b":3}`+"\n", nil)
	if err != nil {
		t.Fatal(err)
	}
	if x := l.Ratings[0]; x.Model != "x" || *x.WinRate != 2.5/3 || x.Ties != 1 || !(*x.Elo < 1000) {
		t.Errorf("x has win rate %v, %d ties, Elo %v; want 2.5 of 3, 1, and below 1000 as its shares are", *x.WinRate, x.Ties, *x.Elo)
	}
}

// TestWeights: a battle of weight 3 is three of them to the ratings, and one where battles are counted.
func TestWeights(t *testing.T) {
	l, err := rated(t, `{"model_a":"x","model_b":"y","winner":"a","weight":3}`+"\n"+`{"model_a":"x","model_b":"y","winner":"b"}`+"\n", nil)
	if err != nil {
		t.Fatal(err)
	}
	x, y := l.Ratings[0], l.Ratings[1]
	if got, want := *x.Rating-*y.Rating, 400*math.Log10(3); x.Model != "x" || math.Abs(got-want) > 1e-6 || l.Battles != 2 || *x.WinRate != 0.5 {
		t.Errorf("%s is ahead by %v points in %d battles, and won %v of them; want x by %v in 2, and a half", x.Model, got, l.Battles, *x.WinRate, want)
	}
}

// TestControl: each thing that is controlled is measured by its own fields, from A's side, in the order that was asked for.
func TestControl(t *testing.T) {
	dice := rand.New(rand.NewPCG(1, 2))
	names := []string{"length", "headers", "lists", "bold", rating.Position}
	ballot := rating.New(rating.Settings{Control: names})
	var text strings.Builder
	for i := range int32(300) {
		a, b := dice.IntN(3), dice.IntN(2)
		if b >= a {
			b++
		}
		n, side, won := [8]int{}, "a", float64(dice.IntN(2))
		for k := range n {
			n[k] = dice.IntN(6)
		}
		fmt.Fprintf(&text, `{"model_a":"m%d","model_b":"m%d","p_a":%v,"prompt":%d,"len_a":%d,"len_b":%d,"headers_a":%d,"headers_b":%d,"lists_a":%d,"lists_b":%d,"bold_a":%d,"bold_b":%d`,
			a, b, won, i, n[0], n[1], n[2], n[3], n[4], n[5], n[6], n[7])
		var x []float64
		for k := 0; k < len(n); k += 2 {
			if n[k]+n[k+1] == 0 {
				x = append(x, 0)
			} else {
				x = append(x, float64(n[k]-n[k+1])/float64(n[k]+n[k+1]))
			}
		}
		x = append(x, 1)
		if dice.IntN(3) == 0 {
			x[4], side = -1, "b"
		}
		fmt.Fprintf(&text, `,"shown_first":%q}`+"\n", side)
		a32, b32 := ballot.Model(fmt.Sprintf("m%d", a)), ballot.Model(fmt.Sprintf("m%d", b))
		if err := ballot.Add(rating.Battle{A: a32, B: b32, Cluster: i, Score: won, Share: won, Won: won, Weight: 1, X: x}); err != nil {
			t.Fatal(err)
		}
	}
	want, err := ballot.Rate(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	got, err := rated(t, text.String(), func(s *rating.Settings) { s.Control = []string{"length", "style", "position"} })
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("a file gives other ratings than its battles (-battles +file):\n%s", diff)
	}
	for _, e := range got.Effects {
		if e.Points == nil {
			t.Errorf("nothing is known of %s: the test shows nothing", e.Name)
		}
	}
}

// TestInvalid: a verdict that could not be read counts for both models, and where that is all, it is said.
func TestInvalid(t *testing.T) {
	const unread = `{"model_a":"x","model_b":"y","state":"invalid","verdict":null,"prompt":"p"}` + "\n"
	l, err := rated(t, unread, nil)
	if err != nil || l.Battles != 0 || !slices.Contains(l.Notes, "No battle is decided: no verdict could be read.") {
		t.Errorf("%d battles, notes %q, %v; want none, and why", l.Battles, l.Notes, err)
	}
	l, err = rated(t, unread+`{"model_a":"y","model_b":"x","p_a":0.5,"prompt":"q"}`+"\n"+unread, nil)
	if err != nil || l.Battles != 1 || l.Prompts != 1 || l.Ratings[0].Invalid != 2 || l.Ratings[1].Invalid != 2 || strings.Contains(strings.Join(l.Notes, " "), "No line names a prompt") {
		t.Errorf("%+v, %v; want a battle on a prompt, and two unread verdicts for both", l, err)
	}
}

// TestFormats: how battles are written does not matter.
func TestFormats(t *testing.T) {
	var boards []*rating.Leaderboard
	for _, csv := range []bool{false, true} {
		var text bytes.Buffer
		if err := battles.Write(&text, battles.Shape{Battles: 3000, Models: 10, Prompts: 200, Lengths: true, CSV: csv}); err != nil {
			t.Fatal(err)
		}
		s := rating.Default()
		s.Control = []string{"length"}
		l, err := New("-", &text).Rate(t.Context(), s)
		if err != nil || l.Battles != 3000 || l.Prompts != 200 || len(l.Effects) != 1 {
			t.Fatalf("csv %t: %+v, %v", csv, l, err)
		}
		boards = append(boards, l)
	}
	if diff := cmp.Diff(boards[0], boards[1]); diff != "" {
		t.Errorf("csv gives other ratings (-jsonl +csv):\n%s", diff)
	}
}

func TestTooManyModels(t *testing.T) {
	var text strings.Builder
	for i := range rating.MaxModels {
		fmt.Fprintf(&text, `{"model_a":"m%d","model_b":"m%d","winner":"a"}`+"\n", i, i+1)
	}
	_, err := rated(t, text.String(), nil)
	if err == nil || !strings.Contains(err.Error(), "f.jsonl names more than 2048 models") {
		t.Errorf("%d models: %v", rating.MaxModels+1, err)
	}
}

func BenchmarkRate(b *testing.B) {
	var text bytes.Buffer
	if err := battles.Write(&text, battles.Shape{Battles: 1_000_000, Models: 100, Prompts: 100_000}); err != nil {
		b.Fatal(err)
	}
	for _, interval := range rating.Intervals {
		b.Run(interval, func(b *testing.B) {
			b.SetBytes(int64(text.Len()))
			b.ReportAllocs()
			for b.Loop() {
				s := rating.Default()
				s.Interval = interval
				f := New("bench", bytes.NewReader(text.Bytes()))
				if l, err := f.Rate(b.Context(), s); err != nil || l.Battles != 1_000_000 {
					b.Fatal(err)
				}
			}
		})
	}
}

// TestAlike: models whose names look the same are told apart.
func TestAlike(t *testing.T) {
	l, err := rated(t, `{"model_a":"x y","model_b":"x  y ","winner":"a"}`+"\n"+`{"model_a":"z","model_b":"x y","winner":"a"}`+"\n", nil)
	if err != nil {
		t.Fatal(err)
	}
	if last := l.Notes[len(l.Notes)-1]; last != `"x y" and "x  y " are two models: their names differ in spaces only.` {
		t.Errorf("the last note is %q", last)
	}
}

// TestDecimals: a cell may hold a decimal number however programs write it.
func TestDecimals(t *testing.T) {
	f := New("f.csv", strings.NewReader("model_a,model_b,p_a,weight\nx,y,.25,+2\nx,y,1.,2e0\n"))
	var got []float64
	err := f.Read(t.Context(), Want{}, func(b *Battle) error {
		got = append(got, b.Score, b.Weight)
		return nil
	})
	if diff := cmp.Diff([]float64{0.25, 2, 1, 2}, got); err != nil || diff != "" {
		t.Errorf("%v, or numbers differ (-want +got):\n%s", err, diff)
	}
}
