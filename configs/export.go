package configs

import (
	"iter"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"openarena/configs/internal/surface"
	"openarena/configs/internal/tree"
)

// defaultExport is what a run writes where the file does not say.
var defaultExport = Export{Type: "ranked", Format: "jsonl", Path: "training_data.jsonl"}

var hubName = regexp.MustCompile(`^[A-Za-z0-9][\w.-]*/[A-Za-z0-9][\w.-]*$`)

// exports resolves the files that a run writes.
func (r *resolver) exports() {
	if r.file.Export == nil {
		r.config.Export = []Export{defaultExport}
		return
	}
	taken := map[string]string{filepath.Clean(r.config.Path): "this configuration"}
	if path := r.config.StorePath(); path != "" {
		taken[filepath.Clean(path)] = "the database"
	}
	licenses := map[string]string{} // by dataset
	for _, from := range r.file.Export {
		e := r.export(from)
		if other := licenses[e.Upload]; other != "" && e.License != "" && other != e.License {
			r.faults.Add(from.License.Mark, "another export states the license %s for the same dataset: keep one", other)
		} else if e.License != "" {
			licenses[e.Upload] = e.License
		}
		r.config.Export = append(r.config.Export, e)
		if e.Path == "" {
			r.filled(from.Path, "path")
			continue
		}
		for what, path := range e.files() {
			path = filepath.Clean(r.config.Resolve(path))
			if other, twice := taken[path]; twice {
				r.faults.Add(from.Path.Mark, "%s is that of %s: write to another", what, other)
				break
			}
			taken[path] = "another export"
		}
	}
}

// EvalPath is the file for evaluation beside one for training: dpo.eval.jsonl beside dpo.jsonl.
func EvalPath(path string) string {
	ending := filepath.Ext(path)
	return strings.TrimSuffix(path, ending) + ".eval" + ending
}

// files are the paths that an export writes, by what a message calls them.
func (e Export) files() iter.Seq2[string, string] {
	return func(yield func(what, path string) bool) {
		if yield("this path", e.Path) && e.EvalSplit > 0 {
			yield("the path of its eval_split, "+filepath.Base(EvalPath(e.Path))+",", EvalPath(e.Path))
		}
	}
}

func (r *resolver) export(from surface.Export) Export {
	e := Export{Type: from.Type.Is, For: from.For.Is, Format: from.Format.Is, Path: from.Path.Is, Upload: from.Upload.Is, License: from.License.Is}
	loaders := trainers[e.Type]
	switch {
	case e.Type == "":
		return e
	case from.For.Is != "" && len(loaders) == 0:
		r.faults.Add(from.For.Mark, "no trainer loads the type %s: remove for, or choose preference, reward, kto or sft", e.Type)
	case from.For.Is != "" && !slices.Contains(loaders, from.For.Is):
		r.faults.Add(from.For.Mark, "%s loads no %s data, since %s: choose %s", e.For, e.Type, notLoaded[[2]string{e.Type, e.For}], strings.Join(loaders, ", "))
	case e.For == "" && len(loaders) > 0:
		e.For = "trl"
	}
	if e.Format == "" {
		e.Format = "jsonl"
		if e.For == "verl" {
			e.Format = "parquet"
		}
	}
	if why := Unreadable(e.For, e.Format); why != "" && len(loaders) > 0 {
		r.faults.Add(from.Format.Mark, "%s loads no csv, since %s: choose jsonl, json or parquet", e.For, why)
	}
	if e.Upload != "" && !hubName.MatchString(e.Upload) {
		r.faults.Add(from.Upload.Mark, "upload must be a dataset on the Hub, such as org/name")
	}
	switch {
	case e.License == "":
	case e.Upload == "":
		r.faults.Add(from.License.Mark, "license goes onto a page on the Hub: give upload, too, or remove it")
	case !LicenseID.MatchString(e.License):
		r.faults.Add(from.License.Mark, "license must be an identifier of the Hub's, such as cc-by-4.0, apache-2.0 or other")
	}
	e.Training = r.training(from, e.Type)
	return e
}

// rating resolves how battles become ratings.
func (r *resolver) rating() {
	from := r.file.Rating
	r.config.Rating = Rating{
		Method: from.Method.Is, Outcome: from.Outcome.Is, Interval: from.Interval.Is,
		Bootstrap: int(from.Bootstrap.Is), KFactor: from.KFactor.Is, Initial: from.Initial.Is,
	}
	r.initial(from.Initial)
	r.control(from)
	if a := from.Anchor; a != nil {
		r.modelNamed(a.Model)
		r.config.Rating.Anchor = &Anchor{Model: a.Model.Is, Rating: a.Rating.Is}
	}
}

// initial refuses a mean of 0, which elsewhere stands for the usual one. A value that is wrong already is 0, too.
func (r *resolver) initial(x surface.Float) {
	wrong := slices.ContainsFunc(r.faults.List(), func(f tree.Fault) bool { return f.Mark == x.Mark })
	if x.Mark.Set() && x.Is == 0 && !wrong {
		r.faults.Add(x.Mark, "initial: 0 is taken for left out: write another number, such as 1000")
	}
}

// control resolves what is taken out of the ratings.
func (r *resolver) control(from surface.Rating) {
	control := &r.config.Rating.Control
	for _, c := range from.Control {
		if slices.Contains(*control, c.Is) {
			r.faults.Add(c.Mark, "%s is in control twice: remove one", c.Is)
			continue
		}
		*control = append(*control, c.Is)
	}
}

// budget resolves what may be spent.
func (r *resolver) budget() {
	from := r.file.Budget
	r.config.Budget = Budget{MaxCost: from.MaxCost.Is, MaxCalls: from.MaxCalls.Is, MaxTokens: from.MaxTokens.Is, MaxTime: from.MaxTime.Is}
}
