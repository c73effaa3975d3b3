package configs

import (
	"cmp"

	"openarena/configs/internal/surface"
	"openarena/configs/internal/tree"
)

// datasets resolves where prompts come from.
func (r *resolver) datasets() {
	same := map[Dataset]tree.Mark{}
	for _, from := range r.file.Datasets {
		d := r.dataset(from)
		r.config.Datasets = append(r.config.Datasets, d)
		if first, twice := same[d]; twice {
			r.faults.Add(from.At, "this dataset is the same as the one in line %d: remove one", first.Line)
			continue
		}
		if d.Label() != "" {
			same[d] = from.At
		}
	}
}

// The defaults of a dataset that depend on its other settings.
const (
	promptField = "prompt"
	hubConfig   = "default"
	hubRevision = "main"
	hubSplit    = "train"
	allRows     = -1
)

func (r *resolver) dataset(from surface.Dataset) Dataset {
	r.checkDataset(from)
	d := Dataset{
		Name: from.Name.Is, Path: from.Path.Is, Description: from.Description.Is,
		Config: from.Config.Is, Revision: from.Revision.Is, Split: from.Split.Is,
		Field: from.Field.Is, Limit: allRows, Offset: int(from.Offset.Is), Sample: int(from.Sample.Is), Seed: from.Seed.Is,
		SystemField: from.SystemField.Is, ReferenceField: from.ReferenceField.Is, CategoryField: from.CategoryField.Is,
		Template: from.Template.Is, Rubric: from.Rubric.Is,
	}
	if from.Limit.Set() {
		d.Limit = int(from.Limit.Is)
	}
	if d.Field == "" && d.Template == "" {
		d.Field = promptField
	}
	if d.Name != "" || wantsSplit(d.Path) {
		d.Config = cmp.Or(d.Config, hubConfig)
		d.Split = cmp.Or(d.Split, hubSplit)
	}
	if d.Name != "" {
		d.Revision = cmp.Or(d.Revision, hubRevision)
	}
	return d
}

func (r *resolver) checkDataset(from surface.Dataset) {
	if !from.At.Set() {
		return
	}
	for name, t := range map[string]surface.Text{"name": from.Name, "path": from.Path, "field": from.Field, "template": from.Template} {
		r.filled(t, name)
	}
	switch {
	case from.Name.Set() && from.Path.Set():
		r.faults.Add(from.Path.Mark, "name and path are both here: keep name for a dataset on the Hub, path for local files")
	case !from.Name.Set() && !from.Path.Set():
		r.faults.Add(from.At, "name or path is missing: write name for a dataset on the Hub, path for local files")
	case from.Path.Set():
		r.checkPath(from)
	}
	if from.Field.Set() && from.Template.Set() {
		r.faults.Add(from.Template.Mark, "field and template are both here: the template replaces the field; remove one")
	}
	if from.Limit.Set() && from.Sample.Is > 0 {
		r.faults.Add(from.Sample.Mark, "limit and sample are both here: limit takes the first rows, sample random ones; remove one")
	}
	r.rubricOfDataset(from.Rubric)
}

// checkPath looks at what goes with local files, and with addresses on the Hub.
func (r *resolver) checkPath(from surface.Dataset) {
	if !IsHubAddress(from.Path.Is) {
		for name, t := range map[string]surface.Text{"config": from.Config, "revision": from.Revision, "split": from.Split} {
			if t.Set() {
				r.faults.Add(t.Mark, "%s belongs to a dataset on the Hub, and path is a local file: remove it", name)
			}
		}
		return
	}
	if _, err := ParseHubAddress(from.Path.Is); err != nil {
		r.faults.Add(from.Path.Mark, "%v", err)
	}
	if from.Revision.Set() {
		r.faults.Add(from.Revision.Mark, "the revision stands in the address: write hf://datasets/ORG/NAME@REVISION")
	}
	for name, t := range map[string]surface.Text{"config": from.Config, "split": from.Split} {
		if t.Set() && !wantsSplit(from.Path.Is) {
			r.faults.Add(t.Mark, "%s has no meaning where the path names files: remove it, or the files from the path", name)
		}
	}
}

// wantsSplit reports whether a path is a dataset on the Hub of which a split is read.
func wantsSplit(path string) bool {
	a, err := ParseHubAddress(path)
	return err == nil && a.Pattern == ""
}
