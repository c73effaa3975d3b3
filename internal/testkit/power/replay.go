package power

import (
	"fmt"
	"iter"
	"maps"
	"math/rand/v2"
	"strings"
)

// cut is a moment and what the power left then.
type cut struct {
	image map[string][]byte // files by name
	notes map[string]int    // the last of each key
	where string            // in words
}

// replay yields what power cuts leave at each operation of a log, so many at each.
func replay(log []op, times int, dice *rand.Rand) iter.Seq[cut] {
	return func(yield func(cut) bool) {
		d, notes := newDisk(), map[string]int{}
		for i, o := range log {
			switch o.kind {
			case opNote:
				notes[o.key] = o.value
			case opStart:
			default:
				d.do(o, dice)
			}
			for range times {
				if !yield(cut{image: d.cut(dice), notes: maps.Clone(notes), where: around(log, i)}) {
					return
				}
			}
		}
	}
}

// around tells what happened before operation i and what would have been next.
func around(log []op, i int) string {
	var b strings.Builder
	part := ""
	for _, o := range log[:i+1] {
		if o.kind == opStart {
			part += " → " + o.name
		}
	}
	fmt.Fprintf(&b, "at operation %d of %d (%s)", i, len(log), strings.TrimPrefix(part, " → "))
	for _, o := range log[max(0, i-5) : i+1] {
		fmt.Fprintf(&b, "\n    %v", o)
	}
	if i+1 < len(log) {
		fmt.Fprintf(&b, "\n    (next: %v)", log[i+1])
	}
	return b.String()
}
