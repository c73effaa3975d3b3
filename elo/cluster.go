package elo

// scatter is a sum of u·uᵀ over clusters, where u is what a cluster adds to a gradient.
type scatter struct {
	u     []float64
	in    marks
	here  []int32   // who is in the cluster
	dense []float64 // u of those
	meat  []float64 // lower triangle
}

func newScatter(n int) *scatter {
	return &scatter{u: make([]float64, n), in: newMarks(n), meat: make([]float64, n*n)}
}

// add adds x to the i-th number of the cluster at hand.
func (s *scatter) add(i int32, x float64) {
	s.in.add(i)
	s.u[i] += x
}

// next ends the cluster at hand.
func (s *scatter) next() {
	s.here, s.dense = s.in.take(s.here[:0]), s.dense[:0]
	for _, i := range s.here {
		s.dense = append(s.dense, s.u[i])
		s.u[i] = 0
	}
	for x, i := range s.here {
		row, u := s.meat[int(i)*len(s.u):][:i+1], s.dense[x]
		if x == int(i) { // all up to here are in
			for y, v := range s.dense[:len(row)] {
				row[y] += u * v
			}
			continue
		}
		for y, j := range s.here[:x+1] {
			row[j] += u * s.dense[y]
		}
	}
}

// whole is the sum of several, with its upper triangle.
func whole(parts []*scatter) []float64 {
	n, meat := len(parts[0].u), parts[0].meat
	for i := range n {
		for j := range i + 1 {
			for _, p := range parts[1:] {
				meat[i*n+j] += p.meat[i*n+j]
			}
			meat[j*n+i] = meat[i*n+j]
		}
	}
	return meat
}

// parts is in how many a sum over battles is divided, for whatever number of cores: its bytes are to be the same on all.
// size is the memory of a part, in numbers; that of all is at most one number a battle.
func parts(battles, size int) int { return min(max(1, battles/max(size, leastPart)), 8) }

// leastPart is how many battles are worth a part. Only a test changes it.
var leastPart = 1 << 16

// clusterScatter is the sum over clusters of u·uᵀ, n×n, where u holds what each contestant gained in the cluster beyond
// what the strengths expect. It returns the number of clusters too. Inside a cluster battles are folded to pairs first,
// so that their order does not matter wherever it does not matter in [Counts].
func (t *table) clusterScatter(strengths []float64, battles []Battle) ([]float64, int) {
	n, way := len(t.active), byCluster(battles)
	cuts := way.cut(parts(len(battles), n*n))
	all, clusters := make([]*scatter, len(cuts)-1), make([]int, len(cuts)-1)
	chance := make([][2]float64, len(t.pairs))
	for k, pr := range t.pairs {
		chance[k][0], chance[k][1] = chances(strengths[pr.i] - strengths[pr.j])
	}
	inRounds(len(all), func() func(int) {
		return func(part int) {
			s := &scorer{table: t, chance: chance, points: make([][2]float64, len(t.pairs)), met: newMarks(len(t.pairs)), scatter: newScatter(n)}
			clusters[part] = s.walk(way, cuts[part], cuts[part+1])
			all[part] = s.scatter
		}
	})
	sum := 0
	for _, c := range clusters {
		sum += c
	}
	return whole(all), sum
}

// scorer gathers one cluster at a time. Its memory depends on pairs and contestants only.
type scorer struct {
	table  *table
	chance [][2]float64 // by pair: that the lower contestant wins, that the upper does
	points [][2]float64 // by pair: points of both in this cluster
	met    marks        // pairs of this cluster
	list   []int32
	*scatter
}

// walk goes over whole clusters and returns how many there are.
func (s *scorer) walk(way order, from, to int) (clusters int) {
	for k, starts := range way.part(from, to) {
		if starts {
			s.flush()
			clusters++
		}
		s.gather(&way.battles[k])
	}
	s.flush()
	return clusters
}

func (s *scorer) gather(b *Battle) {
	i, j, score := b.upward()
	k := s.table.pair(i, j)
	s.met.add(k)
	p := &s.points[k]
	p[0] += b.Weight * score
	p[1] += b.Weight * (1 - score)
}

// flush ends the cluster gathered so far, if there is one.
func (s *scorer) flush() {
	s.list = s.met.take(s.list[:0])
	for _, k := range s.list {
		p, c := s.points[k], s.chance[k]
		s.points[k] = [2]float64{}
		surplus := p[0]*c[1] - p[1]*c[0]
		s.add(s.table.pairs[k].i, surplus)
		s.add(s.table.pairs[k].j, -surplus)
	}
	s.next()
}
