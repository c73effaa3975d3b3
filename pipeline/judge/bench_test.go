package judge

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"openarena/providers"
)

// Replies as judges write them, and a battle whose answers they do not repeat.
var (
	benchAnalysis = strings.Repeat("Answer A names the right city and says why; answer B is wrong, however sure it sounds. ", 12)
	benchObject   = `{"analysis":"` + benchAnalysis + `","score_a":9,"score_b":2,"verdict":"A>>B"}`
	benchBattle   = Case{
		Messages: plainCase.Messages,
		First:    strings.Repeat("Canberra became the capital in 1913, as a compromise between Sydney and Melbourne. ", 12),
		Second:   strings.Repeat("Sydney is by far the largest city of the country, so that it has to be its capital. ", 12),
	}
)

func BenchmarkParse(b *testing.B) {
	for _, bm := range []struct {
		name, reply string
		c           Case
	}{
		{"JSON", benchObject, benchBattle},
		{"JSON, no answers", benchObject, Case{}},
		{"label", benchAnalysis + "\n\n[[A>>B]]", benchBattle},
		{"label, no answers", benchAnalysis + "\n\n[[A>>B]]", Case{}},
		{"scores", benchAnalysis + "\nScore-A: 9\nScore-B: 2\n[[A>>B]]", benchBattle},
	} {
		b.Run(bm.name, func(b *testing.B) {
			b.SetBytes(int64(len(bm.reply)))
			b.ReportAllocs()
			for b.Loop() {
				scoresVerdict{}.Parse(Reply{Text: bm.reply}, bm.c)
			}
		})
	}
	b.Run("prose", func(b *testing.B) {
		reply := benchAnalysis + "\nTherefore, answer A is better."
		b.SetBytes(int64(len(reply)))
		for b.Loop() {
			ReadProse(scoresVerdict{}, Reply{Text: reply}, benchBattle)
		}
	})
}

// How much longer a reply takes than encoding/json takes to decode it, by turns in one run.
func BenchmarkParseAgainstJSON(b *testing.B) {
	var ours, theirs time.Duration
	for b.Loop() {
		start := time.Now()
		scoresVerdict{}.Parse(Reply{Text: benchObject}, benchBattle)
		half := time.Now()
		var v struct {
			Analysis string  `json:"analysis"`
			ScoreA   float64 `json:"score_a"`
			ScoreB   float64 `json:"score_b"`
			Verdict  string  `json:"verdict"`
		}
		if err := json.Unmarshal([]byte(benchObject), &v); err != nil {
			b.Fatal(err)
		}
		ours, theirs = ours+half.Sub(start), theirs+time.Since(half)
	}
	b.ReportMetric(float64(ours)/float64(theirs), "×encoding/json")
	b.ReportMetric(0, "ns/op")
}

// hostile are shapes that cost a careless parser more than linear time.
var hostile = map[string]string{
	"brackets": "[", "brackets apart": "[ ", "pairs": "[[", "closing": "]", "braces": "{", "objects": `{"a":`, "arrays": `{"a":[`, "quotes": `"`,
	"keys": `{"`, "escapes": `\`, "escaped quotes": `\"`, "tags": "<think>", "closing tags": "</think>", "angles": "<", "labels": "[[A>B]]",
	"half labels": "[[A>", "scores": "Score-A: 8, ", "score lines": "Score-A: 8\n", "verdict lines": "Verdict:\n", "wide": "［", "zero-width": "\u200b",
	"verdict objects": `{"verdict":"A>B"}`, "fences": "<answer_a id=000000000000>", "names": "(a) ", "claims": "A is better ", "the": "the ",
}

// A megabyte of each, alone and with answers as large that are the same, or nearly so.
func BenchmarkHostile(b *testing.B) {
	eachHostile(b, func(r Reply, c Case) { scoresVerdict{}.Parse(r, c) })
}

// The same where plain words are read too.
func BenchmarkHostileProse(b *testing.B) {
	eachHostile(b, func(r Reply, c Case) { ReadProse(scoresVerdict{}, r, c) })
}

func eachHostile(b *testing.B, read func(Reply, Case)) {
	const size = 1 << 20
	for name, unit := range hostile {
		reply := strings.Repeat(unit, size/len(unit))
		for how, c := range map[string]Case{
			"alone":    {},
			"repeated": {First: reply, Second: reply[1:]},
			"almost":   {First: strings.Repeat(unit+"x", size/(len(unit)+1)), Second: strings.Repeat("y"+unit, size/(len(unit)+1))},
		} {
			b.Run(name+"/"+how, func(b *testing.B) {
				b.SetBytes(size)
				for b.Loop() {
					read(Reply{Text: reply, Finish: providers.FinishStop}, c)
				}
			})
		}
	}
}
