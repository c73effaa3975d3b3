package configs

import (
	"cmp"
	"path/filepath"

	"openarena/configs/internal/surface"
)

// prompts resolves which prompts are left out.
func (r *resolver) prompts() {
	from := r.file.Prompts
	p := &r.config.Prompts
	*p = Prompts{MinChars: int(from.MinChars.Is), MaxChars: int(from.MaxChars.Is), NearDuplicates: from.NearDuplicates.Is}
	if from.MinChars.Set() && from.MaxChars.Set() && !from.MinChars.Broken && !from.MaxChars.Broken && p.MinChars > p.MaxChars {
		r.faults.Add(from.MinChars.Mark, "min_chars is above max_chars, so that no prompt is left: swap them")
	}
	for _, x := range from.Exclude {
		r.exclude(x)
	}
	switch {
	case len(from.Exclude) > 0:
		p.Overlap = int(from.Overlap.Is)
	case from.Overlap.Set():
		r.faults.Add(from.Overlap.Mark, "overlap is with the texts under exclude, and there are none: add exclude, or remove it")
	}
}

func (r *resolver) exclude(from surface.Exclude) {
	r.filled(from.Path, "path")
	r.filled(from.Field, "field")
	x := Exclude{Path: from.Path.Is, Field: cmp.Or(from.Field.Is, promptField)}
	for _, other := range r.config.Prompts.Exclude {
		if other == x && x.Path != "" {
			r.faults.Add(from.Mark, "%s is excluded twice: remove one", from.Path.Show())
		}
	}
	for _, d := range r.config.Datasets {
		if x.Path != "" && d.Path != "" && filepath.Clean(d.Path) == filepath.Clean(x.Path) && d.Field == x.Field {
			r.faults.Add(from.Mark, "%s is a dataset, too, of which nothing would be left: remove one", from.Path.Show())
		}
	}
	r.config.Prompts.Exclude = append(r.config.Prompts.Exclude, x)
}
