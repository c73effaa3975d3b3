package elo

import (
	"iter"
	"slices"
)

// byCluster yields the battles of one cluster after those of another, in ascending order of clusters, with their places.
// Battles in that order already, as key order is, are walked where they lie; otherwise 8 bytes a battle are needed to sort
// them.
func byCluster(battles []Battle) iter.Seq2[int, *Battle] {
	ascending := slices.IsSortedFunc(battles, func(a, b Battle) int { return int(a.Cluster) - int(b.Cluster) })
	return func(yield func(int, *Battle) bool) {
		if ascending {
			for i := range battles {
				if !yield(i, &battles[i]) {
					return
				}
			}
			return
		}
		keys := make([]uint64, len(battles)) // cluster, then place: sorting them is stable
		for i := range battles {
			keys[i] = uint64(uint32(battles[i].Cluster)^1<<31)<<32 | uint64(uint32(i))
		}
		slices.Sort(keys)
		for _, k := range keys {
			if !yield(int(uint32(k)), &battles[uint32(k)]) {
				return
			}
		}
	}
}

// clusterScatter is the sum over clusters of u·uᵀ, n×n, where u holds what each contestant gained in the cluster beyond
// what the strengths expect. It returns the number of clusters too. Inside a cluster battles are folded to pairs first,
// so that their order does not matter wherever it does not matter in fold.
func (t *table) clusterScatter(strengths []float64, battles []Battle) ([]float64, int) {
	s := newScorer(t, strengths)
	clusters := 0
	var current int32
	for _, b := range byCluster(battles) {
		if clusters == 0 || b.Cluster != current {
			s.flush()
			clusters++
			current = b.Cluster
		}
		s.add(b)
	}
	s.flush()
	s.mirror()
	return s.meat, clusters
}

// scorer gathers one cluster at a time. Its memory depends on pairs and contestants only.
type scorer struct {
	t      *table
	chance [][2]float64 // by pair: that the lower contestant wins, that the upper does
	points [][2]float64 // by pair: points of both in this cluster
	met    []int32      // pairs of this cluster
	gain   []float64    // by contestant: u
	seen   []bool       // by contestant: is in here
	here   []int32      // contestants of this cluster
	dense  []float64    // u of those in here
	meat   []float64
}

func newScorer(t *table, strengths []float64) *scorer {
	n := len(t.active)
	s := &scorer{
		t:      t,
		chance: make([][2]float64, len(t.pairs)),
		points: make([][2]float64, len(t.pairs)),
		gain:   make([]float64, n),
		seen:   make([]bool, n),
		meat:   make([]float64, n*n),
	}
	for k, pr := range t.pairs {
		s.chance[k][0], s.chance[k][1] = chances(strengths[pr.i] - strengths[pr.j])
	}
	return s
}

func (s *scorer) add(b *Battle) {
	i, j, score := b.upward()
	k := s.t.pair(i, j)
	p := &s.points[k]
	if *p == [2]float64{} {
		s.met = append(s.met, k)
	}
	p[0] += b.Weight * score
	p[1] += b.Weight * (1 - score)
}

// flush adds u·uᵀ of the cluster gathered so far to meat and begins the next.
func (s *scorer) flush() {
	if !slices.IsSorted(s.met) {
		slices.Sort(s.met)
	}
	for _, k := range s.met {
		p, c := s.points[k], s.chance[k]
		s.points[k] = [2]float64{}
		surplus := p[0]*c[1] - p[1]*c[0]
		s.gained(s.t.pairs[k].i, surplus)
		s.gained(s.t.pairs[k].j, -surplus)
	}
	slices.Sort(s.here)
	s.square()
	for _, i := range s.here {
		s.gain[i], s.seen[i] = 0, false
	}
	s.met, s.here = s.met[:0], s.here[:0]
}

func (s *scorer) gained(i int32, surplus float64) {
	if !s.seen[i] {
		s.seen[i] = true
		s.here = append(s.here, i)
	}
	s.gain[i] += surplus
}

// square adds u·uᵀ to the lower triangle of meat.
func (s *scorer) square() {
	s.dense = s.dense[:0]
	for _, i := range s.here {
		s.dense = append(s.dense, s.gain[i])
	}
	for x, i := range s.here {
		row := s.meat[int(i)*len(s.gain):]
		u := s.dense[x]
		for y, j := range s.here[:x+1] {
			row[j] += u * s.dense[y]
		}
	}
}

// mirror copies the lower triangle to the upper one.
func (s *scorer) mirror() {
	n := len(s.gain)
	for i := range n {
		for j := range i {
			s.meat[j*n+i] = s.meat[i*n+j]
		}
	}
}
