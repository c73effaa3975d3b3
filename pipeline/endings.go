package pipeline

import (
	"fmt"
	"strings"

	"openarena/pipeline/rating"
	"openarena/providers"
)

// endings count a model's answers that did not end by themselves. They are judged like others, but whoever reads a rating
// must know that it rests on them.
type endings struct{ all, cut, withheld, refused int }

func (e *endings) see(finish string) {
	e.all++
	switch finish {
	case providers.FinishLength:
		e.cut++
	case providers.FinishFiltered:
		e.withheld++
	case providers.FinishRefusal:
		e.refused++
	}
}

// String names what there is, in a part of a sentence; "" if every answer ended by itself.
func (e endings) String() string {
	var parts []string
	for _, p := range []struct {
		n    int
		what string
	}{{e.cut, "cut off at the longest length"}, {e.withheld, "withheld by a filter"}, {e.refused, "refused"}} {
		if p.n > 0 {
			parts = append(parts, fmt.Sprintf("%d %s", p.n, p.what))
		}
	}
	if len(parts) == 0 {
		return ""
	}
	return fmt.Sprintf("of %d answers %s", e.all, strings.Join(parts, ", "))
}

// seeAnswers notes how the answers of one prompt ended, and what they took.
func (b *ballot) seeAnswers(s *sheet) {
	for i := range s.answers {
		a := &s.answers[i]
		c := b.arena.byID[a.side.Contestant]
		if c == nil || int(a.side.Sample) >= c.Samples {
			continue
		}
		b.endings[c.Place].see(a.Finish)
		if a.called {
			b.spent[c.Place].add(a.Usage)
		}
	}
}

// bill says of each model what its answers take: those that count, not those that were taken back.
func (b *ballot) bill(l *rating.Leaderboard) {
	byName := map[string]int{}
	for i, c := range b.arena.Contestants {
		byName[c.Name] = i
	}
	for i := range l.Ratings {
		line := &l.Ratings[i]
		place := byName[line.Model]
		spent := b.spent[place]
		line.Answers = int(spent.Calls)
		line.CostUSD = spent.cost(b.arena.Contestants[place].Model)
		if spent.Calls > 0 {
			mean := int(spent.Usage.Output / spent.Calls)
			line.MeanTokens = &mean
		}
	}
}
