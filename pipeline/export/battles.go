package export

import (
	"context"
	"strings"
)

var _ = registerTable("battles", table{
	columns: []column{
		{"prompt_hash", aText}, {"category", aText}, {"model_a", aText}, {"sample_a", aWhole}, {"model_b", aText}, {"sample_b", aWhole},
		{"order", aText}, {"judge", aText}, {"state", aText}, {"reason", aText},
		{"verdict", aText}, {"level", aWhole}, {"score_a", aNumber}, {"score_b", aNumber},
		{"flags", aText}, {"explanation", aText}, {"attempts", aWhole},
	},
	fill: fillBattles,
})

// fillBattles puts one row per judgment of the battles that count. A is the answer that was shown first; order says whether it
// is also the one that comes first in the file (forward) or not (reverse).
func fillBattles(ctx context.Context, a Arena, put func([]value) error) error {
	for p, err := range a.Prompts(ctx, true) {
		if err != nil {
			return err
		}
		for i := range p.Judgments {
			if p.Judgments[i].Short {
				continue
			}
			if err := put(battle(p, &p.Judgments[i])); err != nil {
				return err
			}
		}
	}
	return nil
}

func battle(p *Prompt, j *Judgment) []value {
	first, second := &p.Answers[j.First], &p.Answers[j.Second]
	order := "forward"
	if j.First > j.Second {
		order = "reverse"
	}
	level := whole(j.Level)
	if j.State == "invalid" { // a failure is no tie
		level = value{}
	}
	return []value{
		text(p.Hash), textOrNull(p.Category), text(first.Model), whole(first.Sample), text(second.Model), whole(second.Sample),
		text(order), text(j.Judge), text(j.State), textOrNull(j.Reason),
		textOrNull(j.Verdict), level, numberOrNull(j.ScoreFirst), numberOrNull(j.ScoreSecond),
		textOrNull(strings.Join(j.Flags, " ")), text(j.Explanation), whole(j.Attempts),
	}
}
