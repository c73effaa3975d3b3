package configs

import (
	"openarena/configs/internal/surface"
	"openarena/configs/internal/tree"
)

// judges resolves judge_model or judges, of which a file has one.
func (r *resolver) judges() {
	from := r.file.Judges
	switch one := r.file.JudgeModel; {
	case one != nil && from != nil:
		if one.At.Set() {
			r.faults.Add(one.At, "judge_model and judges are both here: move this one into judges")
		}
		from = append([]surface.Judge{*one}, from...)
	case one != nil:
		from = []surface.Judge{*one}
	case from == nil:
		r.faults.Add(r.file.At, "a judge is missing: write judge_model: {name: Judge, model_id: …}, or a list of judges")
	}
	names := map[string]tree.Mark{}
	same := map[question]tree.Mark{}
	for _, f := range from {
		j := r.judge(f)
		r.config.Judges = append(r.config.Judges, j)
		if j.Name == "" {
			continue
		}
		r.unique(names, f.Model, "judges")
		key, err := r.question(j, j.Rubric)
		if err != nil {
			r.faults.Add(f.At, "this judge has no definition: %v", err)
			continue
		}
		if first, twice := same[key]; twice {
			r.faults.Add(f.At, "this judge would be asked the same as the one in line %d: remove one, or set revision to tell them apart", first.Line)
			continue
		}
		same[key] = f.At
	}
}

// question is equal for two judges that would be asked the same.
type question struct{ definition, template, unknown string }

func (r *resolver) question(j Judge, rubric string) (question, error) {
	definition, err := j.Definition(anyVersion, r.config.Rubric(rubric), "")
	q := question{definition: string(definition), template: j.Template}
	if r.config.Rubric(rubric) == nil {
		q.unknown = rubric
	}
	return q, err
}

// anyVersion stands for a protocol's: within one program equal protocols have equal versions.
const anyVersion = 0

func (r *resolver) judge(from surface.Judge) Judge {
	if from.Answers != nil && from.Answers.At.Set() {
		r.faults.Add(from.Answers.At, "a judge cannot have answers: it must be asked; remove them")
	}
	if from.Samples.Set() {
		r.faults.Add(from.Samples.Mark, "samples is for models; of a judge, use judging.repeat, or remove it")
	}
	r.filled(from.Template, "template")
	if from.Template.Set() && from.Protocol.Is == "genrm" {
		r.faults.Add(from.Template.Mark, "protocol: genrm has no words that a template could replace: remove the template, or choose another protocol")
	}
	r.rubric(from.Rubric)
	if ties := r.config.Rubrics[from.Rubric.Is].Ties; from.Protocol.Is == "pointwise" && (ties == "forbid" || ties == "discourage") {
		r.warnings.Add(from.Rubric.Mark, "ties: %s of this rubric has no effect on protocol: pointwise, which is shown one answer at a time", ties)
	}
	model := from.Model
	model.Answers = nil // what is wrong with them is said already
	j := Judge{
		Model:          r.model(model),
		Protocol:       from.Protocol.Is,
		Analysis:       from.Analysis.Is,
		Structured:     from.Structured.Is,
		Rubric:         from.Rubric.Is,
		Template:       from.Template.Is,
		Weight:         from.Weight.Is,
		Reask:          int(from.Reask.Is),
		MaxInvalidRate: from.MaxInvalidRate.Is,
	}
	j.Samples = 1
	return j
}

// rubrics resolves rubrics:.
func (r *resolver) rubrics() {
	r.config.Rubrics = make(map[string]Rubric, len(r.file.Rubrics))
	for name, from := range r.file.Rubrics {
		rubric := Rubric{Ties: from.Ties.Is}
		names := map[string]tree.Mark{}
		for _, c := range from.Criteria {
			if first, twice := names[c.Name.Is]; twice && c.Name.Set() {
				r.faults.Add(c.Name.Mark, "two criteria are called %s, first in line %d: give each its own name", c.Name.Show(), first.Line)
			}
			names[c.Name.Is] = c.Name.Mark
			r.filled(c.Name, "name")
			for score := range c.Levels.Is {
				if score < 1 || score > 10 {
					r.faults.Add(c.Levels.Mark, "a level is %d, and scores are from 1 to 10: say what those mean", score)
				}
			}
			rubric.Criteria = append(rubric.Criteria, Criterion{Name: c.Name.Is, Weight: c.Weight.Is, Levels: c.Levels.Is})
		}
		r.config.Rubrics[name] = rubric
	}
	r.rubricNames = sortedKeys(r.config.Rubrics)
}

