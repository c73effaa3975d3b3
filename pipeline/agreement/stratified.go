package agreement

// Stratified compares two raters on items that were drawn from strata at different rates, and says how far they agree on all
// items of the strata. With N_h items of stratum h, n_h of which were drawn, an item stands for N_h/n_h of its own kind: the
// inverse of the probability of being drawn (Horvitz and Thompson, JASA 47 (1952), 663–685). The estimate of a share is
//
//	p = Σ_h W_h p_h, W_h = N_h / Σ N,
//
// which is unbiased where each item of a stratum was as likely as any other to be drawn, however often others were
// (W. G. Cochran, Sampling Techniques, 3rd edition, 1977, §5.3). A stratum of which nothing was drawn leaves nothing to tell.
type Stratified struct {
	classes int
	strata  []stratum
}

type stratum struct {
	items, drawn int64
	counts       []int64 // first × second
}

// NewStratified is for ratings 0 … classes−1 in that many strata.
func NewStratified(classes, strata int) *Stratified {
	s := &Stratified{classes, make([]stratum, strata)}
	for i := range s.strata {
		s.strata[i].counts = make([]int64, classes*classes)
	}
	return s
}

// Meet counts an item, drawn or not.
func (s *Stratified) Meet(of int) { s.strata[of].items++ }

// Add counts what both say of an item that was drawn; Meet counted it, too.
func (s *Stratified) Add(of, first, second int) {
	h := &s.strata[of]
	h.drawn++
	h.counts[first*s.classes+second]++
}

// Estimate is what a sample says of a whole, with its 95 % interval.
type Estimate struct{ Value, Lower, Upper float64 }

// weighed are the shares of all items in each cell, first × second, and how many items drawn evenly would tell as much:
// 1 / Σ W_h²/n_h (L. Kish, Survey Sampling, 1965, §11.7). False: a stratum has items of which none was drawn, or
// there are none at all.
func (s *Stratified) weighed() (cells []float64, effective float64, ok bool) {
	cells = make([]float64, s.classes*s.classes)
	all, spread := 0.0, 0.0
	for _, h := range s.strata {
		all += float64(h.items)
	}
	for _, h := range s.strata {
		if h.items == 0 {
			continue
		}
		if h.drawn == 0 {
			return nil, 0, false
		}
		weight := float64(h.items) / all
		for i, n := range h.counts {
			cells[i] += weight * float64(n) / float64(h.drawn)
		}
		spread += weight * weight / float64(h.drawn)
	}
	if spread == 0 {
		return nil, 0, false
	}
	return cells, 1 / spread, true
}

// Effective is how many items drawn evenly would tell as much; 0 where nothing can be told.
func (s *Stratified) Effective() float64 {
	_, n, _ := s.weighed()
	return n
}

// Agreement is the share of all items on which both say the same. Its interval is Wilson's for Effective items.
func (s *Stratified) Agreement() (e Estimate, ok bool) {
	cells, n, ok := s.weighed()
	if !ok {
		return e, false
	}
	for c := range s.classes {
		e.Value += cells[c*s.classes+c]
	}
	e.Value = min(1, e.Value) // which rounding may pass
	e.Lower, e.Upper = wilson(e.Value*n, n)
	return e, true
}

// Kappa is Cohen's kappa over all items; see [Pair.KappaInterval].
func (s *Stratified) Kappa() (Estimate, bool) {
	cells, n, ok := s.weighed()
	if !ok {
		return Estimate{}, false
	}
	return kappa(cells, s.classes, n)
}

// KappaInterval is Kappa with its 95 % interval: chance is held fixed, as in Cohen (1960), and agreement has Wilson's interval,
//
//	(p − p_e) / (1 − p_e) for both ends p of the interval of p_o.
//
// Other than κ ± z·σ it keeps a width where both always agree; it is rather too wide than too narrow (J. L. Fleiss, J. Cohen and
// B. S. Everitt, Psychological Bulletin 72 (1969), 323–327). False: as Kappa.
func (p *Pair) KappaInterval() (Estimate, bool) {
	if p.n == 0 {
		return Estimate{}, false
	}
	cells := make([]float64, len(p.counts))
	for i, n := range p.counts {
		cells[i] = float64(n) / float64(p.n)
	}
	return kappa(cells, p.classes, float64(p.n))
}

// kappa is that of shares, with its interval as if they were those of n items.
func kappa(cells []float64, classes int, n float64) (e Estimate, ok bool) {
	same, chance := 0.0, 0.0
	for i := range classes {
		first, second := 0.0, 0.0
		for j := range classes {
			first += cells[i*classes+j]
			second += cells[j*classes+i]
		}
		same += cells[i*classes+i]
		chance += first * second
	}
	if 1-chance < 1e-12 {
		return e, false // nobody says but one thing
	}
	beyond := func(p float64) float64 { return max(-1, min(1, (p-chance)/(1-chance))) }
	lower, upper := wilson(min(1, same)*n, n)
	return Estimate{beyond(same), beyond(lower), beyond(upper)}, true
}
