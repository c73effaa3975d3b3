package rating

import "openarena/elo"

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

// Invalid counts n verdicts about a model that could not be read.
func (b *Ballot) Invalid(model int32, n int) { b.models[model].invalid += n }

// NoPrompts says that no prompt is known of any battle, and that each has a cluster of its own.
func (b *Ballot) NoPrompts() { b.single = true }

// Battles is how many were added.
func (b *Ballot) Battles() int { return b.added }

// names are those of the models, by number.
func (b *Ballot) names() []string {
	names := make([]string, len(b.models))
	for i := range b.models {
		names[i] = b.models[i].name
	}
	return names
}
