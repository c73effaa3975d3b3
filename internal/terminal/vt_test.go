package terminal

import (
	"fmt"
	"strconv"
	"strings"
	"sync"
	"testing"
	"unicode/utf8"
)

// vt is a terminal that understands what screen writes and fails the test on anything else. A newline also returns to
// the first column, as it does behind a tty.
type vt struct {
	t  *testing.T
	mu sync.Mutex // for Write and text; the other fields are read when nothing is drawn any more

	width, height int
	rows          []string // what scrolled away, then the screen
	row, column   int      // of the cursor; row counts from the top of rows
	hidden        bool     // the cursor
	wrapped       int      // lines that were too long
	writes        int
}

func newVT(t *testing.T, width, height int) *vt {
	return &vt{t: t, width: width, height: height, rows: []string{""}}
}

func (v *vt) size() (int, int) { return v.width, v.height }

func (v *vt) Write(p []byte) (int, error) {
	v.mu.Lock()
	defer v.mu.Unlock()
	v.writes++
	for text := string(p); text != ""; {
		if strings.HasPrefix(text, "\x1b[") {
			text = v.obey(text)
			continue
		}
		r, size := utf8.DecodeRuneInString(text)
		text = text[size:]
		switch {
		case r == '\n':
			v.down()
		case r == '\r':
			v.column = 0
		case r < ' ' || r == 0x7f:
			v.t.Errorf("control character %U reached the terminal", r)
		default:
			v.print(r)
		}
	}
	return len(p), nil
}

// obey carries out the sequence that text begins with and returns the rest.
func (v *vt) obey(text string) string {
	end := strings.IndexFunc(text[2:], func(r rune) bool { return r >= '@' && r <= '~' }) + 2
	switch sequence := text[:end+1]; sequence {
	case hideCursor:
		v.hidden = true
	case showCursor:
		v.hidden = false
	case clearLine:
		v.rows[v.row] = v.left()
	case clearBelow:
		v.rows[v.row] = v.left()
		v.rows = v.rows[:v.row+1]
	case cursorUp:
		v.row = max(v.row-1, len(v.rows)-v.height, 0)
	default:
		number := strings.TrimSuffix(sequence[2:], "m")
		if _, err := strconv.Atoi(number); err != nil || number == sequence[2:] {
			v.t.Errorf("sequence %q reached the terminal", sequence)
		}
	}
	return text[end+1:]
}

func (v *vt) print(r rune) {
	if v.column+runeWidth(r) > v.width {
		v.wrapped++
		v.down()
	}
	rest := strings.TrimPrefix(v.rows[v.row], v.left())
	_, size := utf8.DecodeRuneInString(rest)
	v.rows[v.row] = v.left() + string(r) + rest[size:]
	v.column += runeWidth(r)
}

func (v *vt) down() {
	v.row, v.column = v.row+1, 0
	if v.row == len(v.rows) {
		v.rows = append(v.rows, "")
	}
}

// left is what stands left of the cursor in its row.
func (v *vt) left() string {
	n := 0
	for i, r := range v.rows[v.row] {
		if n >= v.column {
			return v.rows[v.row][:i]
		}
		n += runeWidth(r)
	}
	return v.rows[v.row] + strings.Repeat(" ", v.column-n)
}

// text is all rows without the blanks at their ends.
func (v *vt) text() string {
	v.mu.Lock()
	defer v.mu.Unlock()
	var b strings.Builder
	for _, row := range v.rows {
		fmt.Fprintln(&b, strings.TrimRight(row, " "))
	}
	return strings.TrimRight(b.String(), "\n")
}
