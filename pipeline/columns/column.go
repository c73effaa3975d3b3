package columns

import "unsafe"

// pieceSize is how many values a full piece of a column holds.
const pieceSize = 1 << 14

// column is a list in the making. It grows by pieces, so that hardly anything is copied before it is flat.
type column[T any] struct {
	pieces [][]T
	n      int
}

func (c *column[T]) add(v T) {
	if c.n%pieceSize == 0 {
		c.pieces = append(c.pieces, make([]T, 0, min(max(64, c.n), pieceSize))) // most arenas are small
	}
	last := &c.pieces[len(c.pieces)-1]
	*last = append(*last, v)
	c.n++
}

// flat is the list in exactly as much memory as it takes, with room for more values; the column is spent.
func (c *column[T]) flat(more ...T) []T {
	all := make([]T, 0, c.n+len(more))
	for i, p := range c.pieces {
		all, c.pieces[i] = append(all, p...), nil
	}
	return append(all, more...)
}

// sizeOf is the memory of a list, with room that is left over.
func sizeOf[T any](all []T) int {
	var one T
	return cap(all) * int(unsafe.Sizeof(one))
}
