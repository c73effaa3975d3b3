package pipeline

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"strings"
	"sync"

	"openarena/configs"
	"openarena/providers"
	"openarena/store"
)

// learnt is what is known of a model at an address from its replies, in this run and those before: the database remembers it. It
// is no part of any identity.
type learnt struct {
	run     *Runner
	key     []byte
	renames bool // its replies carry other names by nature

	before facts // when the run began

	mu    sync.Mutex
	facts facts
}

// facts are stored as JSON.
type facts struct {
	Adapt providers.Adaptation `json:"adapt,omitempty"` // what it does not take as params have it
	As    string               `json:"as,omitempty"`    // the name that its replies carry, where that is another model's
}

// learntKey is where the database remembers them, in Meta.
func learntKey(m configs.Model) []byte {
	id := sum[ID]([]byte(m.Endpoint.URL), []byte{0}, []byte(m.ModelID))
	return append([]byte{'l'}, id[:]...)
}

func readFacts(ctx context.Context, r store.Reader, key []byte) (f facts, err error) {
	rec, err := r.Get(ctx, store.Meta, key, store.WithBody)
	if errors.Is(err, store.ErrNotFound) {
		return facts{}, nil
	}
	if err == nil {
		err = json.Unmarshal(rec.Body, &f)
	}
	return f, err
}

// learntOf is what is known of a model. Those that share address and name share it.
func (r *Runner) learntOf(ctx context.Context, m configs.Model) (*learnt, error) {
	key := learntKey(m)
	if l := r.learnt[string(key)]; l != nil {
		return l, nil
	}
	f, err := readFacts(ctx, r.store, key)
	if err != nil {
		return nil, fmt.Errorf("what is known of %s: %w", m.Name, err)
	}
	// At Azure a name is that of a deployment, and replies name the model in it.
	l := &learnt{run: r, key: key, renames: m.Endpoint.Kind == "azure", before: f, facts: f}
	if r.learnt == nil {
		r.learnt = map[string]*learnt{}
	}
	r.learnt[string(key)] = l
	return l, nil
}

// apply has a request made as the server takes it, and notes in the task how that was.
func (l *learnt) apply(t *task, r *providers.Request) {
	l.mu.Lock()
	defer l.mu.Unlock()
	t.adapted, r.Adapt = l.facts.Adapt, l.facts.Adapt
}

// refused learns from a refusal; false: there is nothing to change.
func (l *learnt) refused(ctx context.Context, t *task, e *providers.Error) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	if !maps.Equal(t.adapted, l.facts.Adapt) {
		return true // another call has learnt since this one was sent
	}
	next, ok := l.facts.Adapt.Learn(e)
	if !ok {
		return false
	}
	l.facts.Adapt = next
	l.keep(ctx)
	return true
}

// mostOfName is how much of a name is told, in bytes.
const mostOfName = 100

// named looks at the name that a reply carries, and notes one that is another model's, once.
func (l *learnt) named(ctx context.Context, asked, replied string) {
	if l.renames || asked == replied || providers.SameModel(asked, replied) {
		return
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.facts.As == "" {
		if l.facts.As = replied; len(replied) > mostOfName {
			l.facts.As = strings.ToValidUTF8(replied[:mostOfName], "") + "…"
		}
		l.keep(ctx)
	}
}

// keep saves what is known.
func (l *learnt) keep(ctx context.Context) {
	body, err := json.Marshal(l.facts)
	if err == nil {
		var b store.Batch
		b.Put(store.Meta, l.key, nil, body)
		_, err = l.run.store.Apply(ctx, &b)
	}
	if err != nil {
		l.run.abort(err)
	}
}

// notes are sentences about what is known of m and was not before.
func (f facts) notes(m configs.Model, before facts) (all []string) {
	fresh := maps.Clone(f.Adapt)
	maps.DeleteFunc(fresh, func(field, to string) bool { was, known := before.Adapt[field]; return known && was == to })
	if len(fresh) > 0 {
		all = append(all, fmt.Sprintf("%s: %s; %s refused it as it was", m.Name, strings.Join(fresh.Notes(), ", "), m.Endpoint.Name))
	}
	if f.As != "" && f.As != before.As {
		all = append(all, fmt.Sprintf("%s: %s was asked for %q and answers as %q; a server with one model may ignore the name", m.Name, m.Endpoint.Name, m.ModelID, f.As))
	}
	return all
}

// discoveries are what this run found out about its models, a sentence each.
func (r *Runner) discoveries() (all []string) {
	told := map[*learnt]bool{}
	for _, c := range r.callees {
		if l := c.learnt; !told[l] {
			told[l] = true
			l.mu.Lock()
			all = append(all, l.facts.notes(c.model(), l.before)...)
			l.mu.Unlock()
		}
	}
	return all
}

// factNotes are sentences about what the database knows of the models and judges of the file.
func (a *Arena) factNotes(ctx context.Context, r store.Reader) (all []string, err error) {
	told := map[string]bool{}
	note := func(m configs.Model) {
		key := learntKey(m)
		if m.Answers != nil || told[string(key)] || err != nil {
			return
		}
		told[string(key)] = true
		var f facts
		if f, err = readFacts(ctx, r, key); err == nil {
			all = append(all, f.notes(m, facts{})...)
		}
	}
	for i := range a.Contestants {
		note(a.Contestants[i].Model)
	}
	for i := range a.Judges {
		note(a.Judges[i].Model)
	}
	return all, err
}
