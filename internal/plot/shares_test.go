package plot

import (
	"encoding/xml"
	"errors"
	"io"
	"math"
	"strings"
	"testing"
)

// TestPartsOfPages: whatever texts and numbers there are, what is drawn can be read as XML, names its id, and has no style of its own.
func TestPartsOfPages(t *testing.T) {
	hostile := `<script>alert("1")</script> ]]>` + "\x00\xff عربي"
	for about, draw := range map[string]func() (string, error){
		"no shares": func() (string, error) { return Shares{}.Inline("x") },
		"shares": func() (string, error) {
			return Shares{Title: hostile, Says: hostile, Line: points(0.5), LineName: hostile, Rows: []Share{
				{Name: hostile, Rate: points(0.3), Lower: points(0.1), Upper: points(0.5)}, {Name: strings.Repeat("long ", 40)}, {Name: "beyond", Rate: points(7)}, {Rate: points(-0.001)},
			}}.Inline("x")
		},
		"no stacks": func() (string, error) { return Stacks{}.Inline("x") },
		"stacks": func() (string, error) {
			return Stacks{Title: hostile, Parts: strings.Fields("a b c d e f g h i j " + strings.Repeat("z", 300)), Rows: []Stack{
				{hostile, []int64{1, 0, 3, 4, 5, 6, 7, 8, 9, 1e15, 1}}, {"nothing", make([]int64, 11)},
			}}.Inline("x")
		},
	} {
		svg, err := draw()
		if err != nil {
			t.Errorf("%s: %v", about, err)
			continue
		}
		if !strings.Contains(svg, `aria-labelledby="x-title x-desc"`) || strings.Contains(svg, "style") || strings.Contains(svg, "<script") || strings.Contains(svg, "NaN") {
			t.Errorf("%s: %s", about, svg)
		}
		d := xml.NewDecoder(strings.NewReader(svg))
		for {
			if _, err := d.Token(); errors.Is(err, io.EOF) {
				break
			} else if err != nil {
				t.Fatalf("%s: %v\n%s", about, err, svg)
			}
		}
	}
	if _, err := (Shares{Rows: []Share{{Rate: points(math.NaN())}}}).Inline("x"); err == nil {
		t.Error("a share of NaN is drawn")
	}
	if _, err := (Stacks{Parts: []string{"a"}, Rows: []Stack{{"x", nil}}}).Inline("x"); err == nil {
		t.Error("a bar without its counts is drawn")
	}
}
