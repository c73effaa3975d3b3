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

// statement is a concurrency that the file states for a queue.
type statement struct {
	queue
	surface.AutoInt
}

// states notes what an endpoint of the file states.
func (r *resolver) states(from surface.AutoInt, e Endpoint) {
	if from.Set() && !from.Broken && e.URL != "" {
		r.stated = append(r.stated, statement{e.queue(), from})
	}
}

// queues makes the endpoints of each queue agree on its concurrency: what one states counts for those that state none,
// and two that state different ones are a fault, since only one could count.
func (r *resolver) queues() {
	slices.SortFunc(r.stated, func(a, b statement) int { return cmp.Or(a.Line-b.Line, a.Col-b.Col) })
	first := make(map[queue]surface.AutoInt, len(r.stated))
	for _, s := range r.stated {
		f, twice := first[s.queue]
		switch {
		case !twice:
			first[s.queue] = s.AutoInt
		case s.Is != f.Is:
			r.faults.Add(s.Mark, "another concurrency is in line %d, for the same url and key, which have one queue: write the same here, or leave it out", f.Line)
		}
	}
	agree := func(e *Endpoint) {
		if s, stated := first[e.queue()]; stated {
			e.Concurrency = int(s.Is)
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
