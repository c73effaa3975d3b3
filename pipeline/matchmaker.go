package pipeline

import (
	"context"
	"encoding/binary"
	"slices"

	"openarena/elo"
	"openarena/store"
)

// matchmaker finds out which battles are to come next where pairs are adaptive. All of it is a function of what the database
// has at the boundary of two batches, so that a run that was killed goes on as if it had not been.
type matchmaker struct {
	arena   *Arena
	pairing *pairing

	prompts int32
	fought  []elo.Battle // decided battles of the batches
	used    []int        // by pair: battles of the batches
	room    []int        // by pair: battles that are left to choose from
	judged  int          // battles of the batches that nothing is owed of
	open    int          // the others, of which there is something to come
	toCome  int          // battles that are left, and wait for an answer
	coming  []int        // by contestant: the same
	spared  []int64      // by place of the judge: judgments that battles outside the batches take
	found   []fixture    // battles outside the batches that were judged, as they are if all pairs met before
}

func newMatchmaker(p *pairing) *matchmaker {
	n := len(p.arena.Contestants)
	return &matchmaker{arena: p.arena, pairing: p, used: make([]int, n*n), room: make([]int, n*n), coming: make([]int, n), spared: make([]int64, len(p.arena.Judges))}
}

// matchmaking reads what there is of all prompts.
func (a *Arena) matchmaking(ctx context.Context, r store.Reader, all []listing) (*matchmaker, error) {
	p, err := a.pairingIn(ctx, r)
	if err != nil {
		return nil, err
	}
	m := newMatchmaker(p)
	for s, err := range a.sheets(ctx, r, all, walkOptions{span: everything, verdicts: metas, failures: true}) {
		if err != nil {
			return nil, err
		}
		m.see(s)
	}
	return m, nil
}

// pair is the place of a pair of contestants, by their places.
func (m *matchmaker) pair(a, b int) int { return min(a, b)*len(m.arena.Contestants) + max(a, b) }

func (m *matchmaker) places(b battle) (x, y int) {
	return m.arena.byID[b.A.Contestant].Place, m.arena.byID[b.B.Contestant].Place
}

// see takes a sheet with verdicts and failures.
func (m *matchmaker) see(s *sheet) {
	chosen := m.pairing.of(s.Prompt)
	var once singles // what pointwise judges are asked about
	if m.pairing.alone {
		for _, b := range chosen {
			m.pairing.met(&once, s, b)
		}
	}
	for _, b := range m.pairing.battles {
		if len(chosen) > 0 && chosen[0].compare(b) == 0 {
			chosen = chosen[1:]
			m.seeChosen(s, b)
		} else {
			m.seeFree(s, b, &once)
		}
	}
	m.prompts++
}

// met takes note of the answers of a battle that pointwise judges are asked about.
func (p *pairing) met(once *singles, s *sheet, b battle) {
	for _, w := range p.judgments(s, b) {
		if w.judge.alone {
			once.again(w, b.A)
			once.again(w, b.B)
		}
	}
}

func (m *matchmaker) seeChosen(s *sheet, b battle) {
	x, y := m.places(b)
	m.used[m.pair(x, y)]++
	said := m.pairing.battleMargins(s, b)
	if said.owed && !m.impossible(s, b.A) && !m.impossible(s, b.B) {
		m.open++
		return
	}
	m.judged++
	if said.weight > 0 {
		m.fought = append(m.fought, elo.Battle{
			A: int32(x), B: int32(y), Cluster: m.prompts, Score: said.points(m.arena.Config.Rating.Outcome), Weight: 1,
		})
	}
}

// impossible reports whether there is no answer and there will be none.
func (m *matchmaker) impossible(s *sheet, of Side) bool {
	_, there := s.answer(of)
	return m.arena.absent(of, there) || s.gaveUp(of)
}

func (m *matchmaker) seeFree(s *sheet, b battle, once *singles) {
	_, okX := s.answer(b.A)
	_, okY := s.answer(b.B)
	switch {
	case m.impossible(s, b.A) || m.impossible(s, b.B):
		return
	case !okX || !okY:
		m.toCome++
		x, y := m.places(b)
		m.coming[x]++
		m.coming[y]++
	case len(s.keys) > 0 && m.wasJudged(s, b):
		m.found = append(m.found, fixture{s.Prompt, b.A, b.B})
	default:
		m.room[m.pair(m.places(b))]++
	}
	m.spare(s, b, once)
}

