package pipeline

import "math"

// battleKind is a stratum of battles, by what a vote on one tells about the judges. Where they all say the same and are sure, it
// mostly tells that they are right; which of two is right is told only where they differ.
type battleKind uint8

const (
	disputed battleKind = iota // two judges differ over who wins
	unsure                     // a judge names another winner in the other order, or wins are by less than a level
	certain
	battleKinds
)

// kindOf is the kind of a battle of which the judges said that much.
func kindOf(heard []statement) battleKind {
	kind, first := certain, -1
	for i := range heard {
		h := &heard[i]
		if h.n == 0 {
			continue
		}
		if first >= 0 && heard[first].choice() != h.choice() {
			return disputed
		}
		if first < 0 {
			first = i
		}
		if h.wavers() {
			kind = unsure
		}
	}
	return kind
}

// wavers reports whether the judge hardly knows who wins. A tie in both orders is a plain word.
func (h *statement) wavers() bool {
	ab, ba := h.orders[0], h.orders[1]
	if ab != nil && ba != nil && ab.side(0) != ba.side(1) {
		return true
	}
	return h.level != 0 && math.Abs(h.level) < 1
}
