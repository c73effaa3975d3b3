package elo

import (
	"encoding/binary"
	"errors"
	"math"
	"math/rand/v2"
	"slices"
	"testing"
)

// decode reads battles from bytes, 5 or 18 a battle: small ones with usual outcomes, and ones with any bits for score and weight.
func decode(raw []byte) (n int, battles []Battle) {
	const contestants = 12
	for len(raw) >= 5 {
		b := Battle{
			A: int32(raw[0] % contestants), B: int32(raw[1] % contestants),
			Cluster: int32(int8(raw[2])), Score: float64(raw[3]%5) / 4, Weight: 1,
		}
		if wild := raw[4]&1 == 1; wild && len(raw) >= 18 {
			b.Score = math.Abs(math.Float64frombits(binary.LittleEndian.Uint64(raw[2:])))
			b.Weight = math.Abs(math.Float64frombits(binary.LittleEndian.Uint64(raw[10:])))
			raw = raw[13:]
		}
		battles = append(battles, b)
		raw = raw[5:]
	}
	return contestants, battles
}

// FuzzFit holds every number of whatever is accepted to be finite and every bound to its side, and compares what was
// found with what has to hold at a maximum: nobody has more or fewer points than the ratings expect.
func FuzzFit(f *testing.F) {
	f.Add([]byte{0, 1, 0, 4, 0, 1, 0, 0, 4, 0})
	f.Add([]byte{0, 1, 0, 4, 0, 1, 2, 1, 4, 0, 2, 3, 2, 4, 0})
	f.Add([]byte{0, 1, 0, 2, 0, 2, 3, 1, 2, 0})
	wild := binary.LittleEndian.AppendUint64([]byte{0, 1}, math.Float64bits(1e-12))
	wild = binary.LittleEndian.AppendUint64(wild, math.Float64bits(MaxWeight))
	wild[4] |= 1
	f.Add(wild)
	f.Fuzz(func(t *testing.T, raw []byte) {
		n, battles := decode(raw)
		battles = slices.DeleteFunc(battles, func(b Battle) bool {
			var be *BattleError
			return errors.As(check(n, 0, b), &be)
		})
		for _, interval := range []Interval{Clustered, Sandwich, ModelBased} {
			fit, err := BradleyTerry(n, battles, Options{Interval: interval})
			if err != nil {
				t.Fatal(err)
			}
			finite(t, fit)
			stationary(t, fit, battles)
			goesOn(t, fit)
		}
		ratings, err := Sequential(n, slices.Values(battles), Elo{})
		if err != nil {
			t.Fatal(err)
		}
		for i, r := range ratings {
			if math.IsNaN(r) || math.IsInf(r, 0) {
				t.Errorf("Elo of %d = %v", i, r)
			}
		}
	})
}

// Scores down to 1e-300 and weights over twelve powers of ten, also along chains, where one outcome decides about many:
// a Newton search with nothing but halving runs aground on two of these boards.
func TestWildBoardsAreRated(t *testing.T) {
	r := rand.New(rand.NewPCG(17, 25))
	for round := range 600 {
		n := 2 + r.IntN(30)
		battles := wild(r, n, round%3 == 0)
		f := mustFit(t, n, battles, Options{Interval: Interval(round % 3)})
		finite(t, f)
		stationary(t, f, battles)
		goesOn(t, f)
	}
}

func wild(r *rand.Rand, n int, chain bool) []Battle {
	battles := make([]Battle, 1+r.IntN(6*n))
	for k := range battles {
		a := r.IntN(n)
		b := (a + 1 + r.IntN(n-1)) % n
		if chain {
			a = r.IntN(n - 1)
			b = a + 1
		}
		score := [...]float64{1, 0, 0.5, r.Float64(), math.Pow(10, -300*r.Float64())}[r.IntN(5)]
		battles[k] = Battle{A: int32(a), B: int32(b), Cluster: int32(r.IntN(9)), Score: score, Weight: math.Pow(10, 12*r.Float64()-6)}
	}
	return battles
}

