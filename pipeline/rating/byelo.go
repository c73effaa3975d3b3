package rating

import (
	"cmp"
	"slices"
)

// orderByElo lists the models component by component, by falling Elo; those without a rating stay last.
func (l *board) orderByElo(online []float64) {
	slices.SortStableFunc(l.order, func(i, j int) int {
		x, y := l.fit.Contestants[i], l.fit.Contestants[j]
		if !x.Rated || !y.Rated {
			return first(x.Rated) - first(y.Rated)
		}
		return cmp.Or(cmp.Compare(x.Component, y.Component), cmp.Compare(online[j], online[i]))
	})
}

func first(yes bool) int {
	if yes {
		return 0
	}
	return 1
}

// byElo makes the Elo rating the one that counts: it has no interval, and its ranks are plain places in a component.
func byElo(lines []Rating) {
	start := 0 // of the component
	for i := range lines {
		line := &lines[i]
		line.Rating, line.Lower, line.Upper, line.Provisional = line.Elo, nil, nil, false
		if line.Rating == nil {
			continue
		}
		if line.Component != lines[start].Component {
			start = i
		}
		rank := i - start + 1
		if i > start && *lines[i-1].Rating == *line.Rating {
			rank = *lines[i-1].Rank
		}
		line.Rank = &rank
	}
}