// rubric checks that a rubric that is named is there.
func (r *resolver) rubric(name surface.Text) {
	r.filled(name, "rubric")
	if name.Is == "" {
		return
	}
	if _, ok := r.config.Rubrics[name.Is]; !ok {
		r.faults.Add(name.Mark, "no rubric is named %s%s", name.Show(), r.meant(name, r.rubricNames, "rubrics:"))
		return
	}
	r.rubricsUsed[name.Is] = true
}

// rubricOfDataset checks that judges who differ in their rubrics alone do not become one under that of a dataset.
func (r *resolver) rubricOfDataset(name surface.Text) {
	r.rubric(name)
	if _, ok := r.config.Rubrics[name.Is]; !ok {
		return
	}
	same := map[question]string{}
	for _, j := range r.config.Judges {
		key, err := r.question(j, name.Is)
		if err != nil || j.Name == "" {
			continue // is said already
		}
		if first, twice := same[key]; twice {
			r.faults.Add(name.Mark, "judges %q and %q differ in their rubrics alone, and this one takes the place of both: set revision to tell them apart", first, j.Name)
		}
		same[key] = j.Name
	}
}

// references checks that those judges that are shown a reference can be, and that a reference is shown to somebody.
func (r *resolver) references() {
	var field surface.Text
	for _, d := range r.file.Datasets {
		if d.ReferenceField.Set() {
			field = d.ReferenceField
		}
	}
	judges := r.file.Judges
	if r.file.JudgeModel != nil {
		judges = append([]surface.Judge{*r.file.JudgeModel}, judges...)
	}
	shown := false
	for _, j := range judges {
		shown = shown || j.Protocol.Is == "reference" || j.Template.Set()
		if j.Protocol.Is == "reference" && !field.Set() {
			r.faults.Add(j.Protocol.Mark, "protocol: reference shows a reference, and no dataset has one: write reference_field there, or use scores_verdict")
		}
	}
	if field.Set() && !shown {
		r.warnings.Add(field.Mark, "no judge is shown this reference: protocol: reference shows it")
	}
}

// rubricsUnused warns of rubrics that nobody judges by.
func (r *resolver) rubricsUnused() {
	for name, from := range r.file.Rubrics {
		if !r.rubricsUsed[name] && from.At.Set() {
			r.warnings.Add(from.At, "no judge and no dataset uses this rubric")
		}
	}
}

// judging resolves which answers meet.
func (r *resolver) judging() {
	from := r.file.Judging
	j := &r.config.Judging
	j.Pairs = Pairs{Kind: from.Pairs.Is, Baseline: from.Pairs.Baseline.Is, N: int(from.Pairs.Random.Is)}
	j.Orders = from.Orders.Is
	j.SkipOwnModel = from.SkipOwnModel.Is
	j.Repeat = from.Repeat.Is
	j.Panel = Panel{Mode: from.Panel.Mode.Is, MinValid: int(from.Panel.MinValid.Is)}
	for _, name := range from.Panel.Replacements {
		j.Panel.Replacements = append(j.Panel.Replacements, name.Is)
	}
	j.Stop = stop(from.Stop)
	if from.Pairs.Is == "baseline" {
		r.modelNamed(from.Pairs.Baseline)
	}
	if from.Stop != nil && from.Stop.At.Set() && from.Pairs.Is != "adaptive" {
		r.faults.Add(from.Stop.At, "stop has an effect with pairs: adaptive only: write that, or remove stop")
	}
	if top := j.Stop.K; from.Stop != nil && top > 0 && len(r.config.Models) > 0 && top >= len(r.config.Models) {
		r.faults.Add(from.Stop.Goal.Top.Mark, "the goal is to tell the best %d from the rest, and there are %d models: name fewer, or write goal: ranking", top, len(r.config.Models))
	}
	r.panel(from)
}

// stop is the end of adaptive pairing, with the defaults of one that is written as {}.
func stop(from *surface.Stop) Stop {
	if from == nil {
		empty := surface.DefaultStop()
		from = &empty
	}
	return Stop{Goal: from.Goal.Is, K: int(from.Goal.Top.Is), Confidence: from.Confidence.Is, Indifference: from.Indifference.Is}
}

// modelNamed checks that a model that is named is there.
func (r *resolver) modelNamed(name surface.Text) {
	var names []string
	for _, m := range r.config.Models {
		if m.Name == name.Is {
			return
		}
		names = append(names, m.Name)
	}
	if name.Is != "" {
		r.faults.Add(name.Mark, "no model is named %s%s", name.Show(), r.meant(name, names, "models:"))
	}
}
