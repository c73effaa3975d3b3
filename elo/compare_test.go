package elo

import (
	"math"
	"math/rand/v2"
	"testing"
)

// season is an arena whose answers are as good in one battle as in another, and whose judge wavers: judged once more it says
// something else of the same answers.
type season struct {
	truth   []float64   // natural units
	quality [][]float64 // by prompt, then by contestant
}

// write has the contestants answer so many prompts.
func (s *season) write(rng *rand.Rand, prompts int) {
	for range prompts {
		var q []float64
		for _, x := range s.truth {
			q = append(q, x-math.Log(-math.Log(rng.Float64()))) // the difference of two is logistic
		}
		s.quality = append(s.quality, q)
	}
}

// judge judges the prompts from one number to another, and numbers their clusters from there.
func (s *season) judge(rng *rand.Rand, from, to int) (battles []Battle) {
	for prompt := from; prompt < to; prompt++ {
		q := s.quality[prompt]
		for a := range q {
			for b := range a {
				x, score := q[a]-q[b]+wavering*rng.NormFloat64(), 0.5
				if math.Abs(x) > hair/2 {
					score = (1 + x/math.Abs(x)) / 2
				}
				battles = append(battles, Battle{A: int32(a), B: int32(b), Cluster: int32(prompt), Score: score, Weight: 1})
			}
		}
	}
	return battles
}

// everybody are contestants with the same numbers in both fits.
func everybody(n int) (same [][2]int) {
	for i := range n {
		same = append(same, [2]int{i, i})
	}
	return same
}

