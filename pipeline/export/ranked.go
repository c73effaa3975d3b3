package export

import (
	"cmp"
	"context"
	"slices"

	"openarena/providers"
)

var (
	// A prompt is its only turn, or the conversation, which a column of one type holds as JSON.
	rankedColumns = []column{{"prompt", aText}, {"ranked_models", listOf(aRanked)}}
	aRanked       = recordOf(column{"model_name", aText}, column{"avg_score", aNumber}, column{"response", aText})
	_             = registerTable("ranked", table{columns: rankedColumns, fill: fillRanked})
)

// fillRanked puts one row per prompt that has a verdict: its answers, the best first.
func fillRanked(ctx context.Context, a Arena, put func([]value) error) error {
	var b scratch
	row := make([]value, 2)
	for p, err := range a.Prompts(ctx, false) {
		if err != nil {
			return err
		}
		scores, judged := scoresOf(p)
		if !judged {
			continue
		}
		b.reset()
		row[0], row[1] = b.prompt(p.Messages), b.ranking(p.Answers, scores)
		if err := put(row); err != nil {
			return err
		}
	}
	return nil
}

// prompt is the text of the user where one turn is all there is, else the whole conversation.
func (s *scratch) prompt(messages []providers.Message) value {
	if i, ok := onlyTurn(messages); ok {
		return text(messages[i].Content)
	}
	return s.messages(messages...)
}

// onlyTurn is the place of the user's message where nobody else but the system speaks.
func onlyTurn(messages []providers.Message) (int, bool) {
	at := -1
	for i, m := range messages {
		switch {
		case m.Role == "system":
		case m.Role == "user" && at < 0:
			at = i
		default:
			return 0, false
		}
	}
	return at, at >= 0
}

// mean adds up weighted scores.
type mean struct{ sum, weight float64 }

func (m *mean) add(score, weight float64) { m.sum, m.weight = m.sum+score*weight, m.weight+weight }

// score is the mean, or nil where nothing was added.
func (m mean) score() *float64 {
	if m.weight <= 0 {
		return nil
	}
	s := m.sum / m.weight
	return &s
}

// value is the mean; 0 where nothing was added.
func (m mean) value() float64 {
	if m.weight <= 0 {
		return 0
	}
	return m.sum / m.weight
}

// scoresOf is the mean score of each answer of p over its valid judgments, from 1 to 10. Where a judgment has no
// scores its level counts, from 1 for much worse over 5.5 for a tie to 10 for much better.
func scoresOf(p *Prompt) (scores []*float64, judged bool) {
	means := make([]mean, len(p.Answers))
	addScores(means, p)
	for _, m := range means {
		s := m.score()
		scores = append(scores, s)
		judged = judged || s != nil
	}
	return scores, judged
}

// addScores adds what each judgment of p says to the means of its two answers.
func addScores(means []mean, p *Prompt) {
	const tie, perLevel = 5.5, 2.25
	for i := range p.Judgments {
		j := &p.Judgments[i]
		if j.State == "invalid" {
			continue
		}
		first, second := tie+perLevel*float64(j.Level), tie-perLevel*float64(j.Level)
		if j.ScoreFirst != nil && j.ScoreSecond != nil {
			first, second = *j.ScoreFirst, *j.ScoreSecond
		}
		means[j.First].add(first, j.Weight)
		means[j.Second].add(second, j.Weight)
	}
}

// ranking is the answers as a list: the best first, equal ones as they come, those without a score last.
func (s *scratch) ranking(answers []Answer, scores []*float64) value {
	order := make([]int, len(answers))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(x, y int) int {
		sx, sy := scores[x], scores[y]
		switch {
		case sx != nil && sy != nil:
			return cmp.Compare(*sy, *sx)
		case sx != nil:
			return -1
		case sy != nil:
			return 1
		}
		return 0
	})
	list := make([]value, 0, len(answers))
	for _, i := range order {
		list = append(list, s.record(aRanked, text(answers[i].Model), numberOrNull(scores[i]), text(answers[i].Text)))
	}
	return s.list(list...)
}
