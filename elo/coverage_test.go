package elo

import (
	"math"
	"math/rand/v2"
	"os"
	"testing"
)

// arenas is how many of them are simulated: 1,000 by `make rating`, otherwise few.
func arenas(few int) int {
	if os.Getenv("OPENARENA_RATING") != "" {
		return 1000
	}
	return few
}

// covered counts how often intervals hold the truth.
type covered struct{ in, of []int }

func (c *covered) see(f *Fit, truth []float64) {
	mean := 0.0
	for _, x := range truth {
		mean += x / float64(len(truth))
	}
	for i, x := range truth {
		if i == len(c.of) {
			c.in, c.of = append(c.in, 0), append(c.of, 0)
		}
		c.of[i]++
		if line, rating := f.Contestants[i], 1000+scale*(x-mean); line.Lower <= rating && rating <= line.Upper {
			c.in[i]++
		}
	}
}

// rate is that of all contestants together, worst that of the one who is covered least.
func (c *covered) rate() (pooled, worst float64) {
	in, of := 0, 0
	worst = 1
	for i := range c.of {
		in, of = in+c.in[i], of+c.of[i]
		worst = min(worst, float64(c.in[i])/float64(c.of[i]))
	}
	return float64(in) / float64(of), worst
}

// within holds a share of so many arenas to bounds, which four standard errors of fewer than 1,000 arenas loosen.
func within(t *testing.T, what string, share, least, most float64, arenas int) {
	t.Helper()
	t.Logf("%s: %.1f %% of %d arenas", what, 100*share, arenas)
	slack := 0.0
	if arenas < 1000 {
		slack = 4 * math.Sqrt(0.95*0.05/float64(arenas))
	}
	if share < least-slack || share > most+slack {
		t.Errorf("%s: intervals of 95 %% hold the truth in %.1f %%; want %.0f to %.0f", what, 100*share, 100*least, 100*most)
	}
}

// independent draws battles one by one: 5 to 10 contestants, 8 to 40 battles a pair, and a share of ties as large as the
// chances allow at most.
func independent(rng *rand.Rand) (battles []Battle, truth []float64) {
	n, each, tied := 5+rng.IntN(6), 8+rng.IntN(33), rng.Float64()
	for range n {
		truth = append(truth, 0.8*rng.NormFloat64())
	}
	for a := range int32(n) {
		for b := range a {
			p, q := chances(truth[a] - truth[b])
			tie := tied * 2 * min(p, q) // half of it is taken from each side, so that A's mean score stays p
			for range each {
				score := 0.0
				switch u := rng.Float64(); {
				case u < tie:
					score = 0.5
				case u < tie/2+p:
					score = 1
				}
				battles = append(battles, Battle{A: a, B: b, Cluster: int32(len(battles)), Score: score, Weight: 1})
			}
		}
	}
	return battles, truth
}

// byPrompt draws answers, each as good in all battles over its prompt: 4 to 10 contestants, 100 to 300 prompts, half of the
// pairs. The difference of two Gumbel numbers is logistic, so that single battles go as Bradley-Terry has it.
func byPrompt(rng *rand.Rand) (battles []Battle, truth []float64) {
	n, prompts := 4+rng.IntN(7), 100+rng.IntN(201)
	for range n {
		truth = append(truth, 0.8*rng.NormFloat64())
	}
	quality := make([]float64, n)
	for prompt := range int32(prompts) {
		for i := range quality {
			quality[i] = truth[i] - math.Log(-math.Log(rng.Float64()))
		}
		for a := range int32(n) {
			for b := range a {
				if rng.IntN(2) == 0 {
					continue
				}
				score := 0.0
				if quality[a] > quality[b] {
					score = 1
				}
				battles = append(battles, Battle{A: a, B: b, Cluster: prompt, Score: score, Weight: 1})
			}
		}
	}
	return battles, truth
}

func TestCoverage(t *testing.T) {
	n := arenas(60)
	var alone, hanging, taken covered
	for seed := range uint64(n) {
		battles, truth := independent(rand.New(rand.NewPCG(seed, 1)))
		alone.see(mustFit(t, len(truth), battles, Options{Interval: Sandwich}), truth)
		battles, truth = byPrompt(rand.New(rand.NewPCG(seed, 2)))
		hanging.see(mustFit(t, len(truth), battles, Options{}), truth)
		taken.see(mustFit(t, len(truth), battles, Options{Interval: Sandwich}), truth)
	}
	share, _ := alone.rate()
	within(t, "independent battles, sandwich", share, 0.94, 0.96, n)
	share, _ = hanging.rate()
	within(t, "battles that hang together by prompt, clustered", share, 0.93, 0.97, n)
	share, _ = taken.rate()
	if t.Logf("the same taken for independent: %.1f %%", 100*share); share > 0.9 {
		t.Error("battles of a prompt do not hang together: the simulation shows nothing")
	}
}

