package elo

import (
	"fmt"
	"strings"
)

// Cause says why a rating is provisional: battles alone give no finite ratings, so that all contestants of the
// leaderboard alike got a virtual tie. It moves sound ratings too, hence the causes Bystander and Apart.
type Cause uint8

const (
	Sound     Cause = iota // the rating is the most likely one
	WonAll                 // it took every point of its battles
	LostAll                // it took no point
	OneWay                 // between it, or a group around it, and others points went only one way
	Apart                  // its component is sound by itself, but no battle joins it to the rest
	Bystander              // its group is sound and the largest of its component; others are the cause
	Extreme                // ratings would be finite, but too far apart to be computed
)

// cause says what is wrong with the active contestant at place k of a leaderboard with virtual ties.
func (f *Fit) cause(k int) Cause {
	part, whole := f.part(k), f.component(k)
	switch {
	case len(f.graph.strong) == 1:
		return Extreme
	case len(part) == len(whole):
		return Apart
	case len(part) == 1:
		return f.lopsided(k)
	case f.dominant(k):
		return Bystander
	}
	return OneWay
}

// part is the strong component of place k, component the weak one.
func (f *Fit) part(k int) []int      { return f.graph.strong[f.graph.partOf[k]] }
func (f *Fit) component(k int) []int { return f.graph.weak[f.graph.weakOf[k]] }

// lopsided tells whether the contestant at place k, who shares points both ways with nobody, won or lost everything.
func (f *Fit) lopsided(k int) Cause {
	var mine, theirs float64
	for _, p := range f.table.pairs {
		switch k {
		case int(p.i):
			mine, theirs = mine+p.pi, theirs+p.pj
		case int(p.j):
			mine, theirs = mine+p.pj, theirs+p.pi
		}
	}
	switch {
	case theirs == 0:
		return WonAll
	case mine == 0:
		return LostAll
	}
	return OneWay
}

// dominant reports whether the strong component of place k is larger than any other of its weak component.
func (f *Fit) dominant(k int) bool {
	size := len(f.part(k))
	for c, part := range f.graph.strong {
		if c != f.graph.partOf[k] && f.graph.weakOf[part[0]] == f.graph.weakOf[k] && len(part) >= size {
			return false
		}
	}
	return true
}

// Why says in words why the rating of contestant i is provisional; name gives the name of a contestant by number. It is
// "" for a sound rating.
func (f *Fit) Why(i int, name func(int) string) string {
	c := f.Contestants[i]
	if !c.Provisional() {
		return ""
	}
	k := int(f.table.place[i])
	part, whole := f.part(k), f.component(k)
	names := func(places []int) string { return f.list(places, name) }
	var why string
	switch c.Cause {
	case WonAll:
		why = "it won " + everything(c.Battles)
	case LostAll:
		why = "it lost " + everything(c.Battles)
	case OneWay:
		why = fmt.Sprintf("%s does not share points both ways with %s", f.group(k, name), names(without(whole, part)))
	case Apart:
		return fmt.Sprintf("no battle joins %s to %s; a virtual tie each stands in", names(whole), names(f.outside(k)))
	case Bystander:
		why = "its group does not share points both ways with " + names(without(whole, part))
	case Extreme:
		why = "scores or weights are too extreme to be computed with"
	}
	return why + "; no finite rating fits, a virtual tie each stands in"
}

// group is "it" for a contestant alone in its part, else "its group" with names.
func (f *Fit) group(k int, name func(int) string) string {
	part := f.part(k)
	if len(part) == 1 {
		return "it"
	}
	return fmt.Sprintf("its group (%s)", f.list(part, name))
}

// everything is "its only battle" or "all of its n battles".
func everything(battles int) string {
	if battles == 1 {
		return "its only battle"
	}
	return fmt.Sprintf("all of its %d battles", battles)
}

// without is what of the ascending list all is not in the ascending list some.
func without(all, some []int) []int {
	var rest []int
	for _, k := range all {
		if len(some) > 0 && some[0] == k {
			some = some[1:]
			continue
		}
		rest = append(rest, k)
	}
	return rest
}

// outside is the places of all components but that of place k.
func (f *Fit) outside(k int) []int {
	var rest []int
	for other, c := range f.graph.weakOf {
		if c != f.graph.weakOf[k] {
			rest = append(rest, other)
		}
	}
	return rest
}

// list names a few contestants and counts the rest.
func (f *Fit) list(places []int, name func(int) string) string {
	const most = 5
	var names []string
	for n, k := range places {
		if n == most {
			names = append(names, fmt.Sprintf("%d more", len(places)-most))
			break
		}
		names = append(names, name(int(f.table.active[k])))
	}
	if last := len(names) - 1; last > 0 {
		return strings.Join(names[:last], ", ") + " and " + names[last]
	}
	return names[0]
}