// spare counts the judgments that a battle outside the batches would take.
func (m *matchmaker) spare(s *sheet, b battle, once *singles) {
	x, okX := s.answer(b.A)
	y, okY := s.answer(b.B)
	silent := len(s.keys)+len(s.failed) == 0 // there is nothing to look for, as with most prompts
	var both Digest
	if okX && okY && !silent {
		both = texts(x.Digest, y.Digest)
	}
	for _, w := range m.pairing.judgments(s, b) {
		n := &m.spared[w.judge.Place]
		if !w.judge.alone {
			if k := w.key(&s.wanted, b, both); silent || !s.has(k) && !s.lost(k) {
				*n++
			}
			continue
		}
		for _, side := range [...]Side{b.A, b.B} {
			if !once.again(w, side) {
				*n += m.pairing.lacking(s, w, side)
			}
		}
	}
}

// lacking is how many judgments about one answer are to come.
func (p *pairing) lacking(s *sheet, w asked, side Side) (n int64) {
	of, there := s.answer(side)
	for _, w := range p.twice(s, w, side) {
		if !there {
			n++
		} else if k := w.single(&s.wanted, of); !s.has(k) && !s.lost(k) {
			n++
		}
	}
	return n
}

// wasJudged reports whether all that a battle wants has been said.
func (m *matchmaker) wasJudged(s *sheet, b battle) bool {
	said := m.pairing.battleMargins(s, b)
	return !said.owed && said.shown+said.bad > 0
}

// left is whether a contestant has battles to choose from.
func (m *matchmaker) left(x int) bool {
	for y := range m.arena.Contestants {
		if m.room[m.pair(x, y)] > 0 {
			return true
		}
	}
	return false
}

// goal is the one of the file, in the words of mathematics.
func (a *Arena) goal() elo.Goal {
	stop := a.Config.Judging.Stop
	g := elo.Goal{Confidence: stop.Confidence, Indifference: stop.Indifference}
	switch stop.Goal {
	case "leader":
		g.Top = 1
	case "top":
		g.Top = stop.K
	}
	return g
}

// outlook is what adaptive pairing makes of the state of things.
type outlook struct {
	state state
	pairs map[[2]int]int // of the next batch: how many battles of whom, by places
	found []fixture      // the same, of battles that were judged before
	open  int            // comparisons that are not settled
}

type state uint8

const (
	waiting   state = iota // for what is owed of the batches, or for answers
	choosing               // there is a next batch
	settled                // the goal is reached
	exhausted              // it is not, and there are no more battles that could tell
)

// look finds out how things are.
func (m *matchmaker) look() (o outlook, err error) {
	n := len(m.arena.Contestants)
	how := m.arena.fitOptions()
	if how.Interval == elo.Bootstrap { // of which only the variance would be used
		how.Interval = elo.Clustered
	}
	fit, err := elo.BradleyTerry(n, m.fought, how)
	if err != nil {
		return o, err
	}
	open, err := fit.Open(m.arena.goal())
	if err != nil {
		return o, err
	}
	open = slices.DeleteFunc(open, func(c elo.Comparison) bool { return !m.meet(c.Better, c.Worse) })
	o.open = len(open)
	first, stranger := m.lacking(fit)
	telling := slices.DeleteFunc(slices.Clone(open), func(c elo.Comparison) bool { return !m.left(c.Better) || !m.left(c.Worse) })
	switch {
	case m.open > 0:
		o.state = waiting
	case len(m.found) > 0:
		o.state, o.found = choosing, m.found
	case len(m.fought) > 0 && !stranger && len(telling) == 0:
		o.state = m.end(fit, len(open))
	case len(first) > 0:
		o.state, o.pairs = choosing, first
	default:
		o.pairs = map[[2]int]int{}
		for _, p := range fit.Next(telling, m.batchSize(), func(a, b int) int { return m.room[m.pair(a, b)] }, seed) {
			o.pairs[p]++
		}
		o.state = choosing
		if len(o.pairs) == 0 {
			o.state = m.end(fit, len(open))
		}
	}
	return o, nil
}

// end is the state where nothing that can be chosen now tells more.
func (m *matchmaker) end(fit *elo.Fit, open int) state {
	for x, c := range fit.Contestants {
		if !c.Rated && m.coming[x] > 0 {
			return waiting
		}
	}
	switch {
	case open == 0 && len(m.fought) > 0:
		return settled
	case m.toCome > 0:
		return waiting
	}
	return exhausted
}

// seed is that of all choices. There is nothing to gain from another one.
const seed = 1

// meet reports whether two contestants meet: in a trial of some models, those that were left out do not.
func (m *matchmaker) meet(x, y int) bool {
	a := m.arena
	return a.chosen(&a.Contestants[x]) || a.chosen(&a.Contestants[y])
}

const (
	// openingBattles are how many each pair of the opening has, before anything is known.
	openingBattles = 2
	// everyPair is up to how many contestants everybody meets everybody in the opening.
	everyPair = 32
)

