package columns

import (
	"bytes"
	"sort"
)

// Subjects are the prompts that a selection is about, in the order of their hashes. A prompt is named by its place among all of
// the table.
type Subjects struct {
	table  *Table
	wanted []uint64 // a bit for each row
	n      int
}

// Subjects are those of a selection.
func (s *Selection) Subjects() *Subjects {
	u := &Subjects{table: s.table, wanted: make([]uint64, (len(s.table.a)+63)/64)}
	for _, row := range s.Rows {
		u.wanted[row/64] |= 1 << (row % 64)
	}
	for at, ok := u.Next(0); ok; at, ok = u.Next(at + 1) {
		u.n++
	}
	return u
}

// Len is how many there are.
func (u *Subjects) Len() int { return u.n }

// Next is the first one at a place or behind it.
func (u *Subjects) Next(place int) (at int, ok bool) {
	for ; place < len(u.table.hash); place++ {
		for row, end := u.table.battlesOf(place); row < end; row++ {
			if u.wants(row) {
				return place, true
			}
		}
	}
	return place, false
}

func (u *Subjects) wants(row int) bool { return u.wanted[row/64]&(1<<(row%64)) != 0 }

// Rows are the battles of the selection about one prompt.
func (u *Subjects) Rows(place int) (rows []int) {
	for row, end := u.table.battlesOf(place); row < end; row++ {
		if u.wants(row) {
			rows = append(rows, row)
		}
	}
	return rows
}

// Sides are those of a row.
func (t *Table) Sides(row int) (a, b Side) { return t.sides[t.a[row]], t.sides[t.b[row]] }

// HashOf is the hash of the prompt in a place.
func (t *Table) HashOf(place int) Hash { return t.hash[place] }

// PlaceOf is the first place whose prompt has that hash or a greater one.
func (t *Table) PlaceOf(h Hash) int {
	return sort.Search(len(t.hash), func(i int) bool { return bytes.Compare(t.hash[i][:], h[:]) >= 0 })
}
