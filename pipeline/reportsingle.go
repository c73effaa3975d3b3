package pipeline

import "openarena/pipeline/judge"

// seeSingles counts what pointwise judges said: each verdict is about one answer and counts once, whatever battles it decides.
func (r *reporter) seeSingles(s *sheet) {
	for key, w := range r.pairing.askable(s) {
		if !w.judge.alone {
			continue
		}
		v, ok := s.verdict(key)
		if !ok || v.free() {
			continue
		}
		t := r.judges[w.judge.Place]
		if w.repeat == 0 {
			t.seeSingle(r.arena.byID[key.A.Contestant].Place, v)
			continue
		}
		key.Repeat = 0
		if was, ok := s.verdict(key); ok && was.State != judge.Invalid && v.State != judge.Invalid {
			t.repeated++
			if *was.ScoreA == *v.ScoreA {
				t.repeatedSame++
			}
		}
	}
}

// seeSingle counts a verdict about an answer of the contestant in that place.
func (t *judgeTally) seeSingle(place int, v *verdict) {
	t.conductTally.seeVerdict(v)
	t.contestants[place].seeVerdict(v)
	for _, f := range v.Flags {
		t.flags[f]++
	}
}

// seeDerived counts what two verdicts of a pointwise judge come to. Nothing was shown first.
func (r *reporter) seeDerived(s *sheet, m meeting, w asked) {
	x, _ := s.answer(m.A)
	y, _ := s.answer(m.B)
	v, of := w.derived(s, x, y)
	if !of[0].there || !of[1].there || v.State == judge.Invalid || v.free() {
		return
	}
	r.judges[w.judge.Place].seeCompared(m, &v, 0)
	r.heard[w.judge.Place].hear(&v, 0)
}
