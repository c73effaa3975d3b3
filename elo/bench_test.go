package elo

import (
	"math/rand/v2"
	"slices"
	"testing"
)

// A million battles of 100 contestants on 10,000 prompts, ascending as in key order and shuffled.
func million() (ascending, shuffled []Battle) {
	r := rand.New(rand.NewPCG(15, 16))
	ascending = random(r, 100, 1_000_000, 10_000)
	shuffled = slices.Clone(ascending)
	r.Shuffle(len(shuffled), func(i, j int) { shuffled[i], shuffled[j] = shuffled[j], shuffled[i] })
	return ascending, shuffled
}

func BenchmarkBradleyTerry(b *testing.B) {
	ascending, shuffled := million()
	for _, bb := range []struct {
		name     string
		battles  []Battle
		interval Interval
	}{
		{"sandwich", ascending, Sandwich},
		{"clustered", ascending, Clustered},
		{"clustered-shuffled", shuffled, Clustered},
		{"bootstrap-1000", ascending, Bootstrap},
		{"bootstrap-of-battles-1000", ascending, BootstrapBattles},
	} {
		b.Run(bb.name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				mustFit(b, 100, bb.battles, Options{Interval: bb.interval})
			}
		})
	}
}

// Three covariates, drawn by lot.
func BenchmarkCovariates(b *testing.B) {
	ascending, shuffled := million()
	dice := rand.New(rand.NewPCG(17, 18))
	covariates := make([][]float64, 3)
	for k := range covariates {
		for range ascending {
			covariates[k] = append(covariates[k], 2*dice.Float64()-1)
		}
	}
	for name, battles := range map[string][]Battle{"clustered": ascending, "clustered-shuffled": shuffled} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				mustFit(b, 100, battles, Options{Covariates: covariates})
			}
		})
	}
}

// One battle more, and the leaderboard of 20 contestants anew from what was counted.
func BenchmarkCounts(b *testing.B) {
	var c Counts
	battles := random(rand.New(rand.NewPCG(19, 20)), 20, 100_000, 1000)
	if err := c.Grow(20); err != nil {
		b.Fatal(err)
	}
	for _, battle := range battles {
		if err := c.Add(battle); err != nil {
			b.Fatal(err)
		}
	}
	for b.Loop() {
		if err := c.Add(battles[0]); err != nil {
			b.Fatal(err)
		}
		mustRate(b, &c, Options{Interval: Sandwich})
	}
}

func BenchmarkSequential(b *testing.B) {
	ascending, _ := million()
	for b.Loop() {
		if _, err := Sequential(100, slices.Values(ascending), Elo{}); err != nil {
			b.Fatal(err)
		}
	}
}
