package doctor

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"openarena/providers"
)

// list asks the server for its models. Not every server tells; that is no fault.
func (p *patient) list(ctx context.Context) {
	lister, ok := p.client.(providers.Lister)
	if !ok {
		return
	}
	names, err := lister.Models(ctx)
	if ctx.Err() != nil {
		return
	}
	if isBadKey(err) {
		p.denied = true
		p.failed(Finding{Check: "key"}, err)
		return
	}
	if err != nil {
		p.failed(Finding{Check: "models", State: Skipped}, err)
		last := &p.report.Findings[len(p.report.Findings)-1]
		last.Says, last.Todo, last.Reason = "the server gives no list: "+last.Says, "", ""
		return
	}
	p.names = names
	const shown = 5
	says := strings.Join(names[:min(shown, len(names))], ", ")
	if more := len(names) - shown; more > 0 {
		says += fmt.Sprintf(" and %d more", more)
	}
	p.find(Finding{Check: "models", State: OK, Says: says})
}

// trip tells how long the shortest question took: the way to the server and back.
func (p *patient) trip() {
	if took := p.seen.RoundTrip(); took > 0 {
		p.report.RoundTrip = took
		p.find(Finding{Check: "round trip", State: OK, Says: fmt.Sprint(rounded(took))})
	}
}

// knows reports whether the server lists a model; true where it lists none.
func (p *patient) knows(id string) bool {
	return p.names == nil || slices.ContainsFunc(p.names, func(name string) bool { return plain(name) == plain(id) })
}

// plain is a name without what servers leave out or add: Ollama a tag, Gemini a folder.
func plain(name string) string {
	return strings.TrimSuffix(strings.TrimPrefix(name, "models/"), ":latest")
}

// unlisted is what to say of a model that the server does not list.
func (p *patient) unlisted(id string) (says, todo string) {
	says = "the server does not list " + id
	if near := providers.Nearest(id, p.names); near != "" {
		return says, "did you mean " + near + "? correct model_id"
	}
	return says, "correct model_id: the line models has what there is"
}
