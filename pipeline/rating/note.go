package rating

import (
	"fmt"

	"openarena/elo"
)

// fewClusters is below what number of prompts clustered intervals are uncertain themselves.
const fewClusters = 30

// note says what a reader must know of a fit.
func (b *Ballot) note(l *Leaderboard, fit *elo.Fit) {
	if len(b.battles) == 0 {
		return
	}
	add := func(format string, args ...any) { l.Notes = append(l.Notes, fmt.Sprintf(format, args...)) }
	name := func(i int) string { return b.models[i].name }
	if asked := b.settings.Interval; l.Method != Elo {
		if asked != Sandwich && b.clusters.count < fewClusters {
			noun := "prompts"
			if b.clusters.count == 1 {
				noun = "prompt"
			}
			add("Only %d %s: the intervals are uncertain themselves.", b.clusters.count, noun)
		}
		if asked != fit.Interval.String() && !fit.Prior {
			add("Outcomes are so even that %s intervals would claim certainty, so these are %s ones.", asked, fit.Interval)
		}
	}
	if fit.Lopsided > 0 {
		add("In %d of %d rounds of the bootstrap points did not flow between all models, so that virtual ties stood in.", fit.Lopsided, b.settings.Bootstrap)
	}
	if a := b.settings.Fit(b.names()).Anchor; a != nil && !fit.Contestants[a.Contestant].Rated {
		add("%s has no battles, so that it anchors nothing: the mean is %v.", name(a.Contestant), b.settings.Initial)
	}
	if fit.Components > 1 {
		add("%d groups of models never met: ratings compare only inside one group.", fit.Components)
	}
	if fit.Prior {
		add("Points do not flow between all models, so every rating leans on virtual ties (~); more battles mend that.")
	}
	for _, i := range fit.Order() {
		// Those that are provisional only for the sake of others need no words of their own.
		if c := fit.Contestants[i].Cause; c != elo.Sound && c != elo.Bystander && c != elo.Apart {
			add("%s: %s.", name(i), fit.Why(i, name))
		}
	}
}
