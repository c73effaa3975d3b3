package columns

import (
	"fmt"
	"slices"
	"strings"
)

// Query says which battles of a table are wanted and in which order; what is empty leaves nothing out. The zero value is all of
// them, in the order of datasets and their rows. Who wins is seen from Model, without one from the model that stands first in
// the file.
type Query struct {
	Model    string // in the battle
	Versus   string // the other one
	Dataset  string
	Category string // or NoCategory
	Outcome  string // of Outcomes
	Judge    string // said something; Verdict, Flag and Flipped are then about what this one said
	Verdict  string // of Verdicts
	Flag     string
	Flipped  bool // a judge does not say the same of who wins in both orders
	Disagree bool // judges do not all say the same of who wins
	People   string
	Order    string // of Orders
}

// NoCategory is the category of prompts that have none.
const NoCategory = "(no category)"

// What queries may name.
var (
	Outcomes = []string{"won", "lost", "tie", "undecided"}
	Verdicts = []string{"much-worse", "worse", "tie", "better", "much-better", "invalid"}
	Votes    = []string{"agree", "differ", "none"} // people and the judges on who wins
	Orders   = []string{"disagreement", "margin"}  // the greatest first
)

// UnknownError says that a query names what a table does not have.
type UnknownError struct {
	By         Filter
	What, Name string
	Known      []string
}

// mostTold is how many names an error tells: some datasets have a category for every prompt.
const mostTold = 20

func (e *UnknownError) Error() string {
	if len(e.Known) == 0 {
		return fmt.Sprintf("there is no %s %q, nor any other", e.What, e.Name)
	}
	known, rest := e.Known, ""
	if len(known) > mostTold {
		known, rest = known[:mostTold], fmt.Sprintf(" or one of %d others", len(known)-mostTold)
	}
	return fmt.Sprintf("there is no %s %q; it may be %s%s", e.What, e.Name, strings.Join(known, ", "), rest)
}

// find is the place of a name, -1 for none.
func find(by Filter, what, name string, known []string) (int, error) {
	if name == "" {
		return -1, nil
	}
	i := slices.Index(known, name)
	if i < 0 {
		return -1, &UnknownError{by, what, name, known}
	}
	return i, nil
}

// Filter is a part of a query that can leave battles out.
type Filter uint8

// The filters.
const (
	ByModel Filter = iota
	ByVersus
	ByDataset
	ByCategory
	ByOutcome
	ByJudge
	ByVerdict
	ByFlag
	ByFlipped
	ByDisagree
	ByPeople
	filters
	ByOrder = filters // which leaves nothing out
)

// Without is the query without a filter. What is seen from its model is then seen from the other one.
func (q Query) Without(f Filter) Query {
	switch f {
	case ByModel:
		q.Model, q.Versus = q.Versus, ""
	case ByVersus:
		q.Versus = ""
	case ByDataset:
		q.Dataset = ""
	case ByCategory:
		q.Category = ""
	case ByOutcome:
		q.Outcome = ""
	case ByJudge:
		q.Judge = ""
	case ByVerdict:
		q.Verdict = ""
	case ByFlag:
		q.Flag = ""
	case ByFlipped:
		q.Flipped = false
	case ByDisagree:
		q.Disagree = false
	case ByPeople:
		q.People = ""
	case ByOrder:
		q.Order = ""
	}
	return q
}

// sieve is a query in numbers; -1: whatever it is.
type sieve struct {
	model, versus, outcome, judge, people int
	order                                 int
	datasets, categories                  []bool // by group: it is left out
	verdict, flag, flipped                saying // bits of which one must be said
	disagree                              bool
}

func (t *Table) sieve(q Query) (s sieve, err error) {
	if q.Model == "" {
		q = q.Without(ByModel)
	}
	var models []string
	for _, m := range t.Models {
		models = append(models, m.Name)
	}
	dataset, verdict, flag := -1, -1, -1
	for _, f := range [...]struct {
		to         *int
		by         Filter
		what, name string
		known      []string
	}{
		{&s.model, ByModel, "model", q.Model, models}, {&s.versus, ByVersus, "model", q.Versus, models}, {&dataset, ByDataset, "dataset", q.Dataset, t.Datasets},
		{&s.outcome, ByOutcome, "outcome", q.Outcome, Outcomes}, {&s.judge, ByJudge, "judge", q.Judge, t.Judges}, {&verdict, ByVerdict, "verdict", q.Verdict, Verdicts},
		{&flag, ByFlag, "flag", q.Flag, t.Flags}, {&s.people, ByPeople, "choice of votes", q.People, Votes}, {&s.order, ByOrder, "order", q.Order, Orders},
	} {
		if *f.to, err = find(f.by, f.what, f.name, f.known); err != nil {
			return s, err
		}
	}
	if verdict >= 0 {
		s.verdict = saidWorse << verdict
	}
	if flag >= 0 {
		s.flag = 1 << (saidFlags + flag)
	}
	if q.Flipped {
		s.flipped = saidFlipped
	}
	s.disagree = q.Disagree
	return s, s.choose(t, q.Category, dataset)
}

// choose says which groups of prompts are left out.
func (s *sieve) choose(t *Table, category string, dataset int) error {
	s.datasets, s.categories = make([]bool, len(t.groups)), make([]bool, len(t.groups))
	known := category == ""
	for i, g := range t.groups {
		s.datasets[i] = dataset >= 0 && g.dataset != dataset
		s.categories[i] = category != "" && g.name() != category
		known = known || !s.categories[i]
	}
	if !known {
		return &UnknownError{ByCategory, "category", category, t.categories()}
	}
	return nil
}

// name is the category's.
func (g group) name() string {
	if g.category == "" {
		return NoCategory
	}
	return g.category
}

// categories are those of all prompts, in alphabetical order.
func (t *Table) categories() (all []string) {
	for _, g := range t.groups {
		all = append(all, g.name())
	}
	slices.Sort(all)
	return slices.Compact(all)
}

// CountsOf are the categories in alphabetical order, and how many battles a selection counts for each.
func (t *Table) CountsOf(c *Counts) (names []string, counts []int) {
	names = t.categories()
	for _, name := range names {
		counts = append(counts, c.Categories[name])
	}
	return names, counts
}
