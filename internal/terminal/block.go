package terminal

import (
	"fmt"
	"os"
	"strings"
)

// Block is a text that is shown again and again in the same place of a terminal. Not safe for concurrent use.
type Block struct {
	screen screen
	size   func() (width, height int)
}

// NewBlock returns a block at the end of what f shows. f is a terminal that can move its cursor; see [CanRedraw].
func NewBlock(f *os.File) *Block {
	return &Block{screen: screen{w: f}, size: func() (int, int) { return size(f) }}
}

// CanRedraw reports whether f is a terminal that can move its cursor.
func CanRedraw(f *os.File) bool { return IsTerminal(f) && os.Getenv("TERM") != "dumb" }

// Columns is how wide a line may be.
func (b *Block) Columns() int {
	width, _ := b.size()
	return max(1, width-1)
}

// Show puts text, made of lines of tables and safe text, in the place of what was shown before. What is too wide is cut, and of
// too many lines the last: nothing ever wraps or scrolls.
func (b *Block) Show(text string) {
	width, height := b.size()
	lines, room := strings.Split(strings.TrimRight(text, "\n"), "\n"), max(1, height-1)
	if more := len(lines) - room; more > 0 {
		lines = append(lines[:room-1:room-1], fmt.Sprintf("… %d more lines", more+1))
	}
	for i, line := range lines {
		if plain := unmarked(line); Width(plain) > width-1 {
			lines[i] = Truncate(plain, max(1, width-1))
		}
	}
	b.screen.draw(lines, width)
}

// Release leaves what is shown where it is, and puts the cursor below it. Every way out of the program should.
func (b *Block) Release() {
	width, _ := b.size()
	b.screen.release(width)
}
