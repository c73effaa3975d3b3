package columns

import "math/bits"

// Selection is the battles that a query wants, in its order.
type Selection struct {
	Query  Query
	Counts Counts
	Rows   []uint32 // not to be changed

	table *Table
	order int
}

// Counts are how many battles there are for each value of a filter, among those that all other filters let pass.
type Counts struct {
	Without    [filters]int // by filter: as many as there were without it
	Models     []int        // by place
	Versus     []int        // by place; where the query names a model
	Datasets   []int        // by place
	Categories map[string]int
	Outcomes   []int // as Outcomes
	Judges     []int // by place
	Verdicts   []int // as Verdicts
	Flags      []int // as Table.Flags
	Flipped    int
	Disagree   int
	People     []int // as Votes
}

// Select looks at every battle. An *UnknownError tells of what the table does not have. For the last few queries nothing is
// looked at again.
func (t *Table) Select(q Query) (*Selection, error) {
	if s := t.recent.get(q); s != nil {
		return s, nil
	}
	sieve, err := t.sieve(q)
	if err != nil {
		return nil, err
	}
	s := t.pick(sieve)
	s.Query = q
	s.sort()
	t.recent.put(s)
	return s, nil
}

// picker looks at battles, one after the other.
type picker struct {
	sieve
	t      *Table
	models []int // by side
	rows   []uint32
	counts Counts
	groups [2][]int // by group: how many there are of datasets, and of categories
	group  uint32   // of the prompt at hand
	out    set      // filters that leave that prompt out
	said   []judgeSaying
}

// set is of filters.
type set uint16

func out(f Filter, of bool) set {
	if of {
		return 1 << f
	}
	return 0
}

// but is the set without f.
func (s set) but(f Filter) set { return s &^ (1 << f) }

// judgeSaying is what one judge says of a battle.
type judgeSaying struct {
	judge  int
	saying saying
}

func newPicker(t *Table, s sieve) *picker {
	k := &picker{sieve: s, t: t, groups: [2][]int{make([]int, len(t.groups)), make([]int, len(t.groups))}, counts: Counts{
		Models: make([]int, len(t.Models)), Versus: make([]int, len(t.Models)), Datasets: make([]int, len(t.Datasets)),
		Outcomes: make([]int, len(Outcomes)), Judges: make([]int, len(t.Judges)), Verdicts: make([]int, len(Verdicts)),
		Flags: make([]int, mostFlags), People: make([]int, len(Votes)),
	}}
	for _, s := range t.sides {
		k.models = append(k.models, s.Model)
	}
	return k
}

// look looks at the battles of some prompts, by their places in the order of datasets.
func (k *picker) look(from, to int) {
	for _, prompt := range k.t.order[from:to] {
		k.group = k.t.group[prompt]
		k.out = out(ByDataset, k.datasets[k.group]) | out(ByCategory, k.categories[k.group])
		for row, end := k.t.battlesOf(int(prompt)); row < end; row++ {
			k.see(row)
		}
	}
}

// view is a battle as one of its models sees it.
type view struct {
	model, versus int
	turned        bool   // it is B's
	outcome       int    // of Outcomes
	said          saying // by the judge that is asked about, or by any
	out           set
}

// see finds out whether a battle is wanted, and counts for which values of a filter it would be.
func (k *picker) see(row int) {
	f := k.t.facts[row]
	base := k.out
	if k.disagree && f&markDisagree == 0 {
		base |= 1 << ByDisagree
	}
	if k.people >= 0 && voteOf(f) != k.people {
		base |= 1 << ByPeople
	}
	if base&(base-1) != 0 {
		return
	}
	a, b := k.models[k.t.a[row]], k.models[k.t.b[row]]
	said, absent := k.hear(row)
	if absent {
		base |= 1 << ByJudge
	}
	main, other := k.view(a, b, f.outcome(), said), k.view(b, a, f.outcome().Turned(), said.turned())
	if other.turned = true; b == k.model || a != k.model && b < a {
		main, other = other, main
	}
	k.countModels(base, &main, &other)
	base |= main.out
	if base == 0 {
		k.rows = append(k.rows, uint32(row))
	}
	if base&(base-1) == 0 {
		k.count(base, &main, f)
	}
	k.countJudges(base, &main)
}

