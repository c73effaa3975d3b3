package configs

import "openarena/configs/internal/tree"

// notYet notes a setting that is valid but has no effect yet. A run refuses it: silence would let somebody believe in a
// limit, or a rubric, that is not there.
func (r *resolver) notYet(at tree.Mark, what, instead string) {
	r.later.Add(at, "%s: takes effect in a later version; %s to run this file", what, instead)
}
