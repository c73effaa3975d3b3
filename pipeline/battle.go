package pipeline

import (
	"bytes"
	"cmp"
	"iter"
	"slices"

	"openarena/configs"
)

// battle is two answers that meet over one prompt. A sorts before B.
type battle struct {
	A, B   Side
	judges [][]asked // by dataset, before orders are drawn: the panel's, judge by judge; not to be changed
	spares [][]asked // the same of the replacements, in the order they stand in
}

func newBattle(s, t Side) battle {
	if t.less(s) {
		s, t = t, s
	}
	return battle{A: s, B: t}
}

// pairing says which answers meet, who judges them and in which order they are shown. All of it is a function of the
// configuration and the prompt's hash, and where pairs are adaptive of the batches that were chosen.
type pairing struct {
	arena   *Arena
	battles []battle // of every prompt; with random pairs, those to choose from
	random  int      // pairs per prompt; 0: all of battles
	alone   bool     // there are judgments about single answers
	panel   panel
	chosen  map[Hash][]battle // with adaptive pairs: of battles, those of the batches; nil: all of battles
	batches uint32            // recorded
}

// pairing is what the file alone says: where pairs are adaptive, all that there are to choose from.
func (a *Arena) pairing() *pairing {
	p := &pairing{arena: a, alone: a.pointwise(), panel: newPanel(a.Config)}
	for _, pair := range a.pairs() {
		s, t := &a.Contestants[pair[0]], &a.Contestants[pair[1]]
		// Random pairs are drawn before a trial leaves some out, so that it judges nothing a whole run would not.
		if a.Config.Judging.Pairs.Kind != "random" && !a.chosen(s) && !a.chosen(t) {
			continue
		}
		// Sample k meets sample k; where one side has fewer, its samples meet again.
		for k := range max(s.Samples, t.Samples) {
			p.battles = append(p.battles, newBattle(Side{s.ID, uint16(k % s.Samples)}, Side{t.ID, uint16(k % t.Samples)}))
		}
	}
	if a.Config.Judging.Pairs.Kind == "random" {
		p.random = min(a.Config.Judging.Pairs.N, len(p.battles))
	}
	p.ask()
	slices.SortFunc(p.battles, battle.compare)
	return p
}

func (b battle) compare(c battle) int { return cmp.Or(b.A.compare(c.A), b.B.compare(c.B)) }

func boolOrder(less bool) int {
	if less {
		return -1
	}
	return 1
}

// pairs are the places of the contestants that meet.
func (a *Arena) pairs() (all [][2]int) {
	n := len(a.Contestants)
	rule := a.Config.Judging.Pairs
	for i := range n {
		for j := i + 1; j < n; j++ {
			x, y := &a.Contestants[i], &a.Contestants[j]
			meet := true
			switch rule.Kind {
			case "circular":
				meet = j == i+1 || i == 0 && j == n-1
			case "baseline":
				meet = x.Name == rule.Baseline || y.Name == rule.Baseline
			}
			if meet {
				all = append(all, [2]int{i, j})
			}
		}
	}
	return all
}

// of are the battles of one prompt.
func (p *pairing) of(h Hash) []battle {
	switch {
	case p.chosen != nil:
		return p.chosen[h]
	case p.random == 0:
		return p.battles
	}
	type draw struct {
		rank Digest
		b    battle
	}
	draws := make([]draw, len(p.battles))
	for i, b := range p.battles {
		draws[i] = draw{sum[Digest](h[:], b.A.Contestant[:], b.B.Contestant[:], []byte{byte(b.A.Sample), byte(b.B.Sample)}), b}
	}
	slices.SortFunc(draws, func(x, y draw) int { return bytes.Compare(x.rank[:], y.rank[:]) })
	chosen := make([]battle, 0, p.random)
	for _, d := range draws[:p.random] {
		if p.arena.chosen(p.arena.byID[d.b.A.Contestant]) || p.arena.chosen(p.arena.byID[d.b.B.Contestant]) {
			chosen = append(chosen, d.b)
		}
	}
	return chosen
}

// asked is one judgment that a battle wants.
type asked struct {
	judge  *Judge
	order  uint8 // 0: A is shown first
	repeat uint8 // 0; others measure how a judge agrees with itself, and never count
}

// ask works out who judges which battle.
func (p *pairing) ask() {
	own := p.arena.own()
	for i := range p.battles {
		b := &p.battles[i]
		panel, spares := p.judges(p.arena.sitting(own), *b), p.judges(p.arena.standingIn(own), *b)
		for d, set := range p.arena.Config.Datasets {
			b.judges, b.spares = append(b.judges, panel), append(b.spares, spares)
			if set.Rubric != "" {
				judges := p.arena.judging[d]
				b.judges[d], b.spares[d] = p.judges(p.arena.sitting(judges), *b), p.judges(p.arena.standingIn(judges), *b)
			}
		}
	}
}

