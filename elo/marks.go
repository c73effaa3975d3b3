package elo

import "math/bits"

// marks is a set of small numbers. It is walked in ascending order without sorting: quick where its members lie close.
type marks struct {
	words []uint64
	upper []uint64 // a bit for each of words that is not 0
}

func newMarks(n int) marks {
	words := (n + 63) / 64
	return marks{make([]uint64, words), make([]uint64, (words+63)/64)}
}

func (m marks) add(k int32) {
	m.words[k/64] |= 1 << (k % 64)
	m.upper[k/64/64] |= 1 << (k / 64 % 64)
}

// take appends the members to list, ascending, and leaves the set empty.
func (m marks) take(list []int32) []int32 {
	for u, upper := range m.upper {
		for ; upper != 0; upper &= upper - 1 {
			w := u*64 + bits.TrailingZeros64(upper)
			for word := m.words[w]; word != 0; word &= word - 1 {
				list = append(list, int32(w*64+bits.TrailingZeros64(word)))
			}
			m.words[w] = 0
		}
		m.upper[u] = 0
	}
	return list
}