func mustCompare(t testing.TB, n int, before, after []Battle) *Shift {
	t.Helper()
	s, err := Compare(mustFit(t, n, before, Options{Compared: true}), mustFit(t, n, after, Options{Compared: true}), everybody(n))
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// alarms counts how often a comparison finds something.
type alarms struct{ whole, single, any, n int }

func (a *alarms) see(s *Shift) {
	a.n++
	if s.P < 0.05 {
		a.whole++
	}
	found := false
	for _, c := range s.Changes {
		if c.P < 0.05 {
			a.single++
		}
		found = found || c.Holm < 0.05
	}
	if found {
		a.any++
	}
}

// TestFalseAlarms: where nothing changed about one comparison in twenty says that something did, however the two arenas hang
// together: the same answers judged again, other prompts, or the same database a while later; with many prompts and with few.
func TestFalseAlarms(t *testing.T) {
	for _, c := range []struct {
		what    string
		prompts int
		both    func(s *season, rng *rand.Rand, prompts int) (before, after []Battle)
	}{
		{"the same answers judged again", 100, rejudged},
		{"the same answers judged again, few prompts", 30, rejudged},
		{"other prompts", 100, otherPrompts},
		{"other prompts, few of them before", 20, func(s *season, rng *rand.Rand, prompts int) (before, after []Battle) {
			s.write(rng, 6*prompts)
			return s.judge(rng, 0, prompts), s.judge(rng, prompts, 6*prompts)
		}},
		{"a database that has grown", 100, grown},
		{"half of it judged again, and grown", 100, func(s *season, rng *rand.Rand, prompts int) (before, after []Battle) {
			s.write(rng, 2*prompts)
			before = s.judge(rng, 0, prompts)
			kept := before[:len(before)/2]
			return before, append(kept[:len(kept):len(kept)], s.judge(rng, prompts/2, 2*prompts)...)
		}},
	} {
		t.Run(c.what, func(t *testing.T) {
			n := arenas(12)
			var of alarms
			for seed := range uint64(n) {
				rng := rand.New(rand.NewPCG(seed, 11))
				s := &season{truth: []float64{-0.8, -0.3, 0, 0.2, 0.9}}
				before, after := c.both(s, rng, c.prompts)
				of.see(mustCompare(t, len(s.truth), before, after))
			}
			within(t, "nothing found in all ratings at once", 1-float64(of.whole)/float64(n), 0.93, 0.97, n)
			within(t, "nothing found in single ratings", 1-float64(of.single)/float64(5*n), 0.93, 0.97, n)
			within(t, "nothing found in any by Holm", 1-float64(of.any)/float64(n), 0.935, 1, n)
		})
	}
}

func rejudged(s *season, rng *rand.Rand, prompts int) (before, after []Battle) {
	s.write(rng, prompts)
	return s.judge(rng, 0, prompts), s.judge(rng, 0, prompts)
}

func otherPrompts(s *season, rng *rand.Rand, prompts int) (before, after []Battle) {
	s.write(rng, 2*prompts)
	return s.judge(rng, 0, prompts), s.judge(rng, prompts, 2*prompts)
}

func grown(s *season, rng *rand.Rand, prompts int) (before, after []Battle) {
	s.write(rng, 2*prompts)
	before = s.judge(rng, 0, prompts)
	return before, append(before[:len(before):len(before)], s.judge(rng, prompts, 2*prompts)...)
}

// TestRealChange: one of five models got 60 points better, with new answers to the 800 prompts that are there. It is found, and
// pairing makes the errors of all others smaller than they would be were the two arenas independent.
func TestRealChange(t *testing.T) {
	const prompts, gain = 800, 60
	n := arenas(3)
	found := 0
	for seed := range uint64(n) {
		rng := rand.New(rand.NewPCG(seed, 12))
		s := &season{truth: []float64{-0.8, -0.3, 0, 0.2, 0.9}}
		s.write(rng, prompts)
		before := s.judge(rng, 0, prompts)
		for _, q := range s.quality {
			q[2] = gain/scale - math.Log(-math.Log(rng.Float64()))
		}
		x, y := mustFit(t, 5, before, Options{Compared: true}), mustFit(t, 5, s.judge(rng, 0, prompts), Options{Compared: true})
		shift, err := Compare(x, y, everybody(5))
		if err != nil {
			t.Fatal(err)
		}
		if shift.P < 0.05 && shift.Changes[2].Holm < 0.05 && shift.Changes[2].Points > 0 {
			found++
		}
		x.moved = nil
		careful, err := Compare(x, y, everybody(5))
		if err != nil || careful.Paired {
			t.Fatal(careful, err)
		}
		for _, i := range []int{0, 1, 3, 4} {
			if paired, alone := shift.Changes[i].SE, careful.Changes[i].SE; paired > 0.9*alone {
				t.Errorf("seed %d, contestant %d: the standard error is %.1f, as if independent %.1f; want it smaller", seed, i, paired, alone)
			}
		}
	}
	share := float64(found) / float64(n)
	t.Logf("found in %.1f %% of %d arenas", 100*share, n)
	if least := 0.9 - 4*math.Sqrt(0.9*0.1/float64(n)); share < least {
		t.Errorf("found in %.2f of the arenas; want %.2f", share, least)
	}
}

// TestCompareTheSame: a copy of a database differs in nothing, and what is not there is not made up.
func TestCompareTheSame(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 13))
	s := &season{truth: []float64{-0.5, 0, 0.5}}
	s.write(rng, 40)
	battles := s.judge(rng, 0, 40)
	shift := mustCompare(t, 3, battles, battles)
	if !math.IsNaN(shift.P) || shift.Among != 0 || shift.Shared != 40 || !shift.Paired {
		t.Errorf("a copy: %+v; want no test of 40 shared clusters", shift)
	}
	for i, c := range shift.Changes {
		if !c.Compared || c.Points != 0 || c.SE != 0 || !math.IsNaN(c.P) || !math.IsNaN(c.Holm) {
			t.Errorf("contestant %d of a copy: %+v; want no change", i, c)
		}
	}
}