// judgments are what a battle wants, given what is there: who judges it, and in which orders. The caller must not change
// them. Where the panel grows, the sheet must have the verdicts with their Metas, and the failures.
func (p *pairing) judgments(s *sheet, b battle) []asked {
	all := p.drawn(s, b, b.judges[s.Dataset])
	if p.panel.grows {
		all = p.hear(s, b).wanted
	}
	if p.panel.repeat > 0 {
		all = p.repeated(s, b, all)
	}
	return all
}

// possible are all judgments that a battle may ever want.
func (p *pairing) possible(s *sheet, b battle) []asked {
	all := p.drawn(s, b, b.judges[s.Dataset])
	if p.panel.grows {
		all = append(slices.Clone(all), p.drawn(s, b, b.spares[s.Dataset])...)
	}
	if p.panel.repeat > 0 {
		all = p.repeated(s, b, all)
	}
	return all
}

// drawn are judgments with their orders drawn, where the file wants that.
func (p *pairing) drawn(s *sheet, b battle, all []asked) []asked {
	if p.arena.Config.Judging.Orders != "random" {
		return all
	}
	all = slices.Clone(all)
	for i, w := range all {
		if w.judge.alone {
			continue // nothing is shown first
		}
		d := sum[Digest](s.Prompt[:], b.A.Contestant[:], b.B.Contestant[:], w.judge.ID[:], []byte{byte(b.A.Sample), byte(b.B.Sample)})
		all[i].order = d[0] & 1
	}
	return all
}

// judges are the judgments of a battle before orders are drawn.
func (p *pairing) judges(judges []*Judge, b battle) []asked {
	var all []asked
	for _, j := range judges {
		if p.skips(j, b) {
			continue
		}
		if j.alone { // nothing is shown first
			all = append(all, asked{judge: j})
			continue
		}
		switch p.arena.Config.Judging.Orders {
		case "random":
			all = append(all, asked{judge: j})
		case "fixed":
			order := uint8(0)
			if p.arena.byID[b.B.Contestant].Place < p.arena.byID[b.A.Contestant].Place {
				order = 1
			}
			all = append(all, asked{judge: j, order: order})
		default:
			all = append(all, asked{judge: j}, asked{judge: j, order: 1})
		}
	}
	return all
}

// skips reports whether a judge leaves a battle of its own model to another judge. A replacement is none that remains: it is
// not asked because somebody skipped.
func (p *pairing) skips(j *Judge, b battle) bool {
	return p.arena.Config.Judging.SkipOwnModel && p.own(j.Model, b) &&
		slices.ContainsFunc(p.arena.Judges, func(k Judge) bool {
			return !p.own(k.Model, b) && (p.arena.sits(&k) || !p.arena.sits(j))
		})
}

func (p *pairing) own(j configs.Model, b battle) bool {
	return j.ModelID == p.arena.byID[b.A.Contestant].ModelID || j.ModelID == p.arena.byID[b.B.Contestant].ModelID
}

// key is the judgment's key, given the digest of the two answers.
func (w asked) key(over *wanted, b battle, texts Digest) VerdictKey {
	if w.judge.refers {
		texts = texts.with(over.digest)
	}
	return VerdictKey{Prompt: over.Prompt, A: b.A, B: b.B, Texts: texts, Judge: w.judge.ID, Order: w.order, Repeat: w.repeat}
}

// askable yields the judgments that a prompt wants and whose answers are there, battle by battle. One about a single answer
// does not wait for that of the battle's other side, and is yielded once.
func (p *pairing) askable(s *sheet) iter.Seq2[VerdictKey, asked] { return p.keys(s, p.judgments) }

// keys yields judgments whose answers are there, battle by battle.
func (p *pairing) keys(s *sheet, judgments func(*sheet, battle) []asked) iter.Seq2[VerdictKey, asked] {
	return func(yield func(VerdictKey, asked) bool) {
		var once singles
		for _, b := range p.of(s.Prompt) {
			if p.alone {
				for w, of := range p.singles(s, b, judgments) {
					if once.again(w, of.side) {
						continue
					}
					for _, w := range p.twice(s, w, of.side) {
						if !yield(w.single(&s.wanted, of), w) {
							return
						}
					}
				}
			}
			x, okX := s.answer(b.A)
			y, okY := s.answer(b.B)
			if !okX || !okY {
				continue
			}
			texts := texts(x.Digest, y.Digest)
			for _, w := range judgments(s, b) {
				if !w.judge.alone && !yield(w.key(&s.wanted, b, texts), w) {
					return
				}
			}
		}
	}
}
