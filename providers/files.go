package providers

import (
	"cmp"
	"fmt"
	"slices"
)

const (
	// spareFiles are for the database, exports, pages and the runtime.
	spareFiles = 200
	// plenty is how many calls at once are enough not to be told that there could be more.
	plenty = 256
)

// ShareFiles lowers the limits of these gates to what the process may open files for, all of them together: small ones are kept,
// large ones share what is left. It returns a sentence for people if somebody gets less than was asked for, or little; else "".
func ShareFiles(gates []*Gate) string { return shareFiles(gates, openFiles()) }

func shareFiles(gates []*Gate, files int) (warning string) {
	if files == 0 {
		return ""
	}
	sorted := slices.SortedStableFunc(slices.Values(gates), func(a, b *Gate) int { return cmp.Compare(a.top(), b.top()) })
	room, total := max(len(gates), files-spareFiles), 0
	short := false
	for i, g := range sorted {
		share := room / (len(sorted) - i)
		wanted, auto := g.within(share)
		got := min(share, wanted)
		short = short || got < wanted && (!auto || got < plenty)
		room -= got
		total += got
	}
	if !short {
		return ""
	}
	return fmt.Sprintf("calls at once: at most %d, since this process may open %d files; raise it with ulimit -n", total, files)
}
