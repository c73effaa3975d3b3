package elo

// Cycle returns contestants each of whom took more points from the next than it gave, and the last from the first: three
// or more, a shortest such circle, the one with the lowest numbers first among equals. It is nil if there is none. Ratings
// cannot show a circle: they make its members alike. Among many contestants one is usual and says little.
func (f *Fit) Cycle() []int {
	n := len(f.table.active)
	beaten := make([][]int, n) // ascending, as pairs are
	for _, p := range f.table.pairs {
		switch {
		case p.pi > p.pj:
			beaten[p.i] = append(beaten[p.i], int(p.j))
		case p.pj > p.pi:
			beaten[p.j] = append(beaten[p.j], int(p.i))
		}
	}
	var shortest []int
	for start := range n {
		if c := circle(beaten, start, len(shortest)); c != nil {
			shortest = c
		}
		if len(shortest) == 3 {
			break
		}
	}
	for k, place := range shortest {
		shortest[k] = int(f.table.active[place])
	}
	return shortest
}

// circle returns a shortest way along edges from start back to start, if it has fewer nodes than limit or limit is 0.
func circle(edges [][]int, start, limit int) []int {
	before := make([]int, len(edges)) // 1 + the node we came from; 0: not reached
	ring := []int{start}
	for length := 1; len(ring) > 0 && (limit == 0 || length < limit); length++ {
		var next []int
		for _, i := range ring {
			for _, j := range edges[i] {
				if j == start {
					return way(before, i, length)
				}
				if before[j] == 0 {
					before[j] = i + 1
					next = append(next, j)
				}
			}
		}
		ring = next
	}
	return nil
}

// way walks back from end and returns the nodes passed, the first one first.
func way(before []int, end, length int) []int {
	nodes := make([]int, length)
	for k := length - 1; k >= 0; k-- {
		nodes[k] = end
		end = before[end] - 1
	}
	return nodes
}
