package agreement

// Pair counts how two raters put the same items into the classes 0 to classes-1.
type Pair struct {
	classes int
	counts  []int64 // by class of the first, then of the second
	n       int64
}

// NewPair returns counts of nothing yet.
func NewPair(classes int) *Pair {
	return &Pair{classes: classes, counts: make([]int64, classes*classes)}
}

// Add counts one item. The classes must be there.
func (p *Pair) Add(first, second int) {
	p.counts[first*p.classes+second]++
	p.n++
}

// N is the number of items.
func (p *Pair) N() int64 { return p.n }

// Count is the number of items that the first put into one class and the second into another.
func (p *Pair) Count(first, second int) int64 { return p.counts[first*p.classes+second] }

// Agreed is the number of items that both put into the same class.
func (p *Pair) Agreed() (n int64) {
	for c := range p.classes {
		n += p.counts[c*p.classes+c]
	}
	return n
}

// Kappa is Cohen's kappa,
//
//	κ = (p_o − p_e) / (1 − p_e),  p_o = Σ_c n_cc / n,  p_e = Σ_c (n_c. / n) · (n_.c / n),
//
// the share of what agreement could be gained over chance: 1 is always, 0 no more than two raters who draw lots with these
// frequencies. It is false where both put every item into one and the same class, for then chance explains everything.
//
// J. Cohen, A coefficient of agreement for nominal scales, Educational and Psychological Measurement 20 (1960), 37–46.
func (p *Pair) Kappa() (float64, bool) {
	// In whole numbers as long as possible: κ = (n Σ n_cc − Σ n_c. n_.c) / (n² − Σ n_c. n_.c).
	var chance float64
	for c := range p.classes {
		var row, column int64
		for d := range p.classes {
			row += p.counts[c*p.classes+d]
			column += p.counts[d*p.classes+c]
		}
		chance += float64(row) * float64(column)
	}
	n := float64(p.n)
	if n*n == chance {
		return 0, false
	}
	return (n*float64(p.Agreed()) - chance) / (n*n - chance), true
}
