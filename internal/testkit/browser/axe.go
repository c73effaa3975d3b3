package browser

import (
	_ "embed"
	"fmt"
)

// axeScript is axe-core; testdata/axe/README.md says which and whence.
//
//go:embed testdata/axe/axe.min.js
var axeScript string

// audit runs all of axe's rules over the page as it stands, and returns a line for each element that breaks one of them badly.
const audit = `axe.run(document, {resultTypes: ["violations"]}).then(found => found.violations
	.filter(v => v.impact === "serious" || v.impact === "critical")
	.flatMap(v => v.nodes.map(n => v.impact + ": " + v.id + ": " + v.help + ": " + n.target.join(" ") + ": " +
		n.any.concat(n.all, n.none).map(c => c.message).join("; "))))`

// Audit returns what axe-core finds serious or critical on the page.
func (t *Tab) Audit() ([]string, error) {
	there, err := Eval[bool](t, "typeof axe === 'object'")
	if err == nil && !there {
		_, err = Eval[bool](t, axeScript+"\n;true")
	}
	if err != nil {
		return nil, fmt.Errorf("load axe-core: %w", err)
	}
	return Eval[[]string](t, audit)
}
