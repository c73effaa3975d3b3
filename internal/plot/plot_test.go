package plot

import (
	"bytes"
	"encoding/xml"
	"errors"
	"flag"
	"fmt"
	"io"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

var update = flag.Bool("update", false, "rewrite the golden files")

func points(x float64) *float64 { return &x }

func rated(name string, rating, half float64) Row {
	return Row{Name: name, Rating: points(rating), Lower: points(rating - half), Upper: points(rating + half)}
}

func many(n int) (rows []Row) {
	for i := range n {
		rows = append(rows, rated(fmt.Sprintf("Model %d", i+1), 1300-600*float64(i)/float64(n), 20+float64(i%7)*6))
	}
	return rows
}

// gallery are charts of every shape.
func gallery() map[string]Chart {
	const subtitle = "Bradley-Terry rating with 95 % interval (clustered by prompt) over 1,204 battles on 86 prompts."
	provisional := rated("Won everything", 1489, 420)
	provisional.Provisional = true
	apart := []Row{rated("Red", 1120, 60), rated("Blue", 980, 45), rated("Green", 1030, 90), rated("Yellow", 970, 90), {Name: "Absent"}}
	apart[2].Component, apart[3].Component = 1, 1
	odd := []Row{
		rated(`<script>alert("1")</script> & co ]]>`, 1100, 30), rated("عربي نموذج", 1090, 40), rated("👩‍👩‍👧 emoji 🇩🇪 model", 1080, 20),
		rated("a\x00b\x1b[31mc\u202edesrever\u2066 \xff", 1060, 25), rated("日本語の長い長い長い長い長い長い長い長い長い名前のモデル", 1050, 25),
		rated("meta-llama/Llama-4-Maverick-17B-128E-Instruct-FP8-original-long-name", 1040, 50), rated(strings.Repeat("z̸", 90), 1000, 10),
		rated("", 990, 10), rated("  blank\n\tline  ", 980, 10), rated("i"+strings.Repeat("\u0301", 99), 970, 10),
	}
	elo := []Row{{Name: "First", Rating: points(1042)}, {Name: "Second", Rating: points(1000)}, {Name: "Third", Rating: points(958)}}
	return map[string]Chart{
		"two":         {"Ratings", subtitle, []Panel{{Rows: many(2)}}},
		"hundred":     {"Ratings", subtitle, []Panel{{Rows: many(100)}}},
		"elo":         {"Ratings", "Elo rating, one pass in key order over 18 battles on 6 prompts.", []Panel{{Rows: elo}}},
		"provisional": {"Ratings", subtitle, []Panel{{Rows: append([]Row{provisional}, many(4)...)}}},
		"components":  {"Ratings", subtitle, []Panel{{Rows: apart}}},
		"odd":         {"Ratings <of> & \x01", subtitle + " Outcomes are so even that clustered intervals would claim certainty, so these are others.", []Panel{{Rows: odd}}},
		"panels": {"Ratings by category", subtitle, []Panel{
			{"facts", "600 battles on 40 prompts", many(3)}, {"maths " + strings.Repeat("and more ", 20), "604 battles on 46 prompts", apart}, {"nothing", "0 battles", nil}}},
		"one":    {"Ratings", subtitle, []Panel{{Rows: []Row{{Name: "Alone"}}}}},
		"same":   {"Ratings", subtitle, []Panel{{Rows: []Row{rated("x", 1000, 0), rated("y", 1000, 0)}}}},
		"wide":   {"Ratings", subtitle, []Panel{{Rows: []Row{rated("x", 3.5e8, 1e9), rated("y", -3.5e8, 1e9)}}}},
		"minus":  {"Ratings", subtitle, []Panel{{Rows: []Row{rated("x", 40, 25), rated("y", -0.2, 20), rated("z", -40, 25)}}}},
		"empty":  {},
		"silent": {"Ratings", "", []Panel{{}}},
	}
}

func drawn(t testing.TB, c Chart) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := Ratings(&b, c); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// wellFormed fails unless a document is XML, and returns the texts that it shows.
func wellFormed(t testing.TB, doc []byte) (shown []string) {
	t.Helper()
	d := xml.NewDecoder(bytes.NewReader(doc))
	inside := ""
	for {
		token, err := d.Token()
		if errors.Is(err, io.EOF) {
			return shown
		}
		if err != nil {
			t.Fatalf("%v in\n%s", err, doc)
		}
		switch x := token.(type) {
		case xml.StartElement:
			inside = x.Name.Local
			switch inside {
			case "svg", "title", "desc", "style", "rect", "text", "line", "path", "circle", "g":
			default:
				t.Errorf("<%s> in a picture of ours", inside)
			}
		case xml.CharData:
			if inside == "text" {
				shown = append(shown, string(x))
			}
		case xml.EndElement:
			inside = ""
		}
	}
}

func TestGallery(t *testing.T) {
	for name, c := range gallery() {
		t.Run(name, func(t *testing.T) {
			got := drawn(t, c)
			wellFormed(t, got)
			if bytes.ContainsAny(got, "\x00\x1b\u202e\u2066") || bytes.Contains(got, []byte("NaN")) || bytes.Contains(got, []byte("Inf")) {
				t.Error("a control character, NaN or Inf got through")
			}
			if dir := os.Getenv("OPENARENA_PLOTS"); dir != "" { // to look at them
				if err := os.WriteFile(filepath.Join(dir, name+".svg"), got, 0o600); err != nil {
					t.Fatal(err)
				}
			}
		})
	}
}

func TestGolden(t *testing.T) {
	for _, name := range []string{"provisional", "components", "odd"} {
		got, file := drawn(t, gallery()[name]), filepath.Join("testdata", name+".svg")
		if *update {
			if err := os.WriteFile(file, got, 0o644); err != nil {
				t.Fatal(err)
			}
		}
		want, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(strings.ReplaceAll(string(want), "\r\n", "\n"), string(got)); diff != "" {
			t.Errorf("%s: (-want +got)\n%s", name, diff)
		}
	}
}

// TestDrawsAll: whatever models are called and however they are rated, a document is XML, has the number of each, and is
// the same again.
func TestDrawsAll(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var c Chart
		texts := rapid.OneOf(rapid.String(), rapid.Map(rapid.SliceOf(rapid.Byte()), func(b []byte) string { return string(b) }))
		c.Title, c.Subtitle = texts.Draw(t, "title"), texts.Draw(t, "subtitle")
		numbers := 0
		for range rapid.IntRange(0, 3).Draw(t, "panels") {
			p := Panel{Name: texts.Draw(t, "panel"), Note: texts.Draw(t, "note")}
			for range rapid.IntRange(0, 5).Draw(t, "rows") {
				r := Row{Name: texts.Draw(t, "name"), Component: rapid.IntRange(0, 2).Draw(t, "component"), Provisional: rapid.Bool().Draw(t, "provisional")}
				if rapid.Bool().Draw(t, "rated") {
					r.Rating = points(rapid.Float64Range(-1e9, 1e9).Draw(t, "rating"))
					numbers++
					if rapid.Bool().Draw(t, "interval") {
						half := rapid.Float64Range(0, 1e9).Draw(t, "half")
						r.Lower, r.Upper = points(*r.Rating-half), points(*r.Rating+half)
					}
				}
				p.Rows = append(p.Rows, r)
			}
			c.Panels = append(c.Panels, p)
		}
		var b, again bytes.Buffer
		if err := errors.Join(Ratings(&b, c), Ratings(&again, c)); err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(b.Bytes(), again.Bytes()) {
			t.Error("drawn twice it is not the same")
		}
		if err := xml.Unmarshal(b.Bytes(), new(any)); err != nil {
			t.Errorf("%v in\n%s", err, b.Bytes())
		}
		if got := strings.Count(b.String(), "<circle"); got != numbers {
			t.Errorf("%d points; want %d", got, numbers)
		}
	})
}

