package rating

import (
	"math/rand/v2"
	"testing"
)

// BenchmarkBallot is what a battle takes until it is counted, and what it takes of memory, with the ratings at the end.
func BenchmarkBallot(b *testing.B) {
	r := rand.New(rand.NewPCG(1, 2))
	battles := make([]Battle, 1_000_000)
	for i := range battles {
		x := int32(r.IntN(100))
		score := float64(r.IntN(3)) / 2
		battles[i] = battle(x, (x+1+int32(r.IntN(99)))%100, int32(i/100), score)
	}
	for name, s := range map[string]Settings{"clustered": {}, "sandwich": {Interval: Sandwich}, "elo": {Method: Elo}, "pairs": {Pairs: true}} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				ballot := New(s)
				for i := range 100 {
					ballot.Model(string(rune('A' + i)))
				}
				for i := range battles {
					if err := ballot.Add(battles[i]); err != nil {
						b.Fatal(err)
					}
				}
				if _, err := ballot.Rate(b.Context()); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
