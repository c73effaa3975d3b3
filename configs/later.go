package configs

import (
	"openarena/configs/internal/surface"
	"openarena/configs/internal/tree"
)

// notYet notes a setting that is valid but has no effect yet. A run refuses it: silence would let somebody believe in a
// limit, or a rubric, that is not there.
func (r *resolver) notYet(at tree.Mark, what, instead string) {
	r.later.Add(at, "%s: takes effect in a later version; %s to run this file", what, instead)
}

func (r *resolver) laterExport(from surface.Export, e Export) {
	switch e.Type {
	case "ranked", "battles", "ratings":
	default:
		r.notYet(from.Type.Mark, "the export type "+e.Type, "use ranked, battles or ratings")
	}
	if from.For.Set() {
		r.notYet(from.For.Mark, "for", "remove it")
	}
}