// TestCompareAlgebra: turned round differences change their sign and nothing else; and where no cluster is shared the variance
// is the sum of both, each n/(n-1) times that of its fit.
func TestCompareAlgebra(t *testing.T) {
	rng := rand.New(rand.NewPCG(2, 13))
	s := &season{truth: []float64{-0.5, 0, 0.5, 0.2}}
	s.write(rng, 90)
	before, after := s.judge(rng, 0, 40), s.judge(rng, 40, 90)
	there, back := mustCompare(t, 4, before, after), mustCompare(t, 4, after, before)
	if math.Abs(there.P-back.P) > 1e-9 || math.Abs(there.Wald-back.Wald) > 1e-6 || there.Before != 40 || there.After != 50 || back.After != 40 {
		t.Errorf("there %+v, back %+v; want the same", there, back)
	}
	x, y := mustFit(t, 4, before, Options{}), mustFit(t, 4, after, Options{})
	for i, c := range there.Changes {
		if d := back.Changes[i]; math.Abs(c.Points+d.Points) > 1e-9 || math.Abs(c.SE-d.SE) > 1e-9 || math.Abs(c.P-d.P) > 1e-9 {
			t.Errorf("contestant %d: there %+v, back %+v", i, c, d)
		}
		if want := math.Sqrt(x.cov[i*4+i]*40/39 + y.cov[i*4+i]*50/49); math.Abs(c.SE-want) > 1e-6 {
			t.Errorf("contestant %d: the standard error is %v; want %v", i, c.SE, want)
		}
	}
}

// TestInfluence: without a cluster ratings are about that much lower, with covariates and without.
func TestInfluence(t *testing.T) {
	rng := rand.New(rand.NewPCG(3, 13))
	s := &season{truth: []float64{-0.5, 0, 0.5}}
	s.write(rng, 60)
	battles := s.judge(rng, 0, 60)
	x := make([]float64, len(battles))
	for i := range x {
		x[i] = rng.Float64() - 0.5
	}
	for what, covariates := range map[string][][]float64{"alone": nil, "with a covariate": {x}} {
		f := mustFit(t, 3, battles, Options{Compared: true, Covariates: covariates})
		o := Options{}
		if covariates != nil {
			o.Covariates = [][]float64{x[3:]} // without the first prompt
		}
		without := mustFit(t, 3, battles[3:], o)
		for i, c := range f.Contestants {
			if got, want := f.moved.moves[0][i], c.Rating-without.Contestants[i].Rating; math.Abs(got-want) > 0.1*math.Abs(want)+0.3 {
				t.Errorf("%s: the first cluster moves contestant %d by %.2f points; want about %.2f", what, i, got, want)
			}
		}
	}
}

// TestCompareWhatCannotBe: whoever is not rated in both is not compared; without clustered intervals on both sides the fits are
// taken as independent; with hardly more clusters than contestants there is no test of all.
func TestCompareWhatCannotBe(t *testing.T) {
	rng := rand.New(rand.NewPCG(4, 13))
	s := &season{truth: []float64{-0.5, 0, 0.5, 0.1}}
	s.write(rng, 40)
	battles := s.judge(rng, 0, 40)
	won := []Battle{{A: 0, B: 1, Score: 1, Weight: 1}, {A: 1, B: 2, Cluster: 1, Score: 0.5, Weight: 1}}
	x, y := mustFit(t, 4, battles, Options{Compared: true}), mustFit(t, 4, won, Options{Compared: true})
	shift, err := Compare(x, y, [][2]int{{0, 0}, {1, 1}, {2, 2}, {3, 3}})
	if err != nil || shift.Paired || shift.Changes[3].Compared || !shift.Changes[0].Compared {
		t.Errorf("beside virtual ties: %+v, %v; want three compared, as independent", shift, err)
	}
	few := mustCompare(t, 4, s.judge(rng, 0, 4), s.judge(rng, 0, 4))
	if !math.IsNaN(few.P) {
		t.Errorf("four clusters: p %v of %d differences, %v degrees of freedom; want none", few.P, few.Among, few.Freedom)
	}
	if _, err := Compare(x, y, [][2]int{{0, 4}}); err == nil {
		t.Error("a contestant that is not there is compared")
	}
	if shift, err := Compare(x, y, nil); err != nil || !math.IsNaN(shift.P) {
		t.Errorf("nobody: %+v, %v", shift, err)
	}
}
