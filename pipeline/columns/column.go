package columns

import "unsafe"

// pieceSize is how many values a full piece of a column holds.
const pieceSize = 1 << 14

// column is a list that grows by pieces: nothing that was added is copied but the first and the last piece, and no room is
// left over once it is sealed.
type column[T any] struct {
	pieces [][]T
	n      int
}

func (c *column[T]) add(v T) {
	switch {
	case c.n%pieceSize > 0:
	case c.n == 0:
		c.pieces = append(c.pieces, nil) // most arenas are small
	default:
		c.pieces = append(c.pieces, make([]T, 0, pieceSize))
	}
	last := &c.pieces[len(c.pieces)-1]
	*last = append(*last, v)
	c.n++
}

// seal gives back the room behind the last value.
func (c *column[T]) seal() {
	for i, p := range c.pieces {
		if cap(p) > len(p) {
			c.pieces[i] = append(make([]T, 0, len(p)), p...)
		}
	}
}

func (c *column[T]) at(i int) T { return c.pieces[i/pieceSize][i%pieceSize] }

// bytes is the memory that it takes, with the room that is left over.
func (c *column[T]) bytes() int {
	var one T
	n := cap(c.pieces) * int(unsafe.Sizeof(c.pieces))
	for _, p := range c.pieces {
		n += cap(p) * int(unsafe.Sizeof(one))
	}
	return n
}
