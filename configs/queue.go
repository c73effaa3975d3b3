package configs

import (
	"cmp"
	"slices"

	"openarena/configs/internal/surface"
	"openarena/internal/secret"
)

// queue is what endpoints share that have one address and one key, whatever they are called.
type queue struct {
	url string
	key secret.String
}

func (e Endpoint) queue() queue { return queue{e.URL, e.APIKey} }

// statement is a limit that the file states for a queue.
type statement struct {
	queue
	setting string
	surface.Value[int64]
}

// states notes what an endpoint of the file states.
func (r *resolver) states(from surface.Endpoint, e Endpoint) {
	for setting, v := range map[string]surface.Value[int64]{
		"concurrency": from.Concurrency.Value, "rpm": from.RPM.Value, "tpm": from.TPM.Value,
	} {
		if v.Set() && !v.Broken && e.URL != "" {
			r.stated = append(r.stated, statement{e.queue(), setting, v})
		}
	}
}

// shared is a limit of a queue.
type shared struct {
	queue
	setting string
}

// queues makes the endpoints of each queue agree on its limits: what one states counts for those that state none, and two
// that state different ones are a fault, since only one could count.
func (r *resolver) queues() {
	slices.SortFunc(r.stated, func(a, b statement) int { return cmp.Or(a.Line-b.Line, a.Col-b.Col) })
	first := make(map[shared]surface.Value[int64], len(r.stated))
	for _, s := range r.stated {
		at := shared{s.queue, s.setting}
		f, twice := first[at]
		switch {
		case !twice:
			first[at] = s.Value
		case s.Is != f.Is:
			r.faults.Add(s.Mark, "another %s is in line %d, for the same url and key, which have one queue: write the same here, or leave it out", s.setting, f.Line)
		}
	}
	agree := func(e *Endpoint) {
		for setting, to := range map[string]*int{"concurrency": &e.Concurrency, "rpm": &e.RPM, "tpm": &e.TPM} {
			if s, stated := first[shared{e.queue(), setting}]; stated {
				*to = int(s.Is)
			}
		}
	}
	agree(&r.config.DefaultEndpoint)
	for name, e := range r.config.Endpoints {
		agree(&e)
		r.config.Endpoints[name] = e
	}
	for i := range r.config.Models {
		agree(&r.config.Models[i].Endpoint)
	}
	for i := range r.config.Judges {
		agree(&r.config.Judges[i].Endpoint)
	}
}
