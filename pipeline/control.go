package pipeline

import (
	"slices"

	"openarena/pipeline/judge"
	"openarena/pipeline/rating"
	"openarena/pipeline/style"
)

// controls are what the ratings are controlled for. Elo knows nothing of the kind.
func (a *Arena) controls() []string {
	if a.Rating.Method == rating.Elo {
		return nil
	}
	return a.Rating.Control
}

// control measures what beside the models may have decided a battle.
type control struct {
	of     []string
	texts  bool           // the answers are to be read
	orders bool           // the orders of a battle are to be told from each other
	counts []style.Counts // by answer of the sheet at hand
}

func newControl(of []string) control {
	return control{
		of: of, texts: slices.Contains(of, rating.Length) || slices.Contains(of, rating.Style),
		orders: slices.Contains(of, rating.Position),
	}
}

// read looks at the answers of a sheet that has their texts.
func (c *control) read(s *sheet) {
	if !c.texts {
		return
	}
	c.counts = c.counts[:0]
	for i := range s.answers {
		c.counts = append(c.counts, style.Count(s.answers[i].Text))
	}
}

// measure adds to a decided battle what may have swayed the judges; orders tells of the showings of the battle, where they are to
// be told from each other. Where the answers speak for themselves nobody was swayed.
func (c *control) measure(battle *rating.Battle, s *sheet, b battle, outcome string, orders func() []showing) {
	if len(c.of) == 0 {
		return
	}
	x, y := s.both(b)
	switch {
	case plainly(x, y):
		battle.X = make([]float64, len(rating.Covariates(c.of)))
	case !c.orders:
		battle.X = c.sway(s, b, 0)
	default:
		all := orders()
		for _, one := range all {
			part := rating.Part{Score: one.points(outcome), Weight: battle.Weight / float64(len(all)), X: c.sway(s, b, one.lead)}
			battle.Parts = append(battle.Parts, part)
		}
	}
}

// sway is the covariates of a battle, in the order of their names, from A's side.
func (c *control) sway(s *sheet, b battle, lead float64) (x []float64) {
	var of, against style.Counts
	if c.texts {
		of, against = c.counts[s.place(b.A)], c.counts[s.place(b.B)]
	}
	for _, name := range c.of {
		switch name {
		case rating.Length:
			x = append(x, style.Difference(of.Length, against.Length))
		case rating.Style:
			x = append(x, style.Difference(of.Headers, against.Headers), style.Difference(of.Lists, against.Lists), style.Difference(of.Bold, against.Bold))
		case rating.Position:
			x = append(x, lead)
		}
	}
	return x
}

// showing is a battle as far as it was shown in one order.
type showing struct {
	margins
	lead float64 // the part of those who are heard, by weight, that were shown A first, less the part that were shown B first
}

// showings are the orders of a battle, each decided by the panel's rule from what was said of it alone. Where no order alone is
// enough for the rule, or nobody was shown one, the battle is one showing.
func (p panel) showings(voices []opinion, open bool) (all []showing) {
	for order := range uint8(2) {
		of, shown := make([]opinion, 0, len(voices)), false
		for _, o := range voices {
			of = append(of, o.in(order))
			shown = shown || o.spoke(order)
		}
		if m := p.decide(of, open); shown && m.weight > 0 {
			all = append(all, showing{m, lead(of)})
		}
	}
	if len(all) > 0 {
		return all
	}
	of := slices.Clone(voices)
	if m := p.decide(of, open); m.weight > 0 {
		all = append(all, showing{m, lead(of)})
	}
	return all
}

// in is what a judge said of a battle in one order. One that sees single answers says the same of any.
func (o *opinion) in(order uint8) opinion {
	if o.judge.alone {
		return *o
	}
	one := opinion{judge: o.judge, weight: o.weight}
	if v := o.said[order]; v != nil {
		one.add(v, order)
		one.said[order] = v
	}
	return one
}

// spoke reports whether a judge that was shown an order said something of it.
func (o *opinion) spoke(order uint8) bool {
	v := o.said[order]
	return v != nil && v.State != judge.Invalid
}

// lead is the part of those who are heard, by weight, that were shown A first, less the part that were shown B first.
func lead(voices []opinion) float64 {
	sum, weight := 0.0, 0.0
	for i := range voices {
		o := &voices[i]
		if !o.heard {
			continue
		}
		weight += o.weight
		switch a, b := o.spoke(0), o.spoke(1); {
		case a && !b:
			sum += o.weight
		case b && !a:
			sum -= o.weight
		}
	}
	return sum / weight
}
