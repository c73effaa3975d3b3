package terminal

import (
	"strings"
	"testing"
)

// A block is redrawn in its place: what it showed before is gone, nothing wraps, nothing scrolls, and a text that is the same is
// not written again.
func TestBlock(t *testing.T) {
	v := newVT(t, 20, 5)
	if _, err := v.Write([]byte("$ status\n")); err != nil {
		t.Fatal(err)
	}
	b := &Block{screen: screen{w: v}, size: v.size}
	show := func(text, want string) {
		t.Helper()
		b.Show(text)
		if got := v.text(); got != "$ status\n"+want {
			t.Errorf("the screen shows\n%s\nwant\n%s", got, want)
		}
	}
	show("one\ntwo\n", "one\ntwo")
	show("one", "one")
	show("a\n\nc", "a\n\nc")
	show("1\n2\n3\n4\n5\n6\n", "1\n2\n3\n… 3 more lines")
	show("a line that is much too wide for this terminal", "a line that is muc…")
	show("\x1b[2mdim and far too wide for this\x1b[0m", "dim and far too wi…")
	writes := v.writes
	show("\x1b[2mdim and far too wide for this\x1b[0m", "dim and far too wi…")
	if v.writes != writes {
		t.Error("a text that is shown already is written again")
	}
	if v.width = 9; b.Columns() != 8 {
		t.Errorf("in a terminal of 9 columns a line may have %d; want 8", b.Columns())
	}
	if !v.hidden {
		t.Error("the cursor flickers about")
	}
	b.Release()
	if v.hidden || v.wrapped > 0 {
		t.Errorf("at the end the cursor is hidden: %v, and %d lines were too long", v.hidden, v.wrapped)
	}
	if b.Release(); strings.Count(v.text(), "\n") > 5 {
		t.Error("to release it twice scrolls")
	}
}
