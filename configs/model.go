package configs

import (
	"strconv"
	"strings"

	"openarena/configs/internal/surface"
	"openarena/configs/internal/tree"
)

// models resolves the contestants.
func (r *resolver) models() {
	names := map[string]tree.Mark{}
	same := map[string]int{}
	for i, from := range r.file.Models {
		m := r.model(from)
		r.config.Models = append(r.config.Models, m)
		if m.Name == "" {
			continue
		}
		r.unique(names, from, "models")
		definition, err := m.Definition()
		if err != nil {
			r.faults.Add(from.At, "this model has no definition: %v", err)
			continue
		}
		if first, twice := same[string(definition)]; twice {
			r.faults.Add(from.At, "this is the same contestant as the model in line %d (model_id, revision, system and params are equal): set revision to tell them apart",
				r.file.Models[first].At.Line)
			continue
		}
		same[string(definition)] = i
	}
	if len(r.file.Models) == 1 {
		r.warnings.Add(r.file.Models[0].At, "there is one model only: its answers can be generated, but there is nothing to compare")
	}
}

// unique checks that nobody before has a model's name.
func (r *resolver) unique(names map[string]tree.Mark, m surface.Model, what string) {
	name := nameOf(m)
	at := m.At
	if name.Set() {
		at = name.Mark
	}
	if first, twice := names[name.Is]; twice {
		r.faults.Add(at, "two %s are called %s, first in line %d: give each its own name", what, name.Show(), first.Line)
		return
	}
	names[name.Is] = at
}

// nameOf is a model's name: where it has none, its model_id.
func nameOf(m surface.Model) surface.Text {
	if m.Name.Is == "" {
		return m.ModelID
	}
	return m.Name
}

// model resolves what models and judges share. A model without a name has one problem noted here.
func (r *resolver) model(from surface.Model) Model {
	m := Model{
		Name:      nameOf(from).Is,
		ModelID:   from.ModelID.Is,
		Revision:  from.Revision.Is,
		System:    from.System.Is,
		Params:    from.Params.Is,
		Samples:   int(from.Samples.Is),
		Price:     price(from.Price),
		NumCtx:    numCtx(from.NumCtx),
		KeepAlive: keepAlive(from.KeepAlive),
		Answers:   r.answers(from),
	}
	switch {
	case m.Answers != nil && m.ModelID == "":
		m.ModelID = m.Name
	case m.Answers == nil:
		m.Endpoint = r.endpointOf(from.Endpoint)
	}
	r.filled(from.Name, "name")
	r.filled(from.ModelID, "model_id")
	if from.At.Set() && !from.ModelID.Set() && m.ModelID == "" {
		r.faults.Add(from.At, "model_id is missing: write the name that the endpoint knows the model by")
	}
	r.params(from.Params)
	r.ofOllama(from, m.Endpoint)
	return m
}

// ofOllama warns of settings that only Ollama's own protocol has.
func (r *resolver) ofOllama(from surface.Model, at Endpoint) {
	if at.Kind == "ollama" {
		return
	}
	const instead = " has no effect here: write kind: ollama for the endpoint, with an address such as http://localhost:11434"
	if from.NumCtx.Is != 0 {
		r.warnings.Add(from.NumCtx.Mark, "num_ctx%s", instead)
	}
	if from.KeepAlive.Set() {
		r.warnings.Add(from.KeepAlive.Mark, "keep_alive%s", instead)
	}
}

// params checks that no parameter takes the place of a setting.
func (r *resolver) params(from surface.Params) {
	for name, instead := range map[string]string{"model": "model_id", "messages": "system or a dataset", "stream": "the endpoint's stream", "n": "samples"} {
		if _, there := from.Is[name]; there {
			r.faults.Add(from.Mark, "params may not hold %s: use %s", name, instead)
		}
	}
}

func price(from *surface.Price) *Price {
	if from == nil {
		return nil
	}
	p := &Price{Input: from.Input.Is, Output: from.Output.Is}
	if from.Cached.Set() {
		p.Cached = &from.Cached.Is
	}
	return p
}

func numCtx(from surface.AutoInt) string {
	switch {
	case !from.Set():
		return ""
	case from.Is == 0:
		return "auto"
	}
	return strconv.FormatInt(from.Is, 10)
}

func keepAlive(from surface.Duration) string {
	if !from.Set() {
		return ""
	}
	return from.Is.String()
}

// answers resolves the files of a file contestant, which no setting about calls can belong to.
func (r *resolver) answers(from surface.Model) *Answers {
	if from.Answers == nil {
		return nil
	}
	for _, s := range []struct {
		name string
		at   tree.Mark
	}{
		{"endpoint", from.Endpoint.Mark}, {"system", from.System.Mark}, {"params", from.Params.Mark}, {"samples", from.Samples.Mark},
		{"num_ctx", from.NumCtx.Mark}, {"keep_alive", from.KeepAlive.Mark}, {"price", priceMark(from.Price)},
	} {
		if s.at.Set() {
			r.faults.Add(s.at, "%s has no effect beside answers, for which no call is made: remove one of them", s.name)
		}
	}
	a := from.Answers
	r.filled(a.Path, "path")
	return &Answers{Path: a.Path.Is, PromptField: a.PromptField.Is, Field: a.Field.Is}
}

func priceMark(p *surface.Price) tree.Mark {
	if p == nil {
		return tree.Mark{}
	}
	return p.At
}

// filled checks that a text that is there says something.
func (r *resolver) filled(t surface.Text, name string) {
	switch {
	case !t.Set() || strings.TrimSpace(t.Is) != "" || t.Broken:
	case t.Is != "":
		r.faults.Add(t.Mark, "%s holds nothing but blanks: write one, or remove the line", name)
	case t.Varied:
		r.faults.Add(t.Mark, "%s is empty: its variable is set to nothing", name)
	default:
		r.faults.Add(t.Mark, "%s is empty: write one, or remove the line", name)
	}
}
