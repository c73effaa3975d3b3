package pipeline

import (
	"context"
	"encoding/binary"
	"slices"

	"openarena/configs"
	"openarena/pipeline/judge"
)

// panel is the rule by which several judges decide a battle.
type panel struct {
	mode     string // mean, majority or cascade
	minValid int    // judges that must have said something
	repeat   float64
	grows    bool // what a battle wants depends on what was said of it
	plain    bool // each valid verdict counts as it is, whatever the others say
}

func newPanel(c *configs.Config) panel {
	of := c.Judging.Panel
	p := panel{mode: of.Mode, minValid: of.MinValid, repeat: c.Judging.Repeat}
	sitting := len(c.Judges) - len(of.Replacements)
	p.grows = of.Mode == "cascade" && sitting > 1 || len(of.Replacements) > 0
	p.plain = of.Mode == "mean" && !p.grows && of.MinValid <= 1
	return p
}

// opinion is what one judge says of a battle, over the orders it was asked in.
type opinion struct {
	judge        *Judge
	weight       float64
	level, share float64     // means over the orders, from A's side; without meaning where valid is 0
	valid        int         // verdicts that say something
	ties         int         // of these
	forA, forB   int         // of these
	invalid      int         // verdicts that could not be read
	lost         int         // judgments that failed for good
	owed         int         // judgments to come
	trivial      bool        // no judge had to look: the answers spoke for themselves
	heard        bool        // it has its part in the result
	said         [2]*verdict // by the order shown, of those that were shown one; nil: none
}

// opinion reads what a judge has said of a battle; of are the judgments that it is asked for.
func (p *pairing) opinion(s *sheet, b battle, both Digest, of []asked) (o opinion) {
	o.judge, o.weight = of[0].judge, of[0].judge.Weight
	if o.judge.alone {
		o.derive(s, b, of[0])
		return o
	}
	for _, w := range of {
		v, ok := s.verdict(w.key(&s.wanted, b, both))
		switch {
		case !ok && len(s.failed) > 0 && s.lost(w.key(&s.wanted, b, both)):
			o.lost++
		case !ok:
			o.owed++
		default:
			o.add(v, w.order)
			o.said[w.order] = v
		}
	}
	if o.valid > 0 {
		o.level /= float64(o.valid)
		o.share /= float64(o.valid)
	}
	return o
}

func (o *opinion) add(v *verdict, order uint8) {
	if v.State == judge.Invalid {
		o.invalid++
		return
	}
	level, share := fromA(*v, order)
	o.level, o.share = o.level+level, o.share+share
	o.valid++
	o.trivial = o.trivial || v.Attempts == 0
	switch {
	case v.State == judge.Tie:
		o.ties++
	case level > 0:
		o.forA++
	default:
		o.forB++
	}
}

// failed reports whether a judge could not say all it was asked: somebody has to stand in for it.
func (o *opinion) failed() bool { return !o.trivial && o.invalid+o.lost > 0 }

// sure reports whether a cascade ends with this judge: it saw the same answer ahead, however they were shown.
func (o *opinion) sure() bool {
	return o.trivial || o.owed+o.invalid+o.lost+o.ties == 0 && (o.forA == 0) != (o.forB == 0)
}

// hearing is how far a panel is with a battle.
type hearing struct {
	wanted []asked   // by now
	voices []opinion // one for each judge of the panel that was asked, or for who stands in for it
	open   bool      // one of them is not complete
	tally  margins   // of all that was said, whether it counts or not
}

