package pipeline

import (
	"openarena/pipeline/judge"
	"openarena/store"
)

// deciding takes note that a verdict about a single answer is on its way to the disk. Of two that make a battle the one that
// is looked at last counts it, so that no battle is counted twice or not at all.
func (l *live) deciding(k VerdictKey) {
	if !k.alone() || k.Repeat > 0 || !l.pairing.panel.plain || l.run.job.Parts {
		return
	}
	l.mu.Lock()
	l.fresh[k] = true
	l.mu.Unlock()
}

// decidedAlone counts the battles that a verdict about a single answer completes.
func (l *live) decidedAlone(k VerdictKey, v judge.Verdict) {
	l.deriving.Lock()
	defer l.deriving.Unlock()
	met := l.opponents(k)
	l.mu.Lock()
	defer l.mu.Unlock()
	delete(l.fresh, k)
	for _, other := range met {
		if l.fresh[other.key] {
			continue
		}
		derived := judge.Derive(v, other.verdict, k.Texts == other.key.Texts)
		if derived.State == judge.Invalid {
			continue
		}
		level, share := fromA(verdict{Verdict: derived}, 0)
		b := newBattle(k.A, other.key.A)
		if b.A != k.A {
			level, share = -level, 1-share
		}
		l.score(l.scores, b, margins{level: level, share: share, weight: 1}.points("win"), 1/l.verdicts(b))
		l.seen++
	}
}

// opponent is a verdict of the same judge about another answer to the same prompt.
type opponent struct {
	key     VerdictKey
	verdict judge.Verdict
}

// opponents are those there are for an answer. What cannot be read is left out: who needs it meets the same error.
func (l *live) opponents(k VerdictKey) (met []opponent) {
	r := l.run
	s := newSheet(k.Prompt)
	j := r.arena.judge(k.Judge)
	if j.refers || r.arena.differs() {
		w, _, err := r.arena.locate(r.saving, r.store, r.listings, k.Prompt)
		if err != nil {
			return nil
		}
		s.wanted = w
	}
	for _, b := range r.pairing.of(k.Prompt) {
		side := b.A
		switch k.A {
		case b.A:
			side = b.B
		case b.B:
		default:
			continue
		}
		if l.pairing.skips(j, b) {
			continue
		}
		rec, err := r.store.Get(r.saving, store.Answers, AnswerKey{k.Prompt, side.Contestant, side.Sample}.bytes(), store.WithMeta)
		if err != nil {
			continue
		}
		of := given{side: side}
		if of.Digest, of.Finish, err = parseHead(rec.Meta); err != nil {
			continue
		}
		key := asked{judge: j}.single(&s.wanted, &of)
		if rec, err = r.store.Get(r.saving, store.Verdicts, key.bytes(), store.WithMeta); err != nil {
			continue
		}
		if v, err := parseVerdict(rec.Meta); err == nil {
			met = append(met, opponent{key, v.Verdict})
		}
	}
	return met
}

// widened takes note of what is wanted, now that a judgment was concluded, beside what was wanted before. What is there already
// is nothing to wait for.
func (l *live) widened(see func(*census, *sheet), now, was *sheet) {
	before, after := newCensus(l.run.pairing), newCensus(l.run.pairing)
	see(before, was)
	see(after, now)
	l.grow(after.left() + 1 - before.left())
}

// catchUp adds what was said, before they were chosen, of battles over one prompt that come in now.
func (l *live) catchUp(s *sheet, chosen []fixture) {
	if len(s.keys) == 0 {
		return
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, of := range chosen {
		if b, ok := l.run.pairing.find(of); ok {
			l.seen += l.weigh(l.scores, s, b)
		}
	}
}
