package battlefile

import (
	"bytes"
	"testing"

	"openarena/internal/testkit/battles"
	"openarena/pipeline/rating"
)

func BenchmarkRate(b *testing.B) {
	var text bytes.Buffer
	if err := battles.Write(&text, battles.Shape{Battles: 1_000_000, Models: 100, Prompts: 100_000}); err != nil {
		b.Fatal(err)
	}
	for _, interval := range []string{rating.Sandwich, rating.Clustered, rating.Bootstrap} {
		b.Run(interval, func(b *testing.B) {
			b.SetBytes(int64(text.Len()))
			b.ReportAllocs()
			for b.Loop() {
				s := rating.Default()
				s.Interval = interval
				f := New("bench", bytes.NewReader(text.Bytes()))
				if l, err := f.Rate(b.Context(), s); err != nil || l.Battles != 1_000_000 {
					b.Fatal(err)
				}
			}
		})
	}
}
