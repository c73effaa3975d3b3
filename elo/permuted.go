package elo

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
)

// Spread is the sequential rating of a contestant over many orders of the same battles, in points.
type Spread struct {
	Mean float64
	SD   float64 // over the orders: how much a rating owes to the order alone
}

// Permuted is [Sequential] over so many random orders of the battles, which depend on the seed only. The mean over them is
// what sequential ratings say when nobody decides who comes first. It needs 4 bytes a battle for each core.
func Permuted(n int, battles []Battle, e Elo, orders int, seed uint64) ([]Spread, error) {
	if orders < 1 {
		return nil, fmt.Errorf("%d orders: must be 1 at least; 100 are usual", orders)
	}
	// One pass finds what is wrong with the battles, in their own order.
	if _, err := Sequential(n, slices.Values(battles), e); err != nil {
		return nil, err
	}
	ratings := make([][]float64, orders)
	inRounds(orders, func() func(int) {
		order := make([]int32, len(battles))
		return func(round int) {
			for i := range order {
				order[i] = int32(i)
			}
			rng := rand.New(rand.NewPCG(seed, uint64(round)))
			rng.Shuffle(len(order), func(i, j int) { order[i], order[j] = order[j], order[i] })
			s, _ := e.start(n) // which worked above
			for _, i := range order {
				s.play(battles[i])
			}
			ratings[round] = s.ratings
		}
	})
	spreads := make([]Spread, n)
	for i := range spreads {
		spreads[i] = spreadOf(ratings, i)
	}
	return spreads, nil
}

// spreadOf is the spread of contestant i over the rounds.
func spreadOf(ratings [][]float64, i int) (s Spread) {
	for _, r := range ratings {
		s.Mean += r[i] / float64(len(ratings))
	}
	if len(ratings) < 2 {
		return s
	}
	squares := 0.0
	for _, r := range ratings {
		squares += (r[i] - s.Mean) * (r[i] - s.Mean)
	}
	s.SD = math.Sqrt(squares / float64(len(ratings)-1))
	return s
}