// hear finds out what a battle wants of a panel that grows, and what it has said. A cascade goes on to its next judge where
// one is not sure, or where not enough have given a valid verdict. A judge that failed is replaced; in a cascade only the last
// is, since for the others there is the next.
func (p *pairing) hear(s *sheet, b battle) (h hearing) {
	panel, spares := p.drawn(s, b, b.judges[s.Dataset]), p.drawn(s, b, b.spares[s.Dataset])
	cascade := p.panel.mode == "cascade"
	x, okX := s.answer(b.A)
	y, okY := s.answer(b.B)
	if !okX || !okY {
		h.open, h.wanted = true, panel
		if cascade {
			h.wanted, _ = nextJudge(panel)
		}
		return h
	}
	both := texts(x.Digest, y.Digest)
	ask := func(of []asked) opinion {
		h.wanted = append(h.wanted, of...)
		o := p.opinion(s, b, both, of)
		h.tally.count(&o)
		return o
	}
	for valid := 0; len(panel) > 0; {
		var of []asked
		of, panel = nextJudge(panel)
		o := ask(of)
		if !cascade || len(panel) == 0 {
			spares = replace(&o, spares, ask)
		}
		h.voices = append(h.voices, o)
		h.open = h.open || o.owed > 0
		if o.valid > 0 {
			valid++
		}
		if cascade && (h.open || o.sure() && valid >= p.panel.minValid) {
			break
		}
	}
	return h
}

// lone is the rule where one judge decides.
var lone = panel{mode: "mean", minValid: 1}

// opinions are those of all judges that were asked about a battle by now, whoever is heard.
func (p *pairing) opinions(s *sheet, b battle) (all []opinion) {
	x, y := s.both(b)
	if x == nil {
		return nil
	}
	wanted := p.drawn(s, b, b.judges[s.Dataset])
	if p.panel.grows {
		wanted = p.hear(s, b).wanted
	}
	for len(wanted) > 0 {
		var of []asked
		of, wanted = nextJudge(wanted)
		all = append(all, p.opinion(s, b, texts(x.Digest, y.Digest), of))
	}
	return all
}

// nextJudge splits judgments behind those of the first judge.
func nextJudge(all []asked) (first, rest []asked) {
	n := 1
	for n < len(all) && all[n].judge == all[0].judge {
		n++
	}
	return all[:n:n], all[n:]
}

// replace finds who speaks in the place of a judge that failed: the first of the spares that said all it was asked, else the
// first of all, the judge included, that said anything. Whoever it is has the weight of the judge. It returns the spares
// that are left for others.
func replace(o *opinion, spares []asked, ask func([]asked) opinion) []asked {
	for last := *o; last.failed() && len(spares) > 0; {
		var of []asked
		of, spares = nextJudge(spares)
		last = ask(of)
		last.weight = o.weight
		if !last.failed() && last.valid > 0 || o.valid == 0 {
			last.owed += o.owed
			*o = last
		} else {
			o.owed += last.owed
		}
	}
	return spares
}

// decide is the result of a battle by the panel's rule; without weight there is none. It marks the voices that have their
// part in it. open: somebody has not said all yet.
func (p panel) decide(voices []opinion, open bool) (m margins) {
	valid, asked, even := 0, false, false
	for i := range voices {
		o := &voices[i]
		if o.heard = o.valid > 0; o.heard {
			valid++
		}
		asked = asked || o.valid+o.invalid+o.lost > 0
	}
	switch p.mode {
	case "majority":
		even = majority(voices)
	case "cascade":
		lastWord(voices)
	}
	if lacking := valid < p.minValid; lacking || open && p.mode == "cascade" {
		m.waits = open && asked
		m.few = !open && p.minValid > 1
		silence(voices)
	}
	for i := range voices {
		if o := &voices[i]; o.heard {
			m.level += o.weight * o.level
			m.share += o.weight * o.share
			m.weight += o.weight
		}
	}
	if m.weight > 0 {
		m.level /= m.weight
		m.share /= m.weight
	}
	if even {
		m.level, m.share, m.even = 0, 0.5, true
	}
	return m
}

// majority leaves to be heard those on the side with the greatest weight: A's, B's or that of a tie. even: two sides have it, or
// that of a tie; then all are.
func majority(voices []opinion) (even bool) {
	var sides [3]float64
	all := 0.0
	for i := range voices {
		if o := &voices[i]; o.heard {
			sides[o.side()] += o.weight
			all += o.weight
		}
	}
	same := 1e-9 * all // sums of weights such as 0.1 are not exact
	most := 0
	for side, weight := range sides {
		if weight > sides[most]+same {
			most, even = side, false
		} else if side > 0 && weight >= sides[most]-same {
			even = true
		}
	}
	if even || most == sideTie {
		return true
	}
	for i := range voices {
		voices[i].heard = voices[i].heard && voices[i].side() == most
	}
	return false
}

