package plot

import (
	"cmp"
	"slices"
)

const labelStep = 15.0 // from a label to the one below it

// spread moves places apart until each is a step below the one before, as little as that takes (isotonic regression), between
// top and bottom as far as there is room.
func spread(places []float64, step, top, bottom float64) []float64 {
	order := make([]int, len(places))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(i, j int) int { return cmp.Compare(places[i], places[j]) })
	type block struct {
		sum float64
		n   int
	}
	mean := func(b block) float64 { return b.sum / float64(b.n) }
	var blocks []block
	for k, i := range order {
		blocks = append(blocks, block{places[i] - float64(float64(k)*step), 1})
		for last := len(blocks) - 1; last > 0 && mean(blocks[last-1]) >= mean(blocks[last]); last-- {
			blocks[last-1] = block{blocks[last-1].sum + blocks[last].sum, blocks[last-1].n + blocks[last].n}
			blocks = blocks[:last]
		}
	}
	apart := make([]float64, len(places))
	most := bottom - float64(len(places)-1)*step
	k := 0
	for _, b := range blocks {
		at := max(min(mean(b), most), top)
		for range b.n {
			apart[order[k]] = at + float64(float64(k)*step)
			k++
		}
	}
	return apart
}

// box is a part of the page.
type box struct{ left, top, right, bottom float64 }

func (b box) meets(c box) bool {
	return b.left < c.right && c.left < b.right && b.top < c.bottom && c.top < b.bottom
}

func (b box) within(c box) bool {
	return b.left >= c.left && b.right <= c.right && b.top >= c.top && b.bottom <= c.bottom
}

// spot is where a label is written, and from which end.
type spot struct {
	x, y   float64 // of its base line
	anchor string
	box    box
}

// beside finds a place for a label so wide beside a dot, within a frame and over nothing that is taken.
func beside(x, y, width float64, frame box, taken []box) (spot, bool) {
	const off, up = 9.0, 4.5
	for _, try := range [...]struct {
		dx, dy float64
		anchor string
	}{{off, up, "start"}, {-off, up, "end"}, {0, -10, "middle"}, {0, 19, "middle"}, {6, -8, "start"}, {6, 17, "start"}, {-6, -8, "end"}, {-6, 17, "end"}} {
		s := spot{x: x + try.dx, y: y + try.dy, anchor: try.anchor}
		s.box = box{s.x, s.y - 11, s.x + width, s.y + 3}
		switch try.anchor {
		case "end":
			s.box.left, s.box.right = s.x-width, s.x
		case "middle":
			s.box.left, s.box.right = s.x-width/2, s.x+width/2
		}
		if s.box.within(frame) && !slices.ContainsFunc(taken, s.box.meets) {
			return s, true
		}
	}
	return spot{}, false
}
