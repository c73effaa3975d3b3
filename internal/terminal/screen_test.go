package terminal

import (
	"strings"
	"testing"
)

func TestScreenRedrawsInPlace(t *testing.T) {
	v := newVT(t, 20, 10)
	s := screen{w: v}
	steps := []struct {
		name  string
		lines []string
		want  string
	}{
		{"the first frame", []string{"a 1", "b 1"}, "a 1\nb 1"},
		{"a frame of the same height", []string{"a 2", "b"}, "a 2\nb"},
		{"a taller frame", []string{"a 3", "", "b 3"}, "a 3\n\nb 3"},
		{"a lower frame leaves nothing behind", []string{"b"}, "b"},
	}
	for n, step := range steps {
		s.draw(step.lines, v.width)
		if got := v.text(); got != step.want {
			t.Errorf("%s: screen is\n%s\nwant\n%s", step.name, got, step.want)
		}
		if v.writes != n+1 {
			t.Errorf("%s: %d writes so far; want %d, one a frame", step.name, v.writes, n+1)
		}
		if !v.hidden || v.column != 0 {
			t.Errorf("%s: cursor hidden %v at column %d; want it hidden at column 0", step.name, v.hidden, v.column)
		}
	}
	if s.draw([]string{"b"}, v.width); v.writes != len(steps) {
		t.Errorf("an unchanged frame was written again")
	}
	v.Write([]byte("^C")) // as a terminal echoes it
	before := v.text()
	s.release(v.width)
	if got := v.text(); !strings.Contains(before, "^C") || strings.Contains(got, "^C") || !strings.HasPrefix(got, "b") {
		t.Errorf("after release the screen is\n%s\nwant the last line whole", got)
	}
	if v.hidden || v.row != len(v.rows)-1 || v.rows[v.row] != "" {
		t.Errorf("after release: cursor hidden %v in row %q; want it shown below the frame", v.hidden, v.rows[v.row])
	}
}

func TestScreenAfterTheTerminalBecameNarrower(t *testing.T) {
	s := screen{widths: []int{19, 0, 20, 21, 9}}
	for columns, want := range map[int]int{40: 4, 20: 5, 10: 8, 1: 61} {
		if got := s.rowsAbove(columns); got != want {
			t.Errorf("rowsAbove(%d) = %d; want %d", columns, got, want)
		}
	}
}

func TestScreenStopsWritingWhenTheTerminalIsGone(t *testing.T) {
	w := &brokenWriter{}
	s := screen{w: w}
	s.draw([]string{"a"}, 80)
	s.draw([]string{"b"}, 80)
	s.release(80)
	if w.writes != 1 {
		t.Errorf("%d writes to a broken terminal; want 1", w.writes)
	}
}

func TestUnmarked(t *testing.T) {
	p := NewPalette(true)
	line := p.Bold("a") + " b " + p.Red("c")
	if got := unmarked(line); got != "a b c" {
		t.Errorf("unmarked(%q) = %q; want a b c", line, got)
	}
	if strings.Contains(NewPalette(false).Bold("a"), "\x1b") {
		t.Errorf("a palette without colour marks up")
	}
}
