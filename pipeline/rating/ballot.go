package rating

import (
	"errors"
	"fmt"
	"iter"
	"math"

	"openarena/elo"
)

// Battle is one comparison of two models, by their numbers.
type Battle struct {
	A, B    int32
	Cluster int32     // battles of one prompt share it, as they are not independent: a number from 0, best without gaps
	Score   float64   // points of A, from 0 to 1, as Bradley-Terry counts them
	Share   float64   // the same as Elo counts them
	Won     float64   // the same as win rates and ties count them: 1, 0.5 or 0
	Weight  float64   // how much it counts, usually 1
	X       []float64 // covariates, in the order of Settings.Control, from A's side; not kept
	Parts   []Part    // in place of Score, X and Weight where covariates are fitted: a battle whose parts are swayed in different ways; not kept
}

// Part is a part of a battle, such as what was said of it in one order.
type Part struct {
	Score  float64 // points of A, from 0 to 1, as Bradley-Terry counts them
	Weight float64 // the battle's, divided among its parts
	X      []float64
}

// Ballot collects battles. Where they are needed (see Settings.counts) it holds 32 bytes for each, 8 more for each
// covariate, and 8 more for its Share where Elo goes over them again; else what it holds grows with pairs of models only.
type Ballot struct {
	settings Settings
	models   []tally
	numbers  map[string]int32
	added    int // battles
	clusters clusters
	single   bool          // each cluster is one battle of no known prompt
	pairs    []meeting     // by slot of the pair; where Settings.Pairs asks for them
	sequence *elo.Sequence // of shares
	wrong    error         // with the settings

	counts     *elo.Counts  // where they are enough, and then nothing below
	battles    []elo.Battle // as they came
	shares     []float64    // by battle, where Elo goes over them again; nil while all are the scores
	parts      []elo.Battle // what covariates go with; nil while all battles are of one part
	covariates [][]float64  // by covariate, then by part
}

// tally is what is counted of a model.
type tally struct {
	name    string
	battles int
	won     float64 // ties half
	ties    int
	invalid int
}

// New returns a ballot without battles. What is wrong with settings is told by Rate.
func New(s Settings) *Ballot {
	s = s.complete()
	b := &Ballot{settings: s, numbers: map[string]int32{}, covariates: make([][]float64, len(s.Control))}
	b.sequence, b.wrong = elo.NewSequence(s.elo())
	if s.counts() {
		b.counts = &elo.Counts{}
	}
	return b
}

// Model returns the number of a model, the next one if the name is new. Models are listed in the order of their numbers
// where ratings do not tell.
func (b *Ballot) Model(name string) int32 {
	n, ok := b.numbers[name]
	if !ok {
		n = int32(len(b.models))
		b.numbers[name] = n
		b.models = append(b.models, tally{name: name})
		b.grow()
	}
	return n
}

// grow makes room for the models.
func (b *Ballot) grow() {
	n := len(b.models)
	if b.sequence != nil {
		b.sequence.Grow(n)
	}
	if b.settings.Pairs {
		b.pairs = append(b.pairs, make([]meeting, n-1)...)
	}
	if b.counts != nil && b.wrong == nil {
		b.wrong = b.counts.Grow(n)
	}
}

// Grow makes room for so many battles in all, where they are kept: without, what they fill is copied again and again.
func (b *Ballot) Grow(n int) {
	if b.counts == nil && n > cap(b.battles) {
		b.battles = append(make([]elo.Battle, 0, n), b.battles...)
	}
}

// Add counts a battle of numbered models. The order matters to Elo: hand battles over in the order of their keys. One that
// cannot be counted is an error, and is left out.
func (b *Ballot) Add(battle Battle) error {
	if err := b.check(&battle); err != nil {
		return err
	}
	whole := elo.Battle{A: battle.A, B: battle.B, Cluster: battle.Cluster, Score: battle.Score, Weight: battle.Weight}
	if b.counts != nil {
		if err := b.counts.Add(whole); err != nil {
			return err
		}
	} else {
		if b.settings.replays() {
			b.keepShare(&battle)
		}
		b.keepParts(&battle, whole)
		b.battles = append(b.battles, whole)
	}
	b.tally(&battle)
	b.clusters.add(battle.Cluster)
	b.added++
	whole.Score = battle.Share
	return b.sequence.Add(whole)
}

// tally counts a battle for its models, and for the pair.
func (b *Ballot) tally(battle *Battle) {
	x, y := &b.models[battle.A], &b.models[battle.B]
	x.battles++
	y.battles++
	x.won += battle.Won
	y.won += 1 - battle.Won
	if battle.Won == 0.5 {
		x.ties++
		y.ties++
	}
	if b.settings.Pairs {
		m := b.meeting(battle.A, battle.B)
		m.battles++
		if battle.A < battle.B {
			m.won += battle.Won
		} else {
			m.won += 1 - battle.Won
		}
	}
}

// The bounds of elo, beyond which sums lose the small ones to rounding; checked here, so that an error names the models.
const (
	minWeight = 1e-6
	maxWeight = 1e6
	most      = 1e6 // of a covariate
)

