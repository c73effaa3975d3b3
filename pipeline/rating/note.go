package rating

import (
	"fmt"
	"strings"

	"openarena/elo"
)

// fewClusters is below what number of prompts clustered intervals are uncertain themselves.
const fewClusters = 30

// note says what a reader must know of a fit.
func (l *board) note() {
	if l.added == 0 {
		return
	}
	if l.Method != Elo {
		l.noteIntervals()
	}
	if l.Components > 1 {
		l.noteComponents()
	}
	if l.Method != Elo && l.fit.Prior {
		l.add("Points do not flow between all models, so every rating leans on virtual ties (~); more battles mend that.")
		l.noteProvisional()
	}
	l.noteEffects()
}

func (l *board) add(format string, args ...any) {
	l.Notes = append(l.Notes, fmt.Sprintf(format, args...))
}

func (l *board) name(i int) string { return l.models[i].name }

// noteIntervals says what bounds rest on, and what does not change them.
func (l *board) noteIntervals() {
	asked := l.settings.Interval
	if n := l.clusters.count; asked != Sandwich && !l.fit.Prior && n < fewClusters {
		noun := "prompt"
		if l.single {
			noun = "battle"
		}
		if n > 1 {
			noun += "s"
		}
		l.add("Only %d %s: the intervals are uncertain themselves.", n, noun)
	}
	if asked != l.Interval && !l.fit.Prior {
		l.add("Outcomes scatter so little that %s intervals would claim certainty, so these are %s ones.", asked, l.Interval)
	}
	if l.fit.Lopsided > 0 {
		l.add("In %d of %d rounds of the bootstrap points did not flow between all models, so that virtual ties stood in.", l.fit.Lopsided, l.settings.Bootstrap)
	}
	if a := l.settings.Anchor; a != nil {
		if i, known := l.numbers[a.Model]; !known || !l.fit.Contestants[i].Rated {
			l.add("%s has no battles, so that it anchors nothing: the mean is %v.", a.Model, l.settings.Initial)
		}
	}
}

// noteComponents names the groups that no battle joins.
func (l *board) noteComponents() {
	const most = 5
	members := make([][]string, l.Components)
	for _, i := range l.order {
		if c := l.fit.Contestants[i]; c.Rated {
			members[c.Component] = append(members[c.Component], l.name(i))
		}
	}
	var groups []string
	for c, names := range members {
		if c == most {
			groups = append(groups, fmt.Sprintf("%d more", l.Components-most))
			break
		}
		groups = append(groups, fmt.Sprintf("(%d) %s", c+1, Enumerate(names, 2*most)))
	}
	l.add("%d groups of models never met: ratings and ranks compare only inside one group. %s.", l.Components, strings.Join(groups, "; "))
}

// noteProvisional says of each model why battles alone give no finite rating; of many, of the first few.
func (l *board) noteProvisional() {
	const most = 20
	told := 0
	for _, i := range l.order {
		// Those that are provisional only for the sake of others need no words of their own.
		if c := l.fit.Contestants[i].Cause; c == elo.Sound || c == elo.Bystander || c == elo.Apart {
			continue
		}
		if told++; told <= most {
			l.add("%s: %s.", l.name(i), l.fit.Why(i, l.name))
		}
	}
	if told > most {
		l.add("The same or the like holds for %d more.", told-most)
	}
}

// noteEffects says of which covariates the battles do not tell.
func (l *board) noteEffects() {
	if l.leaning {
		l.add("Without control points do not flow between all models, so that those ratings lean on virtual ties.")
	}
	var unknown []string
	for _, e := range l.Effects {
		if e.Points == nil {
			unknown = append(unknown, e.Name)
		}
	}
	if len(unknown) > 0 {
		l.add("The battles do not tell the effect of %s, so that it is not controlled: it is the same in all of them, follows from all else, or decides every one in which it differs.", Enumerate(unknown, len(unknown)))
	}
}