// hear is what the judge that is asked about says of a battle; absent: it says nothing, and this is what others say.
func (k *picker) hear(row int) (said saying, absent bool) {
	k.said = k.said[:0]
	if len(k.t.Judges) == 1 {
		if said = k.t.said[row]; said != 0 {
			k.said = append(k.said, judgeSaying{0, said})
		}
		return said, k.judge == 0 && said == 0
	}
	var all sayings
	for _, w := range k.t.wordsOf(row) {
		if done, judge, was := all.hear(w); done {
			k.said = append(k.said, judgeSaying{judge, was})
		}
	}
	if all.saying != 0 {
		k.said = append(k.said, judgeSaying{all.judge, all.saying})
	}
	for _, one := range k.said {
		if one.judge == k.judge {
			return one.saying, false
		}
	}
	return k.t.said[row], k.judge >= 0
}

func (k *picker) view(model, versus int, o Outcome, said saying) view {
	v := view{model: model, versus: versus, outcome: outcomes[o], said: said, out: k.lacks(said)}
	if k.outcome >= 0 && v.outcome != k.outcome {
		v.out |= 1 << ByOutcome
	}
	if k.model >= 0 {
		v.out |= out(ByModel, model != k.model) | out(ByVersus, k.versus >= 0 && versus != k.versus)
	}
	return v
}

// outcomes are those of battles as Outcomes has them, seen from A.
var outcomes = [...]int{Undecided: 3, Waiting: 3, TooFew: 3, WonByA: 0, WonByB: 1, Tied: 2}

// Name is what Outcomes call it, seen from A.
func (o Outcome) Name() string { return Outcomes[outcomes[o]] }

// voteOf is what there is of Votes.
func voteOf(f facts) int {
	switch {
	case f.people() == Undecided:
		return 2
	case f.people() == f.outcome():
		return 0
	}
	return 1
}

// lacks are the filters that want judges to say something else.
func (k *picker) lacks(s saying) set {
	if k.verdict|k.flag|k.flipped == 0 {
		return 0
	}
	return out(ByVerdict, k.verdict != 0 && s&k.verdict == 0) | out(ByFlag, k.flag != 0 && s&k.flag == 0) | out(ByFlipped, k.flipped != 0 && s&k.flipped == 0)
}

// countModels counts a battle for each model from whose side it would be wanted.
func (k *picker) countModels(base set, main, other *view) {
	one := false
	for _, v := range [...]*view{main, other} {
		if (base | v.out).but(ByModel) == 0 {
			k.counts.Models[v.model]++
			one = true
		}
	}
	if one {
		k.counts.Without[ByModel]++
	}
	if k.model >= 0 && (base|main.out).but(ByVersus) == 0 {
		k.counts.Versus[main.versus]++
		k.counts.Without[ByVersus]++
	}
}

// count counts a battle that no filter leaves out, or one alone.
func (k *picker) count(left set, v *view, f facts) {
	c := &k.counts
	counts := func(one Filter) bool {
		if left != 0 && left != 1<<one {
			return false
		}
		c.Without[one]++
		return true
	}
	if counts(ByDataset) {
		k.groups[0][k.group]++
	}
	if counts(ByCategory) {
		k.groups[1][k.group]++
	}
	if counts(ByOutcome) {
		c.Outcomes[v.outcome]++
	}
	if counts(ByVerdict) {
		tally(c.Verdicts, v.said&(saidLevels|saidInvalid))
	}
	if counts(ByFlag) {
		tally(c.Flags, v.said>>saidFlags&(1<<mostFlags-1))
	}
	if counts(ByFlipped) {
		c.Flipped += int(v.said & saidFlipped / saidFlipped)
	}
	if counts(ByDisagree) {
		c.Disagree += int(f & markDisagree / markDisagree)
	}
	if counts(ByPeople) {
		c.People[voteOf(f)]++
	}
}

// tally counts every bit.
func tally(counts []int, of saying) {
	for ; of != 0; of &= of - 1 {
		counts[bits.TrailingZeros32(uint32(of))]++
	}
}

// countJudges counts a battle for each judge that says what is asked for.
func (k *picker) countJudges(all set, v *view) {
	if all.but(ByJudge).but(ByVerdict).but(ByFlag).but(ByFlipped) != 0 {
		return
	}
	var any saying
	for _, j := range k.said {
		said := j.saying
		if v.turned {
			said = said.turned()
		}
		any |= said
		if k.lacks(said) == 0 {
			k.counts.Judges[j.judge]++
		}
	}
	if k.lacks(any) == 0 {
		k.counts.Without[ByJudge]++
	}
}
