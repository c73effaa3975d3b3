package plot

import (
	"bytes"
	"encoding/xml"
	"errors"
	"io"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// against is a matrix in which everybody met but the last two.
func against(names ...string) Matrix {
	m := Matrix{Title: "Win rates <&>", Subtitle: "Of 30 battles.", Names: names}
	for i := range names {
		row := make([]*float64, len(names))
		for j := range names {
			if i != j && i+j != 2*len(names)-3 {
				row[j] = points(0.5 + float64(j-i)/float64(2*len(names)))
			}
		}
		m.Rates = append(m.Rates, row)
	}
	return m
}

func TestWinRates(t *testing.T) {
	m := against("Alpha", `<script>alert("1")</script> ]]>`, strings.Repeat("long ", 50))
	var b bytes.Buffer
	if err := WinRates(&b, m); err != nil {
		t.Fatal(err)
	}
	golden := filepath.Join("testdata", "winrates.golden.svg")
	if *update {
		if err := os.WriteFile(golden, b.Bytes(), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(golden)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), b.String()); diff != "" {
		t.Errorf("(-want +got), -update rewrites it:\n%s", diff)
	}
}

// TestWinRatesIsXML: any names and any number of them make a document that can be read, with a cell for each pair that met.
func TestWinRatesIsXML(t *testing.T) {
	for _, names := range [][]string{nil, {"one"}, {"a\x00\x1b[31m", "\xff\xfe"}, make([]string, 60)} {
		var b bytes.Buffer
		if err := WinRates(&b, against(names...)); err != nil {
			t.Fatal(err)
		}
		d := xml.NewDecoder(&b)
		for {
			if _, err := d.Token(); errors.Is(err, io.EOF) {
				break
			} else if err != nil {
				t.Fatalf("%d names: %v", len(names), err)
			}
		}
	}
}

func TestWinRatesRefuses(t *testing.T) {
	for about, spoil := range map[string]func(*Matrix){
		"a row is missing":    func(m *Matrix) { m.Rates = m.Rates[1:] },
		"a column is missing": func(m *Matrix) { m.Rates[0] = m.Rates[0][1:] },
		"no number":           func(m *Matrix) { m.Rates[0][1] = points(math.NaN()) },
		"no share":            func(m *Matrix) { m.Rates[0][1] = points(1.01) },
	} {
		m := against("a", "b", "c")
		spoil(&m)
		var b bytes.Buffer
		if err := WinRates(&b, m); err == nil || b.Len() > 0 {
			t.Errorf("%s: %v with %d bytes; want an error and none", about, err, b.Len())
		}
	}
}
