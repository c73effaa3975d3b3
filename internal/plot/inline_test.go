package plot

import (
	"encoding/xml"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

// album are pictures within pages, of every shape.
func album(t testing.TB) map[string]string {
	t.Helper()
	must := func(svg string, err error) string {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return svg
	}
	dots := []Dot{
		{Name: "Cheap & small", X: 0.02, Rating: 960, Lower: points(930), Upper: points(990)}, {Name: "Middle", X: 0.4, Rating: 1010, Lower: points(990), Upper: points(1030)},
		{Name: "Dear, and no better", X: 6, Rating: 1005}, {Name: "عربي نموذج", X: 9, Rating: 1080, Provisional: true}, {Name: "Free", X: 0, Rating: 900},
	}
	var crowd []Dot
	for i := range 60 {
		crowd = append(crowd, Dot{Name: fmt.Sprintf("Model %d", i), X: 100, Rating: 1000 + float64(i%3)})
	}
	lines := Lines{Title: "Elo", Counts: "prompts", At: []float64{0, 10, 20}, Series: []Series{
		{"First <b>", []float64{1000, 1020, 1040}}, {"Second", []float64{1000, 990, 981}}, {"Third", []float64{1000, 990, 979}},
	}}
	many := Lines{Title: "Elo", Counts: "prompts", At: []float64{0, 1}}
	for i := range 60 {
		many.Series = append(many.Series, Series{fmt.Sprintf("Model %d", i), []float64{1000, 1000 + float64(i%2)}})
	}
	small, err := Multiples("parts", gallery()["panels"])
	if err != nil {
		t.Fatal(err)
	}
	head, cells, err := Strips(Panel{Rows: append([]Row{{Name: "Absent"}}, gallery()["provisional"].Panels[0].Rows...)})
	if err != nil || cells[0] != "" {
		t.Fatalf("%v; a model without a rating has %q", err, cells[0])
	}
	return map[string]string{
		"ratings": must(InlineRatings("r", gallery()["components"])), "multiple": small[1], "nothing": small[2],
		"scatter": must(Scatter{Title: "Cost", Takes: "USD", Money: true, Front: true, Dots: dots}.Inline("cost")),
		"crowd":   must(Scatter{Title: "Length", Takes: "tokens", Dots: crowd}.Inline("length")),
		"one":     must(Scatter{Title: "Cost", Takes: "USD", Front: true, Dots: dots[:1]}.Inline("c")),
		"free":    must(Scatter{Title: "Cost", Takes: "USD", Front: true, Dots: dots[4:]}.Inline("c")),
		"none":    must(Scatter{Title: "Cost", Takes: "USD", Front: true}.Inline("c")),
		"lines":   must(lines.Inline("way")), "lines of many": must(many.Inline("way")), "no lines": must(Lines{}.Inline("way")),
		"head": head, "strip": cells[1],
	}
}

// TestInline: pictures within pages are well-formed, and nothing in them goes around the stylesheet or may run.
func TestInline(t *testing.T) {
	for name, svg := range album(t) {
		wellFormed(t, []byte(svg))
		for _, no := range []string{"NaN", "Inf", "<style", " style=", "<script", "<b>", "href", "#"} {
			if strings.Contains(svg, no) {
				t.Errorf("%s has %q:\n%s", name, no, svg)
			}
		}
	}
}

func TestInlineGolden(t *testing.T) {
	all := album(t)
	for _, name := range []string{"ratings", "multiple", "scatter", "lines", "strip"} {
		file := filepath.Join("testdata", "inline-"+name+".svg")
		if *update {
			if err := os.WriteFile(file, []byte(all[name]), 0o644); err != nil {
				t.Fatal(err)
			}
		}
		want, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(strings.ReplaceAll(string(want), "\r\n", "\n"), all[name]); diff != "" {
			t.Errorf("%s: (-want +got), -update rewrites it:\n%s", name, diff)
		}
	}
}

// TestNamesDoNotOverlap: neither those at the ends of lines nor those beside dots, however close these are.
func TestNamesDoNotOverlap(t *testing.T) {
	label := regexp.MustCompile(`<text class="small" x="676" y="([0-9.]+)">`)
	found := label.FindAllStringSubmatch(album(t)["lines of many"], -1)
	if len(found) != mostEnds {
		t.Fatalf("%d lines have a name; want %d", len(found), mostEnds)
	}
	var at []float64
	for _, m := range found {
		y, err := strconv.ParseFloat(m[1], 64)
		if err != nil {
			t.Fatal(err)
		}
		at = append(at, y)
	}
	slices.Sort(at)
	for i := range at[1:] {
		if at[i+1]-at[i] < labelStep-0.11 {
			t.Errorf("names at %v and %v overlap", at[i], at[i+1])
		}
	}
	if n := strings.Count(album(t)["crowd"], `class="label`); n == 0 || n > 30 {
		t.Errorf("%d names find room among dots in one place", n)
	}
}

func TestSpread(t *testing.T) {
	for _, test := range []struct {
		in   []float64
		want []float64
	}{
		{nil, []float64{}},
		{[]float64{50}, []float64{50}},
		{[]float64{50, 20}, []float64{50, 20}},
		{[]float64{50, 50}, []float64{45, 55}},
		{[]float64{-30}, []float64{0}},
		{[]float64{100, 100, 100}, []float64{80, 90, 100}},
		{[]float64{0, 1, 90}, []float64{0, 10, 90}},
	} {
		if diff := cmp.Diff(test.want, spread(test.in, 10, 0, 100)); diff != "" {
			t.Errorf("spread(%v): (-want +got)\n%s", test.in, diff)
		}
	}
}

func TestPareto(t *testing.T) {
	for about, test := range map[string]struct {
		dots []Dot
		want []int
	}{
		"nobody":                    {nil, nil},
		"one":                       {[]Dot{{X: 3, Rating: 1}}, []int{0}},
		"cheaper and better":        {[]Dot{{X: 3, Rating: 1}, {X: 2, Rating: 5}}, []int{1}},
		"each has its price":        {[]Dot{{X: 3, Rating: 9}, {X: 2, Rating: 5}}, []int{1, 0}},
		"dearer and no better":      {[]Dot{{X: 1, Rating: 5}, {X: 2, Rating: 5}}, []int{0}},
		"equal in both":             {[]Dot{{X: 1, Rating: 5}, {X: 1, Rating: 5}}, []int{0, 1}},
		"as cheap and worse":        {[]Dot{{X: 1, Rating: 4}, {X: 1, Rating: 5}}, []int{1}},
		"nothing costs least of it": {[]Dot{{X: 0, Rating: 4}, {X: 1, Rating: 5}, {X: 2, Rating: 3}}, []int{0, 1}},
	} {
		if diff := cmp.Diff(test.want, Pareto(test.dots)); diff != "" {
			t.Errorf("%s: (-want +got)\n%s", about, diff)
		}
	}
}

func TestScale(t *testing.T) {
	for _, test := range []struct {
		in   []float64
		want string
		log  bool
	}{
		{nil, "[0 0.2 0.4 0.6 0.8 1]", false},
		{[]float64{0, 0}, "[0 0.2 0.4 0.6 0.8 1]", false},
		{[]float64{501, 501}, "[440 460 480 500 520 540 560]", false},
		{[]float64{120, 900}, "[0 200 400 600 800 1000]", false},
		{[]float64{0.02, 6}, "[0.02 0.05 0.1 0.2 0.5 1 2 5 10]", true},
		{[]float64{0, 0.5, 20}, "[0 0.5 1 2 5 10 20]", true},
		{[]float64{0.0003, 40}, "[0.0001 0.001 0.01 0.1 1 10 100]", true},
	} {
		s := newScale(test.in, 0, 600, 6)
		if got := fmt.Sprint(s.marks); got != test.want || s.log != test.log {
			t.Errorf("newScale(%v) has %s, log %t; want %s, %t", test.in, got, s.log, test.want, test.log)
		}
		for _, x := range test.in {
			if at := s.at(x); !(at >= 0 && at <= 600) {
				t.Errorf("newScale(%v) has %v at %v", test.in, x, at)
			}
		}
	}
}

// TestScatterDrawsAll: any names and numbers make a document that can be read, with a mark for each dot within its frame.
func TestScatterDrawsAll(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := Scatter{Title: rapid.String().Draw(t, "title"), Takes: rapid.String().Draw(t, "takes"), Front: rapid.Bool().Draw(t, "front"), Money: true}
		for range rapid.IntRange(0, 6).Draw(t, "dots") {
			s.Dots = append(s.Dots, Dot{Name: rapid.String().Draw(t, "name"), X: rapid.Float64Range(0, 1e12).Draw(t, "x"), Rating: rapid.Float64Range(-1e6, 1e6).Draw(t, "rating")})
		}
		svg, err := s.Inline("s")
		if err != nil {
			t.Fatal(err)
		}
		if err := xml.Unmarshal([]byte(svg), new(any)); err != nil || strings.Contains(svg, "NaN") || strings.Contains(svg, "Inf") {
			t.Errorf("%v in\n%s", err, svg)
		}
		if n := strings.Count(svg, `class="mark`); n != len(s.Dots) {
			t.Errorf("%d marks; want %d", n, len(s.Dots))
		}
	})
}

func TestInlineRefuses(t *testing.T) {
	for _, x := range []float64{math.NaN(), math.Inf(1), -1} {
		if svg, err := (Scatter{Dots: []Dot{{X: x, Rating: 1}}}).Inline("s"); err == nil || svg != "" {
			t.Errorf("a model that takes %v is drawn", x)
		}
		if svg, err := (Lines{At: []float64{x}}).Inline("l"); err == nil || svg != "" {
			t.Errorf("a line through a place %v is drawn", x)
		}
	}
	for _, x := range []float64{math.NaN(), math.Inf(-1)} {
		if svg, err := (Scatter{Dots: []Dot{{X: 1, Rating: x}}}).Inline("s"); err == nil || svg != "" {
			t.Errorf("a rating of %v is drawn", x)
		}
		if svg, err := (Lines{At: []float64{0}, Series: []Series{{"a", []float64{x}}}}).Inline("l"); err == nil || svg != "" {
			t.Errorf("an Elo of %v is drawn", x)
		}
	}
	if svg, err := (Lines{At: []float64{0, 1}, Series: []Series{{"a", []float64{1}}}}).Inline("l"); err == nil || svg != "" {
		t.Error("a line with fewer ratings than places is drawn")
	}
}
