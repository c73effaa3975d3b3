package columns

import (
	"math/rand/v2"
	"testing"
)

// BenchmarkSelect looks for battles among a million judgments.
func BenchmarkSelect(b *testing.B) {
	dice := rand.New(rand.NewPCG(1, 1))
	c := build(b, shape{83_334, 4, 1, 2}, func(_ int, of *Battle, _ *Builder) {
		of.Outcome, of.Level = Outcome(dice.IntN(6)), float64(dice.IntN(9))/2-2
		for i := range of.Verdicts {
			of.Verdicts[i].State, of.Verdicts[i].Level = Decided, dice.IntN(5)-2
		}
	})
	for name, q := range map[string]Query{"all": {}, "several": {Model: "B", Versus: "A", Outcome: "won", Category: "maths"}, "margin": {Judge: "Ja", Verdict: "better", Order: "margin"}} {
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				c.recent.all = nil
				if _, err := c.Select(q); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
	b.ReportMetric(float64(c.Bytes())/float64(c.Judgments()), "B/judgment")
}
