package elo

import (
	"cmp"
	"slices"
)

// graph says who is connected with whom, among the active contestants of a table.
type graph struct {
	weak   [][]int // components joined by battles: largest first, then by lowest member; members ascend
	strong [][]int // components inside which points flow both ways, in the same order
	weakOf []int   // by place: index in weak
	partOf []int   // by place: index in strong
}

// newGraph finds the components. A finite maximum of the likelihood exists exactly when there is one strong component.
func newGraph(t *table) *graph {
	n := len(t.active)
	near, from := make([][]int, n), make([][]int, n) // neighbours; those that i took points from
	for _, p := range t.pairs {
		i, j := int(p.i), int(p.j)
		near[i], near[j] = append(near[i], j), append(near[j], i)
		if p.pi > 0 {
			from[i] = append(from[i], j)
		}
		if p.pj > 0 {
			from[j] = append(from[j], i)
		}
	}
	g := &graph{weak: components(near), strong: components(from)}
	g.weakOf, g.partOf = membership(n, g.weak), membership(n, g.strong)
	return g
}

// membership turns a list of components into the component of each of n places.
func membership(n int, parts [][]int) []int {
	of := make([]int, n)
	for c, part := range parts {
		for _, i := range part {
			of[i] = c
		}
	}
	return of
}

// components returns the strongly connected components of a graph given by the targets of each node's edges; where
// every edge is there both ways these are its connected components. Largest first, then by lowest member.
func components(edges [][]int) [][]int {
	var (
		parts [][]int
		stack []int
		order = make([]int, len(edges)) // 1 + number of nodes reached before; 0: not reached
		low   = make([]int, len(edges)) // lowest order that can be reached back to
		next  = 1
	)
	const closed = int(^uint(0) >> 1) // low of a node whose component is complete
	var visit func(i int)
	visit = func(i int) { // Tarjan; as deep as there are contestants at most
		order[i], low[i] = next, next
		next++
		stack = append(stack, i)
		for _, j := range edges[i] {
			if order[j] == 0 {
				visit(j)
			}
			low[i] = min(low[i], low[j])
		}
		if low[i] != order[i] {
			return
		}
		at := slices.Index(stack, i)
		part := slices.Sorted(slices.Values(stack[at:]))
		stack = stack[:at]
		for _, j := range part {
			low[j] = closed
		}
		parts = append(parts, part)
	}
	for i := range edges {
		if order[i] == 0 {
			visit(i)
		}
	}
	slices.SortFunc(parts, func(a, b []int) int {
		return cmp.Or(cmp.Compare(len(b), len(a)), cmp.Compare(a[0], b[0]))
	})
	return parts
}
