package rating

import "slices"

// findCycle looks for a circle of models each of whom took more points from the next than it gave.
func (l *board) findCycle() {
	const most = 300 // contestants: among more there always is one, and a look takes long
	if len(l.order) > most || l.added == 0 {
		return
	}
	for _, i := range l.fit.Cycle() {
		l.Cycle = append(l.Cycle, l.models[i].name)
	}
	// It begins with the one that stands highest.
	if n := len(l.Cycle); n > 0 {
		places := l.places()
		top := slices.MinFunc(l.Cycle, func(x, y string) int { return places[l.numbers[x]] - places[l.numbers[y]] })
		at := slices.Index(l.Cycle, top)
		l.Cycle = append(slices.Clone(l.Cycle[at:]), l.Cycle[:at]...)
	}
}

// places are where models stand in the list, by number.
func (l *board) places() []int {
	places := make([]int, len(l.order))
	for place, i := range l.order {
		places[i] = place
	}
	return places
}
