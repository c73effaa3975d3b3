package elo

import (
	"iter"
	"slices"
)

// order is a way through battles in which those of one cluster stand together, clusters ascending.
type order struct {
	battles []Battle
	places  []int32 // of the battles; nil: they lie in that order already, as key order is
}

// byCluster needs 8 bytes a battle where they do not lie in order.
func byCluster(battles []Battle) order {
	if slices.IsSortedFunc(battles, func(a, b Battle) int { return int(a.Cluster) - int(b.Cluster) }) {
		return order{battles: battles}
	}
	places, other := make([]int32, len(battles)), make([]int32, len(battles))
	for k := range places {
		places[k] = int32(k)
	}
	for shift := 0; shift < 32; shift += 8 { // a radix sort
		digit := func(k int32) uint8 { return uint8((uint32(battles[k].Cluster) ^ 1<<31) >> shift) }
		var ends [256]int
		for k := range battles {
			ends[digit(int32(k))]++
		}
		if slices.Max(ends[:]) == len(battles) {
			continue
		}
		at := 0
		for d, n := range ends {
			ends[d] = at
			at += n
		}
		for _, k := range places {
			d := digit(k)
			other[ends[d]] = k
			ends[d]++
		}
		places, other = other, places
	}
	return order{battles, places}
}

// all yields the places of the battles on the way, and whether a cluster starts there.
func (o order) all() iter.Seq2[int, bool] { return o.part(0, len(o.battles)) }

// part is all from one step of the way to another, the first of which starts a cluster.
func (o order) part(from, to int) iter.Seq2[int, bool] {
	return func(yield func(int, bool) bool) {
		var cluster int32
		for k := from; k < to; k++ {
			at := o.at(k)
			before := cluster
			cluster = o.battles[at].Cluster
			if !yield(at, k == from || cluster != before) {
				return
			}
		}
	}
}

// at is the place in battles of the k-th on the way.
func (o order) at(k int) int {
	if o.places != nil {
		return int(o.places[k])
	}
	return k
}

// starts reports whether the k-th on the way is the first of its cluster.
func (o order) starts(k int) bool {
	return k == 0 || o.battles[o.at(k)].Cluster != o.battles[o.at(k-1)].Cluster
}

// cut divides the way into so many parts of about the same length, none through a cluster: part k goes from cuts[k] to
// cuts[k+1].
func (o order) cut(parts int) (cuts []int) {
	n := len(o.battles)
	cuts = append(cuts, 0)
	for k := 1; k < parts; k++ {
		at := max(n*k/parts, cuts[k-1])
		for at < n && !o.starts(at) {
			at++
		}
		cuts = append(cuts, at)
	}
	return append(cuts, n)
}
