package pipeline

import (
	"math"

	"openarena/pipeline/agreement"
)

// halfLevels are the classes of a battle's mean level, -2 to +2 in steps of a half.
const halfLevels = 9

// panelTally counts how far judges agree with each other.
type panelTally struct {
	n                int // judges
	two              []*agreement.Pair
	nominal, ordinal *agreement.Panel
}

func newPanelTally(judges int) *panelTally {
	t := &panelTally{n: judges, nominal: agreement.NewPanel(int(choices)), ordinal: agreement.NewPanel(halfLevels)}
	for range judges * (judges - 1) / 2 {
		t.two = append(t.two, agreement.NewPair(int(choices)))
	}
	return t
}

// see counts a battle.
func (t *panelTally) see(heard []statement) {
	if t.n < 2 {
		return
	}
	var who [choices]int
	var level [halfLevels]int
	pair := 0
	for i := range heard {
		x := &heard[i]
		if x.n > 0 {
			who[x.choice()]++
			level[int(math.Round(2*x.level))+4]++
		}
		for k := i + 1; k < len(heard); k++ {
			if y := &heard[k]; x.n > 0 && y.n > 0 {
				t.two[pair].Add(int(x.choice()), int(y.choice()))
			}
			pair++
		}
	}
	t.nominal.Add(who[:])
	t.ordinal.Add(level[:])
}

func (t *panelTally) pairs(a *Arena) []JudgePair {
	all, pair := []JudgePair{}, 0
	for i := range t.n {
		for k := i + 1; k < t.n; k++ {
			p := t.two[pair]
			pair++
			all = append(all, JudgePair{
				Judges: [2]string{a.Judges[i].Name, a.Judges[k].Name}, Agreement: newRate(p.Agreed(), p.N()), Kappa: told(p.Kappa()),
			})
		}
	}
	return all
}

func (t *panelTally) agreement() PanelAgreement {
	return PanelAgreement{N: t.nominal.N(), Nominal: told(t.nominal.Nominal()), Ordinal: told(t.ordinal.Ordinal())}
}

// told is a figure, nil if it cannot be told.
func told(x float64, ok bool) *float64 {
	if !ok {
		return nil
	}
	return &x
}

// meetsUnsure reports whether a judge of the panel is asked only where the one before it was not sure.
func (a *Arena) meetsUnsure() bool {
	of := a.Config.Judging.Panel
	return of.Mode == "cascade" && of.MinValid < len(a.Judges)-len(of.Replacements)
}