// Covariates over twelve powers of ten, and others that are 0 often, beside such scores and weights: whatever is drawn by lot.
func TestWildCovariatesAreRated(t *testing.T) {
	r := rand.New(rand.NewPCG(18, 26))
	for round := range 60 {
		n := 2 + r.IntN(12)
		battles := wild(r, n, false)
		covariates := [][]float64{make([]float64, len(battles)), make([]float64, len(battles))}
		for k := range battles {
			covariates[0][k] = (2*r.Float64() - 1) * math.Pow(10, 12*r.Float64()-6)
			covariates[1][k] = float64(r.IntN(3) - 1)
		}
		finite(t, mustFit(t, n, battles, Options{Interval: Interval(round % 5), Rounds: 5, Covariates: covariates[round%2:]}))
	}
}

// goesOn asks for more battles under every kind of goal.
func goesOn(t *testing.T, f *Fit) {
	t.Helper()
	for _, g := range []Goal{{Confidence: 0.95}, {Top: 1, Confidence: 0.5, Indifference: 60}, {Top: 3, Confidence: 0.999, Indifference: 1e9}} {
		open, err := f.Open(g)
		if err != nil {
			t.Fatal(err)
		}
		for _, c := range open {
			if !(c.Points >= 0 && c.SE > 0) || math.IsInf(c.Points, 0) {
				t.Errorf("under %+v %+v is open; want numbers", g, c)
			}
		}
		for _, p := range f.Next(open, 4, roomy, 1) {
			if p[0] >= p[1] || p[0] < 0 || p[1] >= len(f.Contestants) {
				t.Errorf("Next() = %v of %d contestants", p, len(f.Contestants))
			}
		}
	}
	for i := range f.Contestants {
		if n, ok := f.Needed(0, i); n < 0 || ok && i == 0 {
			t.Errorf("Needed(0, %d) = %d, %v", i, n, ok)
		}
	}
}

func finite(t failing, f *Fit) {
	t.Helper()
	for i, c := range f.Contestants {
		if sum := c.Rating + c.Lower + c.Upper; math.IsNaN(sum) || math.IsInf(sum, 0) {
			t.Errorf("contestant %d: %+v", i, c)
		}
		if c.Rated && !(c.Lower <= c.Rating && c.Rating <= c.Upper && c.Rank >= 1) {
			t.Errorf("contestant %d: %+v", i, c)
		}
		for j := range f.Contestants {
			if d, se, _ := f.Difference(i, j); math.IsNaN(d) || math.IsNaN(se) || math.IsInf(se, 0) {
				t.Errorf("Difference(%d, %d) = %v, %v", i, j, d, se)
			}
		}
	}
	for k, e := range f.Effects {
		if sum := e.Coefficient + e.SE; math.IsNaN(sum) || math.IsInf(sum, 0) {
			t.Errorf("effect %d: %+v", k, e)
		}
	}
	if math.IsNaN(f.LogLikelihood) || math.IsInf(f.LogLikelihood, 0) {
		t.Errorf("LogLikelihood = %v", f.LogLikelihood)
	}
}

// stationary checks the likelihood equations of a sound fit, battle by battle.
func stationary(t *testing.T, f *Fit, battles []Battle) {
	t.Helper()
	if f.Prior {
		return
	}
	surplus, weight := make([]float64, len(f.Contestants)), 0.0
	for _, b := range battles {
		p := 1 / (1 + math.Exp((f.Contestants[b.B].Rating-f.Contestants[b.A].Rating)/scale))
		surplus[b.A] += b.Weight * (b.Score - p)
		surplus[b.B] -= b.Weight * (b.Score - p)
		weight += b.Weight
	}
	for i, s := range surplus {
		if math.Abs(s) > 1e-9*max(1, weight) {
			t.Errorf("contestant %d has %v points more than its rating expects", i, s)
		}
	}
}