func TestRefuses(t *testing.T) {
	for _, x := range []float64{math.NaN(), math.Inf(1), math.Inf(-1), 1e13} {
		for _, r := range []Row{{Name: "m", Rating: &x}, {Name: "m", Rating: points(1), Lower: &x, Upper: points(2)}, {Name: "m", Lower: points(2), Upper: &x}} {
			var b bytes.Buffer
			if err := Ratings(&b, Chart{Panels: []Panel{{Rows: []Row{r}}}}); err == nil || b.Len() > 0 {
				t.Errorf("Ratings(%v) = %v with %d bytes; want an error and none", x, err, b.Len())
			}
		}
	}
	if err := Ratings(io.Discard, Chart{Panels: []Panel{{Rows: []Row{{Rating: points(1), Lower: points(0)}}}}}); err == nil {
		t.Error("one bound alone is drawn")
	}
}

func TestTicks(t *testing.T) {
	for _, test := range []struct {
		lo, hi float64
		want   string
	}{
		{961, 1039, "[960 970 980 990 1000 1010 1020 1030 1040]"},
		{700, 1300, "[700 800 900 1000 1100 1200 1300]"},
		{-20, 30, "[-20 -10 0 10 20 30]"},
		{1000, 1000, "[990 995 1000 1005 1010]"},
		{-2e9, 2e9, "[-2e+09 0 2e+09]"},
	} {
		a := newAxis(Chart{Panels: []Panel{{Rows: []Row{{Rating: &test.lo}, {Rating: &test.hi}}}}}, 0, 400)
		if got := fmt.Sprint(a.ticks()); got != test.want {
			t.Errorf("ticks(%v to %v) = %s; want %s", test.lo, test.hi, got, test.want)
		}
	}
}

// TestShows: what a panel rests on is told, a zero has no sign, and a long panel has its scale above as well.
func TestShows(t *testing.T) {
	shown := wellFormed(t, drawn(t, gallery()["panels"]))
	for _, want := range []string{"600 battles on 40 prompts", "0 battles", "no battles"} {
		if !slices.Contains(shown, want) {
			t.Errorf("%q is not shown among %q", want, shown)
		}
	}
	if shown := wellFormed(t, drawn(t, gallery()["minus"])); slices.Contains(shown, "−0") || !slices.Contains(shown, "−40") {
		t.Errorf("ratings of -40 and -0.2 are shown as %q", shown)
	}
	for name, scales := range map[string]int{"two": 1, "hundred": 2} {
		if n := strings.Count(string(drawn(t, gallery()[name])), ">points<"); n != scales {
			t.Errorf("%s: the scale is there %d times; want %d", name, n, scales)
		}
	}
}

func TestShorten(t *testing.T) {
	for _, test := range []struct {
		in   string
		most float64
		want string
	}{
		{"short", 10, "short"},
		{"a very long name", 5, "a very l…"},
		{"e\u0301e\u0301e\u0301e\u0301e\u0301", 2.9, "e\u0301e\u0301e\u0301…"}, // marks stay with their letters
		{"👩\u200d👩\u200d👧", 3, "👩…"},                                           // nothing is joined to …
		{"", 0, ""},
	} {
		if got := shorten(test.in, test.most); got != test.want {
			t.Errorf("shorten(%q, %v) = %q; want %q", test.in, test.most, got, test.want)
		}
	}
}
