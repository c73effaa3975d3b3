package judge

import (
	"strings"
	"testing"
)

func BenchmarkParse(b *testing.B) {
	analysis := strings.Repeat("Answer A names the right city and says why; answer B is wrong, however sure it sounds. ", 12)
	battle := plainCase
	battle.First = strings.Repeat("Canberra became the capital in 1913, as a compromise between Sydney and Melbourne. ", 20)
	for _, bm := range []struct{ name, reply string }{
		{"JSON", `{"analysis":"` + analysis + `","score_a":9,"score_b":2,"verdict":"A>>B"}`},
		{"label", analysis + "\n\n[[A>>B]]"},
		{"scores", analysis + "\nScore-A: 9\nScore-B: 2\n[[A>>B]]"},
		{"brackets", strings.Repeat("[", 1<<20)},
		{"objects", strings.Repeat(`{"a":`, 1<<18)},
	} {
		b.Run(bm.name, func(b *testing.B) {
			b.SetBytes(int64(len(bm.reply)))
			b.ReportAllocs()
			for b.Loop() {
				scoresVerdict{}.Parse(Reply{Text: bm.reply}, battle)
			}
		})
	}
}
