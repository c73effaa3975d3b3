package battlefile

import (
	"bytes"
	"fmt"
	"testing"

	"openarena/internal/testkit/battles"
)

func BenchmarkRead(b *testing.B) {
	for _, csv := range []bool{false, true} {
		for _, prompts := range []int{0, 100_000} {
			var text bytes.Buffer
			if err := battles.Write(&text, battles.Shape{Battles: 1_000_000, Models: 100, Prompts: prompts, CSV: csv}); err != nil {
				b.Fatal(err)
			}
			b.Run(fmt.Sprintf("csv=%v/prompts=%d", csv, prompts), func(b *testing.B) {
				b.SetBytes(int64(text.Len()))
				b.ReportAllocs()
				for b.Loop() {
					n := 0
					f := New("bench", bytes.NewReader(text.Bytes()))
					err := f.Read(b.Context(), Want{Clusters: prompts > 0}, func(*Battle) error { n++; return nil })
					if err != nil || n != 1_000_000 {
						b.Fatal(n, err)
					}
				}
			})
		}
	}
}