// The bounds of a bootstrap by prompt hold as much.
func TestCoverageOfBootstrap(t *testing.T) {
	n := arenas(8)
	rounds := min(200, 10*n)
	var hanging covered
	for seed := range uint64(n) {
		battles, truth := byPrompt(rand.New(rand.NewPCG(seed, 2)))
		hanging.see(mustFit(t, len(truth), battles, Options{Interval: Bootstrap, Rounds: rounds, Seed: seed}), truth)
	}
	share, _ := hanging.rate()
	within(t, "battles that hang together by prompt, bootstrap", share, 0.92, 0.97, n)
}

// judgeOf is a judge with a taste for length and for the first place, in natural units. Who is stronger writes more, and is shown
// first as often as said.
type judgeOf struct{ length, first, often float64 }

func (j judgeOf) battles(rng *rand.Rand, truth []float64, prompts int32) (battles []Battle, longer, slot []float64) {
	sizes := make([]float64, len(truth))
	for prompt := range prompts {
		for i := range sizes {
			sizes[i] = math.Exp(truth[i] + rng.NormFloat64()/2)
		}
		for a := range int32(len(truth)) {
			for b := range a {
				x, s := (sizes[a]-sizes[b])/(sizes[a]+sizes[b]), -1.
				if rng.Float64() < j.often {
					s = 1
				}
				p, _ := chances(truth[a] - truth[b] + j.length*x + j.first*s)
				score := 0.0
				if rng.Float64() < p {
					score = 1
				}
				battles = append(battles, Battle{A: a, B: b, Cluster: prompt, Score: score, Weight: 1})
				longer, slot = append(longer, x), append(slot, s)
			}
		}
	}
	return battles, longer, slot
}

// What a judge of known bias adds is found, and ratings at equal length and place are covered, each of them; those without
// control are not. Where two are three standard errors apart they stand in the right order.
func TestCoverageUnderBias(t *testing.T) {
	truth := []float64{-0.6, -0.3, -0.1, 0.1, 0.3, 0.6}
	for _, c := range []struct {
		what  string
		judge judgeOf
	}{
		{"length", judgeOf{length: 0.8, often: 0.5}},
		{"first place", judgeOf{first: 0.4, often: 0.2}},
		{"both", judgeOf{length: 0.8, first: 0.4, often: 0.8}},
	} {
		t.Run(c.what, func(t *testing.T) {
			j := c.judge
			n := arenas(12)
			var controlled, plain covered
			effects := [2]int{}
			for seed := range uint64(n) {
				battles, longer, slot := j.battles(rand.New(rand.NewPCG(seed, 3)), truth, 120)
				f := mustFit(t, len(truth), battles, Options{Covariates: [][]float64{longer, slot}})
				controlled.see(f, truth)
				plain.see(mustFit(t, len(truth), battles, Options{}), truth)
				inOrder(t, f)
				for k, want := range []float64{j.length, j.first} {
					if e := f.Effects[k]; math.Abs(e.Coefficient-want) <= z95*e.SE {
						effects[k]++
					}
				}
			}
			pooled, worst := controlled.rate()
			within(t, "controlled ratings", pooled, 0.93, 0.97, n)
			within(t, "the one that is covered least", worst, 0.93, 1, n)
			for k, effect := range []string{"the effect of length", "that of the first place"} {
				within(t, effect, float64(effects[k])/float64(n), 0.93, 1, n)
			}
			if share, _ := plain.rate(); share > 0.8 {
				t.Errorf("ratings without control are covered in %.1f %%: the bias shows nothing", 100*share)
			} else {
				t.Logf("without control: %.1f %%", 100*share)
			}
		})
	}
}

// inOrder: the strengths ascend.
func inOrder(t *testing.T, f *Fit) {
	t.Helper()
	for a := range f.Contestants {
		for b := range a {
			if points, se, ok := f.Difference(b, a); !ok || points > 3*se {
				t.Errorf("%d is rated %.0f points above %d, with a standard error of %.0f", b, points, a, se)
			}
		}
	}
}
