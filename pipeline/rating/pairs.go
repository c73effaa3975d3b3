package rating

import "math"

// meeting is what is counted of a pair.
type meeting struct {
	battles int
	won     float64 // by the one with the lower number, ties half
}

// meeting is that of two models, in a table that grows at its end when models are added.
func (b *Ballot) meeting(x, y int32) *meeting {
	low, high := int(min(x, y)), int(max(x, y))
	return &b.pairs[high*(high-1)/2+low]
}

// listPairs puts down every pair of rated models, in the order of the list.
func (l *board) listPairs() {
	if !l.settings.Pairs {
		return
	}
	l.Pairs = []Pair{}
	for x, i := range l.order {
		for _, j := range l.order[x+1:] {
			if l.fit.Contestants[i].Rated && l.fit.Contestants[j].Rated {
				l.Pairs = append(l.Pairs, l.pair(i, j))
			}
		}
	}
}

// pair is what is known of two rated models.
func (l *board) pair(i, j int) Pair {
	p := Pair{A: l.models[i].name, B: l.models[j].name}
	met := l.meeting(int32(i), int32(j))
	if p.Battles = met.battles; met.battles > 0 {
		rate := met.won / float64(met.battles)
		if i > j {
			rate = 1 - rate
		}
		p.WinRate = &rate
	}
	if l.Method == Elo {
		l.expect(&p, i, j)
		return p
	}
	points, se, ok := l.fit.Difference(i, j)
	if !ok {
		return p
	}
	chance, lower, upper, _ := l.fit.Chance(i, j)
	tied, _ := l.fit.Tied(i, j)
	p.Points, p.SE, p.Tied = finite(points), finite(se), &tied
	p.Chance, p.Lower, p.Upper = finite(chance), finite(lower), finite(upper)
	if n, ok := l.fit.Needed(i, j); ok {
		p.Needed = &n
	}
	return p
}

// expect fills in what Elo says of a pair: it has no intervals.
func (l *board) expect(p *Pair, i, j int) {
	if l.fit.Contestants[i].Component != l.fit.Contestants[j].Component {
		return
	}
	places := l.sequence.Ratings()
	points := places[i] - places[j]
	p.Points, p.Chance = finite(points), finite(1/(1+math.Pow(10, -points/400)))
}

// findTies finds the runs of neighbours in the list of whom no two can be told apart, each as long as it gets.
func (l *board) findTies() {
	if l.Method == Elo {
		return
	}
	l.Tied = []Tie{}
	end, reached := 0, 0 // behind the run, and behind the last one that was put down
	for start := range l.order {
		// What was in the run of the one before is in this one too, so that a look at each pair is enough.
		for end = max(end, start+1); end < len(l.order) && l.joins(start, end); end++ {
		}
		if end-start > 1 && end > reached {
			l.Tied = append(l.Tied, l.tie(l.order[start:end]))
			reached = end
		}
	}
}

// joins reports whether the model at a place cannot be told from any of those from start on.
func (l *board) joins(start, place int) bool {
	for _, i := range l.order[start:place] {
		if tied, _ := l.fit.Tied(i, l.order[place]); !tied {
			return false
		}
	}
	return true
}

func (l *board) tie(run []int) Tie {
	t := Tie{}
	for k, i := range run {
		t.Models = append(t.Models, l.models[i].name)
		if k == 0 {
			continue
		}
		var needed *int
		if n, ok := l.fit.Needed(run[k-1], i); ok {
			needed = &n
		}
		t.Needed = append(t.Needed, needed)
	}
	return t
}
