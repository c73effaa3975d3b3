package web

import (
	"cmp"
	"fmt"

	"openarena/pipeline/columns"
)

// battlesQuery reads the query of a list of battles.
func battlesQuery(v *visit) columns.Query {
	get := v.query.Get
	return columns.Query{
		Model: get("model"), Versus: get("vs"), Dataset: get("dataset"), Category: get("category"), Outcome: get("outcome"), Judge: get("judge"),
		Verdict: get("verdict"), Flag: get("flag"), Flipped: get("flip") != "", Disagree: get("disagree") != "", People: get("votes"), Order: get("order"),
	}
}

// pairsOf are the same in pairs of key and value, what is empty left out.
func pairsOf(q columns.Query) (pairs []string) {
	for _, one := range [...][2]string{
		{"model", q.Model}, {"vs", q.Versus}, {"dataset", q.Dataset}, {"category", q.Category}, {"outcome", q.Outcome}, {"judge", q.Judge},
		{"verdict", q.Verdict}, {"flag", q.Flag}, {"flip", ifOn(q.Flipped, "1")}, {"disagree", ifOn(q.Disagree, "1")}, {"votes", q.People}, {"order", q.Order},
	} {
		if one[1] != "" {
			pairs = append(pairs, one[0], one[1])
		}
	}
	return pairs
}

// filterForm is what a list can be filtered by.
type filterForm struct {
	Choices []selector
	Ticks   []tickBox
	Text    string
	In      []tickBox // where it is looked for
}

// selector is one of several values, or none.
type selector struct {
	Name, Label string
	None        string // what choosing none says
	Options     []option
}

type option struct {
	Value, Label string
	Count        int // battles; -1: it leaves nothing out
	Chosen       bool
}

type tickBox struct {
	Name, Label string
	Count       int
	On          bool
}

// mostOptions is how many values of a filter are shown: some datasets have a category for every prompt.
const mostOptions = 200

func newFilterForm(v *visit, t *columns.Table, s *columns.Selection) filterForm {
	q, n := s.Query, &s.Counts
	var models []string
	for _, m := range t.Models {
		models = append(models, m.Name)
	}
	f := filterForm{Text: v.query.Get("q")}
	add := func(name, label, none, chosen string, values []string, words map[string]string, counts []int) {
		c := selector{Name: name, Label: label, None: none}
		for i, value := range values {
			count := -1
			if counts != nil {
				count = counts[i]
			}
			if value != chosen && (count == 0 || len(c.Options) >= mostOptions) {
				continue
			}
			c.Options = append(c.Options, option{value, cmp.Or(words[value], value), count, value == chosen})
		}
		if len(c.Options) > 0 {
			f.Choices = append(f.Choices, c)
		}
	}
	add("model", "Model", "any", q.Model, models, nil, n.Models)
	if q.Model != "" {
		add("vs", "Against", "any", q.Versus, models, nil, n.Versus)
	}
	if len(t.Datasets) > 1 {
		add("dataset", "Dataset", "any", q.Dataset, t.Datasets, nil, n.Datasets)
	}
	if names, counts := t.CountsOf(n); len(names) > 1 || q.Category != "" {
		add("category", "Category", "any", q.Category, names, nil, counts)
	}
	add("outcome", outcomeLabel(q), "any", q.Outcome, columns.Outcomes, outcomeWords, n.Outcomes)
	if len(t.Judges) > 1 {
		add("judge", "Judge", "any", q.Judge, t.Judges, nil, n.Judges)
	}
	add("verdict", "A verdict", "any", q.Verdict, columns.Verdicts, verdictWords, n.Verdicts)
	add("flag", "Flag", "any", q.Flag, t.Flags, flagWords, n.Flags)
	if q.People != "" || n.People[0]+n.People[1] > 0 {
		add("votes", "Votes", "any", q.People, columns.Votes, voteWords, n.People)
	}
	add("order", "Order", "as in the datasets", q.Order, columns.Orders, orderWords, nil)
	if len(t.Judges) > 1 {
		f.Ticks = append(f.Ticks, tickBox{"disagree", "judges disagree", n.Disagree, q.Disagree})
	}
	f.Ticks = append(f.Ticks, tickBox{"flip", "a verdict flips with the order", n.Flipped, q.Flipped})
	in := placesToLook(v)
	f.In = []tickBox{{"prompts", "prompts", 0, in.Prompts}, {"answers", "answers", 0, in.Answers}, {"explanations", "explanations", 0, in.Explanations}}
	return f
}

// outcomeLabel says whose outcome it is.
func outcomeLabel(q columns.Query) string {
	if q.Model == "" && q.Versus == "" {
		return "First model"
	}
	return "It has"
}

// activeFilter is a filter that is on, and a list without it.
type activeFilter struct {
	Label   string
	Without *place
	Count   int // battles without it
}

func activeFilters(t *columns.Table, s *columns.Selection) (all []activeFilter, err error) {
	q := s.Query
	for f, label := range [...]string{
		columns.ByModel: q.Model, columns.ByVersus: labelled("against %s", q.Versus), columns.ByDataset: labelled("dataset %s", q.Dataset),
		columns.ByCategory: labelled("category %s", q.Category), columns.ByOutcome: outcomeWords[q.Outcome], columns.ByJudge: labelled("judge %s", q.Judge),
		columns.ByVerdict: labelled("verdict: %s", verdictWords[q.Verdict]), columns.ByFlag: cmp.Or(flagWords[q.Flag], q.Flag),
		columns.ByFlipped: ifOn(q.Flipped, "position flip"), columns.ByDisagree: ifOn(q.Disagree, "judges disagree"),
		columns.ByPeople: voteWords[q.People],
	} {
		if label == "" {
			continue
		}
		by := columns.Filter(f)
		without := q.Without(by)
		one := activeFilter{Label: label, Without: &place{"/battles", pairsOf(without)}, Count: s.Counts.Without[by]}
		if len(s.Rows) == 0 && by == columns.ByModel { // without it battles are seen from another side
			other, err := t.Select(without)
			if err != nil {
				return nil, err
			}
			one.Count = len(other.Rows)
		}
		all = append(all, one)
	}
	return all, nil
}

func labelled(format, name string) string {
	if name == "" {
		return ""
	}
	return fmt.Sprintf(format, name)
}

func ifOn(on bool, label string) string {
	if on {
		return label
	}
	return ""
}