// check says why a battle cannot be counted.
func (b *Ballot) check(battle *Battle) error {
	switch points := [...]float64{battle.Score, battle.Share, battle.Won}; {
	case b.wrong != nil:
		return b.wrong
	case battle.Cluster < 0:
		return fmt.Errorf("prompt %d: they are numbered from 0", battle.Cluster)
	case battle.A == battle.B:
		return fmt.Errorf("%q meets itself: leave such battles out", b.models[battle.A].name)
	case !part(points[0]) || !part(points[1]) || !part(points[2]):
		return fmt.Errorf("points of %q are %v, %v and %v: each must be between 0 and 1", b.models[battle.A].name, points[0], points[1], points[2])
	case !(battle.Weight >= minWeight && battle.Weight <= maxWeight): // NaN fails too
		return fmt.Errorf("the weight is %v: must be from %g to %g, and is 1 for a battle that counts once", battle.Weight, minWeight, maxWeight)
	}
	for _, p := range battle.Parts {
		switch {
		case !part(p.Score):
			return fmt.Errorf("points of %q are %v in one part: must be between 0 and 1", b.models[battle.A].name, p.Score)
		case !(p.Weight >= minWeight && p.Weight <= maxWeight):
			return fmt.Errorf("the weight of one part is %v: must be from %g to %g", p.Weight, minWeight, maxWeight)
		}
		if err := b.checkCovariates(p.X); err != nil {
			return err
		}
	}
	if len(battle.Parts) > 0 {
		return nil
	}
	return b.checkCovariates(battle.X)
}

func (b *Ballot) checkCovariates(all []float64) error {
	if len(all) != len(b.covariates) {
		return fmt.Errorf("there are %d covariates for %d names", len(all), len(b.covariates))
	}
	for k, x := range all {
		if !(math.Abs(x) <= most) {
			return fmt.Errorf("%s is %v: must be a number from %g to %g", b.settings.Control[k], x, -most, most)
		}
	}
	return nil
}

// part reports whether x is a part of 1; NaN is none.
func part(x float64) bool { return x >= 0 && x <= 1 }

// keepShare keeps the share of the battle that is added next, if any of them needs it.
func (b *Ballot) keepShare(battle *Battle) {
	if b.shares == nil {
		if battle.Share == battle.Score {
			return
		}
		b.shares = make([]float64, len(b.battles), max(64, cap(b.battles)))
		for i := range b.battles {
			b.shares[i] = b.battles[i].Score
		}
	}
	b.shares = append(b.shares, battle.Share)
}

// keepParts keeps the covariates of the battle that is added next, and its parts, if any battle has them.
func (b *Ballot) keepParts(battle *Battle, whole elo.Battle) {
	if len(b.covariates) == 0 {
		return
	}
	if b.parts == nil && len(battle.Parts) > 0 {
		b.parts = append(make([]elo.Battle, 0, max(64, cap(b.battles))), b.battles...)
	}
	parts := battle.Parts
	if len(parts) == 0 {
		parts = []Part{{battle.Score, battle.Weight, battle.X}}
	}
	for _, p := range parts {
		whole.Score, whole.Weight = p.Score, p.Weight
		if b.parts != nil {
			b.parts = append(b.parts, whole)
		}
		for k, x := range p.X {
			b.covariates[k] = append(b.covariates[k], x)
		}
	}
}

// fitted are the battles that the ratings are fitted to.
func (b *Ballot) fitted() []elo.Battle {
	if b.parts != nil {
		return b.parts
	}
	return b.battles
}

// Invalid counts n verdicts about a model that could not be read.
func (b *Ballot) Invalid(model int32, n int) { b.models[model].invalid += n }

// NoPrompts says that no prompt is known of any battle, and that each has a cluster of its own.
func (b *Ballot) NoPrompts() { b.single = true }

// Battles is how many were added.
func (b *Ballot) Battles() int { return b.added }

// Progression yields the Elo ratings after every run of battles of one cluster, models by number. Settings must ask for it.
func (b *Ballot) Progression() iter.Seq2[elo.Progress, error] {
	if !b.settings.Progression {
		return func(yield func(elo.Progress, error) bool) {
			yield(elo.Progress{}, errors.New("not all that it takes was kept: set Settings.Progression"))
		}
	}
	return elo.Progression(len(b.models), b.shared(), b.settings.elo())
}

// shared are the battles as Elo counts them.
func (b *Ballot) shared() iter.Seq[elo.Battle] {
	return func(yield func(elo.Battle) bool) {
		for i, battle := range b.battles {
			if b.shares != nil {
				battle.Score = b.shares[i]
			}
			if !yield(battle) {
				return
			}
		}
	}
}

// names are those of the models, by number.
func (b *Ballot) names() []string {
	names := make([]string, len(b.models))
	for i := range b.models {
		names[i] = b.models[i].name
	}
	return names
}

// clusters is a set of small numbers.
type clusters struct {
	seen  []uint64
	count int
}

func (c *clusters) add(n int32) {
	at, bit := int(n)/64, uint64(1)<<(n%64)
	for at >= len(c.seen) {
		c.seen = append(c.seen, 0)
	}
	if c.seen[at]&bit == 0 {
		c.seen[at] |= bit
		c.count++
	}
}
