package rating

import "slices"

// byElo makes the Elo rating the one that counts: it has no interval, and its ranks are plain places.
func byElo(lines []Rating) {
	for i := range lines {
		lines[i].Rating, lines[i].Lower, lines[i].Upper = lines[i].Elo, nil, nil
		lines[i].Provisional = false
	}
	slices.SortStableFunc(lines, func(x, y Rating) int {
		switch {
		case x.Elo == nil || y.Elo == nil:
			return first(x.Elo != nil)
		case *x.Elo == *y.Elo:
			return 0
		}
		return first(*x.Elo > *y.Elo)
	})
	for i := range lines {
		if lines[i].Rating == nil {
			continue
		}
		rank := i + 1
		if i > 0 && *lines[i-1].Rating == *lines[i].Rating {
			rank = *lines[i-1].Rank
		}
		lines[i].Rank = &rank
	}
}

func first(less bool) int {
	if less {
		return -1
	}
	return 1
}