const (
	sideA = iota
	sideB
	sideTie
)

// side is whom a judge votes for.
func (o *opinion) side() int {
	switch {
	case o.level > 0:
		return sideA
	case o.level < 0:
		return sideB
	}
	return sideTie
}

// lastWord leaves to be heard the last voice that said anything.
func lastWord(voices []opinion) {
	for i, o := range slices.Backward(voices) {
		if o.heard {
			silence(voices[:i])
			return
		}
	}
}

func silence(voices []opinion) {
	for i := range voices {
		voices[i].heard = false
	}
}

// repeated are judgments with those among them that are asked for twice: a share of all, drawn by their keys, so that they are
// the same in every run. Answers that speak for themselves would say nothing of the judge.
func (p *pairing) repeated(s *sheet, b battle, all []asked) []asked {
	if x, y := s.both(b); x != nil && plainly(x, y) {
		return all
	}
	twice := make([]asked, 0, len(all)+1)
	for _, w := range all {
		twice = append(twice, w)
		if w.judge.alone {
			continue // which are drawn by their answers
		}
		if p.panel.again(w.key(&s.wanted, b, Digest{})) {
			w.repeat = 1
			twice = append(twice, w)
		}
	}
	return twice
}

// both are the answers of a battle; nil unless both are there.
func (s *sheet) both(b battle) (x, y *given) {
	x, okX := s.answer(b.A)
	y, okY := s.answer(b.B)
	if !okX || !okY {
		return nil, nil
	}
	return x, y
}

// plainly reports whether two answers speak for themselves.
func plainly(x, y *given) bool {
	return x.Digest == y.Digest || x.Digest == nothingSaid || y.Digest == nothingSaid
}

// again reports whether a judgment is drawn to be asked for twice; its texts are left out, since they may be to come.
func (p panel) again(k VerdictKey) bool {
	raw := k.raw()
	d := sum[Digest]([]byte("repeat"), raw[:])
	return float64(binary.BigEndian.Uint64(d[:])) < p.repeat*(1<<64)
}

// first are the judgments that a battle begins with, whatever the orders drawn.
func (p *pairing) first(s *sheet, b battle) []asked {
	all := b.judges[s.Dataset]
	if p.panel.mode == "cascade" && len(all) > 0 {
		all, _ = nextJudge(all)
	}
	return all
}

// doubled are the judgments that a battle begins with and that are drawn to be asked for twice, unless its answers turn out to
// speak for themselves.
func (p *pairing) doubled(s *sheet, b battle) (all []asked) {
	for _, w := range p.drawn(s, b, p.first(s, b)) {
		if !w.judge.alone && p.panel.again(w.key(&s.wanted, b, Digest{})) {
			all = append(all, w)
		}
	}
	return all
}

// unasked is how many second judgments of a battle are left out because its answers speak for themselves, while the first are
// still to come: what a run shows counts them until unrepeat takes them off, as where the answers are yet to come. Adaptive
// pairs are chosen when the answers are there.
func (p *pairing) unasked(s *sheet, b battle) (n int64) {
	if p.panel.repeat == 0 || p.arena.adaptive() {
		return 0
	}
	x, y := s.both(b)
	if x == nil || !plainly(x, y) {
		return 0
	}
	for _, w := range p.doubled(s, b) {
		if _, said := s.verdict(w.key(&s.wanted, b, texts(x.Digest, y.Digest))); !said {
			n++
		}
	}
	return n
}

// unrepeat has what the run shows know that a judgment took no call, so that no second one is wanted.
func (r *Runner) unrepeat(ctx context.Context, k VerdictKey) error {
	if r.pairing.panel.repeat == 0 || r.arena.adaptive() || k.alone() || r.job.Parts {
		return nil
	}
	for _, b := range r.pairing.of(k.Prompt) {
		if !k.belongs(b) {
			continue
		}
		s, err := r.blank(ctx, k.Prompt)
		if err != nil {
			return err
		}
		for _, w := range r.pairing.doubled(s, b) {
			if w.judge.ID == k.Judge && w.order == k.Order {
				r.live.grow(-1)
			}
		}
	}
	return nil
}
