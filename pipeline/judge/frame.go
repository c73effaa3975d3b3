package judge

import (
	"encoding/json"
	"sync"
	"text/template"

	"openarena/configs"
)

// frame is what a question has in common with all others of its wording under one rubric.
type frame struct {
	rules, form, followUp  string
	schema, followUpSchema json.RawMessage
}

// frames are those that were rendered, by what they depend on.
var frames sync.Map

type frameKey struct {
	rules    *template.Template // of which each wording has its own
	rubric   *configs.Rubric
	analysis string
}

// frame renders what t says without its nonce, which differs from battle to battle.
func (w wording) frame(c Case, t terms) *frame {
	key := frameKey{w.rules, c.Rubric, t.Analysis}
	if f, ok := frames.Load(key); ok {
		return f.(*frame)
	}
	t.Nonce = ""
	f := &frame{
		rules: render(w.rules, t), form: render(w.form, t), followUp: render(w.followUp, t),
		schema: schema(t.Analysis != "", w.fields(c)), followUpSchema: schema(false, w.fields(c)),
	}
	frames.Store(key, f)
	return f
}
