package fleet

import (
	"maps"
	"slices"
	"strings"

	"openarena/pipeline"
)

// Unserved is a model or a judge whose parts no worker takes.
type Unserved struct {
	Model  string            `json:"model"`
	Judge  bool              `json:"judge,omitempty"`
	Labels map[string]string `json:"labels,omitempty"` // that a worker needs for it
}

func (u Unserved) String() string {
	if len(u.Labels) == 0 {
		return u.Model + " waits for a worker that takes it: see --models of `openarena worker`"
	}
	var labels []string
	for _, name := range slices.Sorted(maps.Keys(u.Labels)) {
		labels = append(labels, name+"="+u.Labels[name])
	}
	return u.Model + " waits for a worker with --labels " + strings.Join(labels, ",")
}

// unserved are those of an arena, in the order of its file.
func (o Outlook) unserved(a *pipeline.Arena) (all []Unserved) {
	for _, m := range a.Contestants {
		if slices.Contains(o.Unserved, queueOf(false, m.ID)) {
			all = append(all, Unserved{m.Name, false, m.Endpoint.Labels})
		}
	}
	for _, j := range a.Judges {
		if slices.Contains(o.Unserved, queueOf(true, j.ID)) {
			all = append(all, Unserved{j.Name, true, j.Endpoint.Labels})
		}
	}
	return all
}

// Unserved are the models and judges whose parts no worker took when it was last looked what there is to do.
func (l *Look) Unserved(a *pipeline.Arena) []Unserved {
	if l.outlook.Of != l.Epoch.Number {
		return nil
	}
	all := l.outlook.unserved(a)
	if len(l.Alive()) == 0 { // nobody takes anything
		all = slices.DeleteFunc(all, func(u Unserved) bool { return len(u.Labels) == 0 })
	}
	return all
}

// Waiting is what the arena waits for that nobody does, in a sentence; "" for nothing.
func (w *Worker) Waiting() string {
	s := w.session.Load()
	if s == nil {
		return ""
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.look.Of != s.epoch.Number {
		return ""
	}
	taking, look := s.taking(), Outlook{}
	for _, q := range w.look.Unserved {
		if !slices.Contains(taking, q) { // it does itself, since that look
			look.Unserved = append(look.Unserved, q)
		}
	}
	var all []string
	for _, u := range look.unserved(s.arena) {
		if u.Judge && w.Judge || !u.Judge && w.Generate {
			all = append(all, u.String())
		}
	}
	return strings.Join(all, "; ")
}

// sayWaiting says once what is waited for, when two looks in a row have found it so: at first nobody knows who takes what.
func (w *Worker) sayWaiting(s *session) {
	if !s.planned {
		return
	}
	text := w.Waiting()
	if text != "" && text == s.waits && text != w.waits {
		w.waits = text
		w.say("%s", text)
	}
	s.waits = text
}
