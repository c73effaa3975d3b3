package pipeline

import (
	"fmt"
	"strings"

	"openarena/pipeline/columns"
	"openarena/providers"
)

// Result is the outcome of a battle in a few words.
func (d *Dossier) Result(m *Meeting) string {
	a, b := &d.Answers[m.A], &d.Answers[m.B]
	switch m.Outcome {
	case columns.WonByA:
		return a.Label() + " wins"
	case columns.WonByB:
		return b.Label() + " wins"
	case columns.Tied:
		return "Tie"
	case columns.Waiting:
		return "No outcome yet: the panel waits for judges"
	case columns.TooFew:
		return "No outcome: too few judges gave a valid verdict"
	}
	switch {
	case a.Said == nil || b.Said == nil:
		return "No outcome: an answer is missing"
	case m.Open:
		return "No outcome yet: judges have to be asked"
	}
	return "No outcome: no verdict can be read"
}

// Grounds say why a battle came out as it did, a sentence each.
func (v *View) Grounds(m *Meeting) (why []string) {
	add := func(format string, args ...any) { why = append(why, fmt.Sprintf(format, args...)) }
	if m.Identical {
		add("Both answers are the same text.")
	}
	panel := v.arena.Config.Judging.Panel
	var heard, passed []string
	for i := range m.Opinions {
		if o := &m.Opinions[i]; o.Heard {
			heard = append(heard, o.Name)
		} else {
			passed = append(passed, o.Name)
		}
	}
	switch {
	case m.Outcome == columns.TooFew:
		add("At least %d judges must give a valid verdict.", panel.MinValid)
	case m.Divided:
		add("The judges are divided, half and half.")
	case len(heard) == 0 || len(m.Opinions) == 1:
	case panel.Mode == "majority":
		add("The majority by weight decides: %s.", strings.Join(heard, ", "))
	case panel.Mode == "cascade":
		add("The last judge that was asked decides: %s.", strings.Join(heard, ", "))
	default:
		add("The mean of the judges decides, by their weights.")
	}
	if len(heard) > 0 && len(passed) > 0 {
		add("Not heard: %s.", strings.Join(passed, ", "))
	}
	if m.Open && m.Outcome.Decided() {
		add("Not all has been said yet: it may change.")
	}
	return why
}

// Ended says why it ended.
func (s *Said) Ended() string {
	switch s.Finish {
	case providers.FinishStop:
		return "by itself"
	case providers.FinishLength:
		return "cut off: it was as long as max_tokens lets it be"
	case providers.FinishFiltered:
		return "withheld by the provider"
	case providers.FinishRefusal:
		return "the model declined"
	}
	return "unknown"
}