// opening are the pairs that meet first: all, or where these are too many each contestant and those one, two, four … places
// behind it in the file, which joins all of them closely.
func (m *matchmaker) opening() (pairs [][2]int) {
	n := len(m.arena.Contestants)
	further := func(d int) int {
		if n > everyPair {
			return 2 * d
		}
		return d + 1
	}
	for x := range n {
		for d := 1; x+d < n; d = further(d) {
			pairs = append(pairs, [2]int{x, x + d})
		}
	}
	return pairs
}

// lacking is what of the opening was not chosen yet and can be. stranger: some of it is for one without a rating.
func (m *matchmaker) lacking(fit *elo.Fit) (pairs map[[2]int]int, stranger bool) {
	pairs = map[[2]int]int{}
	for _, p := range m.opening() {
		k := m.pair(p[0], p[1])
		if n := min(openingBattles-m.used[k], m.room[k]); n > 0 {
			pairs[p] = n
			stranger = stranger || !fit.Contestants[p[0]].Rated || !fit.Contestants[p[1]].Rated
		}
	}
	return pairs, stranger
}

// batchSize keeps the judges busy for a few rounds of calls, and lets batches grow with what is there, so that there are not
// too many of them. What a server happens to take at the moment is no part of it: it would be another one after a crash.
func (m *matchmaker) batchSize() int {
	slots := 0
	for _, j := range m.arena.Judges {
		slots = max(slots, j.Endpoint.Concurrency)
	}
	return max(50, 2*slots, len(m.fought)/40)
}

// batch is what is recorded together, sorted.
type batch struct {
	number  uint32
	battles []fixture
}

// next is the next batch, and how things are; it is empty where there is nothing to choose. r must not change meanwhile.
func (a *Arena) next(ctx context.Context, r store.Reader, all []listing) (b batch, s state, err error) {
	m, err := a.matchmaking(ctx, r, all)
	if err != nil {
		return b, waiting, err
	}
	o, err := m.look()
	if err != nil || o.state != choosing {
		return b, o.state, err
	}
	b = batch{number: m.pairing.batches + 1, battles: o.found}
	if len(o.found) == 0 {
		b.battles, err = m.over(ctx, r, all, o.pairs, b.number)
	}
	return b, o.state, err
}

// candidate is a battle that may be chosen, and how little speaks for it.
type candidate struct {
	fixture
	rank [10]byte
}

// over finds prompts for pairs: of those left the ones over which the two have met others least, then those with the fewest
// battles of anybody, and of these by hash.
func (m *matchmaker) over(ctx context.Context, r store.Reader, all []listing, pairs map[[2]int]int, number uint32) ([]fixture, error) {
	best := map[[2]int][]candidate{}
	for s, err := range m.arena.sheets(ctx, r, all, walkOptions{span: everything, verdicts: nothing, failures: false}) {
		if err != nil {
			return nil, err
		}
		chosen := m.pairing.of(s.Prompt)
		for _, b := range m.pairing.battles {
			x, y := m.places(b)
			of := [2]int{min(x, y), max(x, y)}
			if pairs[of] == 0 || !m.free(s, b, chosen) {
				continue
			}
			best[of] = keep(best[of], candidate{fixture{s.Prompt, b.A, b.B}, rank(s.Prompt, b, chosen, number)}, pairs[of])
		}
	}
	var batch []fixture
	for _, few := range best {
		for _, c := range few {
			batch = append(batch, c.fixture)
		}
	}
	slices.SortFunc(batch, fixture.compare)
	return batch, nil
}

// free reports whether a battle can be chosen.
func (m *matchmaker) free(s *sheet, b battle, chosen []battle) bool {
	_, okX := s.answer(b.A)
	_, okY := s.answer(b.B)
	if !okX || !okY {
		return false
	}
	_, taken := slices.BinarySearchFunc(chosen, b, battle.compare)
	return !taken
}

func rank(h Hash, b battle, chosen []battle, number uint32) (r [10]byte) {
	met := 0
	for _, c := range chosen {
		for _, s := range [...]Side{c.A, c.B} {
			if s == b.A || s == b.B {
				met++
			}
		}
	}
	r[0], r[1] = byte(min(met, 255)), byte(min(len(chosen), 255))
	d := sum[Digest](h[:], b.A.Contestant[:], b.B.Contestant[:], binary.BigEndian.AppendUint32([]byte{seed, byte(b.A.Sample), byte(b.B.Sample)}, number))
	copy(r[2:], d[:])
	return r
}

// keep adds a candidate to the n best.
func keep(best []candidate, c candidate, n int) []candidate {
	at, _ := slices.BinarySearchFunc(best, c, func(x, y candidate) int { return slices.Compare(x.rank[:], y.rank[:]) })
	if at == n {
		return best
	}
	best = slices.Insert(best, at, c)
	return best[:min(len(best), n)]
}
