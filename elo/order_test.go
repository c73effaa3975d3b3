package elo

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"
)

func TestClustersMayHaveAnyNumbers(t *testing.T) {
	battles := []Battle{{Cluster: math.MaxInt32}, {Cluster: -5}, {Cluster: 3}, {Cluster: math.MinInt32}, {Cluster: -5}, {Cluster: 70_000}}
	var found []int32
	firsts := 0
	for k, starts := range byCluster(battles).all() {
		found = append(found, battles[k].Cluster)
		if starts {
			firsts++
		}
	}
	if want := []int32{math.MinInt32, -5, -5, 3, 70_000, math.MaxInt32}; !slices.Equal(found, want) || firsts != 5 {
		t.Errorf("order %v of %d clusters; want %v of 5", found, firsts, want)
	}
}

// Parts are whole clusters, all of them, in order.
func TestCutsGoThroughNoCluster(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	for range 200 {
		battles := random(r, 3, r.IntN(60), 1+r.IntN(20))
		r.Shuffle(len(battles), func(i, j int) { battles[i], battles[j] = battles[j], battles[i] })
		way := byCluster(battles)
		cuts := way.cut(1 + r.IntN(8))
		if cuts[0] != 0 || cuts[len(cuts)-1] != len(battles) || !slices.IsSorted(cuts) {
			t.Fatalf("%v does not cut %d battles", cuts, len(battles))
		}
		for _, at := range cuts[1 : len(cuts)-1] {
			if at < len(battles) && !way.starts(at) {
				t.Fatalf("%v cuts a cluster at %d", cuts, at)
			}
		}
	}
}

func TestMarks(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 4))
	m := newMarks(10_000)
	for range 50 {
		var want []int32
		for range r.IntN(40) {
			want = append(want, int32(r.IntN(10_000)))
			m.add(want[len(want)-1])
		}
		slices.Sort(want)
		if got := m.take(nil); !slices.Equal(got, slices.Compact(want)) {
			t.Fatalf("took %v; want %v", got, want)
		}
	}
}
