package pipeline

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"openarena/pipeline/judge"
	"openarena/store"
)

// Reparsed says what became of a judge's verdicts when all its stored replies were read once more.
type Reparsed struct {
	Judge   string   `json:"judge"`
	Read    int      `json:"read"`
	Changed int      `json:"changed"`
	Changes []Change `json:"changes"` // the most frequent first
}

// Change is one way in which verdicts changed. From and To name the answer shown first A.
type Change struct {
	From     string   `json:"from"`
	To       string   `json:"to"`
	Count    int      `json:"count"`
	Examples []string `json:"examples"` // hashes of the first prompts, for `show`
}

// examples is how many prompts stand for a change.
const examples = 3

// Reparse reads every stored reply of the file's judges, whatever version of the parser read it last, and says what changed. It
// asks for nothing. After an error, or a crash, what was read stays read.
func (a *Arena) Reparse(ctx context.Context, s store.Store) ([]Reparsed, error) {
	of := map[string]*Reparsed{}
	var all []*Reparsed
	for _, j := range a.Judges {
		of[j.Name] = &Reparsed{Judge: j.Name, Changes: []Change{}}
		all = append(all, of[j.Name])
	}
	r := a.rereader(s)
	r.current = true
	r.read = func(k VerdictKey, was, is verdict) {
		of[a.judge(k.Judge).Name].see(k, was, is)
	}
	err := r.run(ctx)
	var report []Reparsed
	for _, one := range all {
		slices.SortStableFunc(one.Changes, func(x, y Change) int { return y.Count - x.Count })
		report = append(report, *one)
	}
	return report, err
}

// see takes a verdict that was read once more.
func (r *Reparsed) see(k VerdictKey, was, is verdict) {
	r.Read++
	if !is.differs(was) {
		return
	}
	r.Changed++
	from, to := inWords(was.Verdict), inWords(is.Verdict)
	if from == to { // it says the same of the answers
		from, to = inDetail(was), inDetail(is)
	}
	i := slices.IndexFunc(r.Changes, func(c Change) bool { return c.From == from && c.To == to })
	if i < 0 {
		i = len(r.Changes)
		r.Changes = append(r.Changes, Change{From: from, To: to})
	}
	c := &r.Changes[i]
	c.Count++
	if hash := k.Prompt.String(); len(c.Examples) < examples && !slices.Contains(c.Examples, hash) {
		c.Examples = append(c.Examples, hash)
	}
}

// inWords is the label of a verdict, or the score of one answer, or why there is none.
func inWords(v judge.Verdict) string {
	label := v.Label()
	switch {
	case v.State == judge.Invalid:
		return "invalid: " + v.Reason
	case label == "" && v.ScoreA != nil:
		return fmt.Sprintf("score %v", *v.ScoreA)
	}
	return label
}

// inDetail tells apart verdicts that are the same in words.
func inDetail(v verdict) string {
	parts := []string{inWords(v.Verdict)}
	if v.ScoreA != nil && v.ScoreB != nil && v.Label() != "" {
		parts = append(parts, fmt.Sprintf("%v:%v", *v.ScoreA, *v.ScoreB))
	}
	if v.Method != "" {
		parts = append(parts, v.Method)
	}
	if v.Attempts > 1 {
		parts = append(parts, fmt.Sprintf("attempt %d", v.Attempts))
	}
	return strings.Join(append(parts, v.Flags...), " ")
}
