package agreement

import (
	"math"
	"math/rand/v2"
	"testing"
)

// population are 900 items in three strata, on which two raters agree the less the rarer the stratum is.
func population() (strata [3][][2]int) {
	for h, agreed := range [3]float64{0.9, 0.6, 0.3} {
		for i := range [3]int{600, 210, 90}[h] {
			first := i % 3
			second := first
			if float64(i%100) >= 100*agreed {
				second = (first + 1 + i%2) % 3
			}
			strata[h] = append(strata[h], [2]int{first, second})
		}
	}
	return strata
}

// A sample with as many items of each stratum, whatever their sizes, says on average what all items say; the plain share of
// agreement in it does not.
func TestStratifiedIsUnbiased(t *testing.T) {
	strata := population()
	whole := NewPair(3)
	for _, items := range strata {
		for _, x := range items {
			whole.Add(x[0], x[1])
		}
	}
	truth := float64(whole.Agreed()) / 900
	kappa, _ := whole.Kappa()
	const rounds, each = 600, 15
	draw := rand.New(rand.NewPCG(1, 2))
	var sum, squares, kappas, plain float64
	covered := 0
	for range rounds {
		s, naive := NewStratified(3, 3), NewPair(3)
		for h, items := range strata {
			for range items {
				s.Meet(h)
			}
			for _, i := range draw.Perm(len(items))[:each] {
				s.Add(h, items[i][0], items[i][1])
				naive.Add(items[i][0], items[i][1])
			}
		}
		e, ok := s.Agreement()
		k, okK := s.Kappa()
		if !ok || !okK {
			t.Fatal("a sample of every stratum tells nothing")
		}
		sum, squares, kappas = sum+e.Value, squares+e.Value*e.Value, kappas+k.Value
		plain += float64(naive.Agreed()) / float64(naive.N())
		if e.Lower <= truth && truth <= e.Upper {
			covered++
		}
	}
	mean := sum / rounds
	se := math.Sqrt((squares/rounds - mean*mean) / rounds)
	if math.Abs(mean-truth) > 4*se {
		t.Errorf("the estimate is %.4f on average; want %.4f within %.4f", mean, truth, 4*se)
	}
	if math.Abs(plain/rounds-truth) < 0.1 {
		t.Errorf("the plain share is %.4f, and %.4f is true: the strata differ too little for this test to tell", plain/rounds, truth)
	}
	if math.Abs(kappas/rounds-kappa) > 0.02 {
		t.Errorf("kappa is %.3f on average; want %.3f", kappas/rounds, kappa)
	}
	if share := float64(covered) / rounds; share < 0.94 {
		t.Errorf("%.3f of the intervals hold the truth; want 0.95", share)
	}
}

func TestStratified(t *testing.T) {
	s := NewStratified(2, 3)
	if _, ok := s.Agreement(); ok || s.Effective() != 0 {
		t.Error("nothing at all is told to agree")
	}
	for range 8 {
		s.Meet(0)
	}
	for range 2 {
		s.Meet(1)
	}
	s.Add(0, 1, 1)
	if _, ok := s.Agreement(); ok {
		t.Error("a stratum of which nothing was drawn is passed over")
	}
	s.Add(1, 0, 1)
	if e, ok := s.Agreement(); !ok || math.Abs(e.Value-0.8) > 1e-12 || e.Lower >= 0.8 || e.Upper <= 0.8 || e.Upper > 1 {
		t.Errorf("one of 8 agrees, one of 2 does not: %+v, %v; want 0.8", e, ok)
	}
	if n := s.Effective(); math.Abs(n-1/0.68) > 1e-12 {
		t.Errorf("Effective() = %v; want 1 / (0.8² + 0.2²)", n)
	}
}

// With one stratum of which all is seen, figures are those of a Pair.
func TestStratifiedIsPair(t *testing.T) {
	s, p := NewStratified(3, 1), NewPair(3)
	for i := range 60 {
		x, y := i%3, (i+i/20)%3
		s.Meet(0)
		s.Add(0, x, y)
		p.Add(x, y)
	}
	got, _ := s.Kappa()
	want, _ := p.KappaInterval()
	plain, _ := p.Kappa()
	if math.Abs(got.Value-plain) > 1e-12 || math.Abs(got.Lower-want.Lower) > 1e-12 || want.Lower >= plain || want.Upper <= plain {
		t.Errorf("Kappa of one stratum = %+v; want %v within %+v", got, plain, want)
	}
	all := NewPair(2)
	for i := range 4 {
		all.Add(i%2, i%2)
	}
	if e, ok := all.KappaInterval(); !ok || e.Value != 1 || e.Upper != 1 || e.Lower > 0.5 {
		t.Errorf("kappa of 4 items that agree is %+v; want 1, and little certainty", e)
	}
	if _, ok := NewPair(2).KappaInterval(); ok {
		t.Error("kappa of nothing is told")
	}
}
