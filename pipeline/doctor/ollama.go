package doctor

import (
	"context"
	"errors"
	"fmt"

	"openarena/providers"
)

// ollama asks an Ollama server for its version, and which of the models it lacks. It never pulls one.
func (p *patient) ollama(ctx context.Context) {
	if !providers.MayBeOllama(p.Endpoint.Endpoint) {
		return
	}
	server, err := providers.NewOllama(p.Endpoint.Endpoint)
	if err != nil {
		return
	}
	version, err := server.Version(ctx)
	switch {
	case ctx.Err() != nil:
		return
	case err != nil && p.Kind == "ollama":
		p.failed(Finding{Check: "ollama", Todo: "is this the address of an Ollama server?"}, err)
		return
	case err != nil:
		return // something else listens at that port
	}
	p.find(Finding{Check: "ollama", State: OK, Says: "version " + version})
	p.lacks = map[string]bool{}
	for _, m := range p.Models {
		if has, err := server.Has(ctx, m.ID); err == nil && !has {
			p.lacks[m.ID] = true
		}
	}
}

// lacking is what to say of a model that an Ollama server does not have.
func (p *patient) lacking(f Finding, id string) Finding {
	f.State, f.Says, f.Todo = Warning, fmt.Sprintf("Ollama does not have %s yet", id), "a run pulls it first; or do it now: ollama pull "+id
	switch p.Pull {
	case "ask":
		f.Todo = "a run asks whether to pull it; or do it now: ollama pull " + id
	case "never":
		f.State, f.Reason, f.Todo = Failed, providers.ReasonModel, "pull: never forbids a run to pull it: ollama pull "+id
	}
	if near := providers.Nearest(id, p.names); near != "" {
		f.Todo += "; it has " + near
	}
	return f
}

// isBadKey reports whether a server refuses the key.
func isBadKey(err error) bool {
	e, ok := errors.AsType[*providers.Error](err)
	return ok && e.Reason == providers.ReasonBadKey
}
