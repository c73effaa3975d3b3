package fleet

import (
	"openarena/pipeline"
	"slices"
	"time"
)

// queue is where the parts of a model come from.
type queue struct {
	name, model string
	concurrency int
	timeout     time.Duration
}

// queues are those that a worker takes parts from.
func (w *Worker) queues(a *pipeline.Arena) (all []queue) {
	serves := func(name string, labels map[string]string) bool {
		if len(w.Models) > 0 && !slices.Contains(w.Models, name) {
			return false
		}
		for key, value := range labels {
			if w.Labels[key] != value {
				return false
			}
		}
		return true
	}
	for _, m := range a.Contestants {
		if w.Generate && (serves(m.Name, m.Endpoint.Labels) || m.Answers != nil) {
			all = append(all, queue{queueOf(false, m.ID), m.Name, m.Endpoint.Concurrency, m.Endpoint.Timeout})
		}
	}
	for _, j := range a.Judges {
		if w.Judge && serves(j.Name, j.Endpoint.Labels) {
			all = append(all, queue{queueOf(true, j.ID), j.Name, j.Endpoint.Concurrency, j.Endpoint.Timeout})
		}
	}
	return all
}

// unknown are names in --models that the configuration does not have.
func (w *Worker) unknown(a *pipeline.Arena) (names []string) {
	for _, name := range w.Models {
		known := slices.ContainsFunc(a.Contestants, func(c pipeline.Contestant) bool { return c.Name == name }) ||
			slices.ContainsFunc(a.Judges, func(j pipeline.Judge) bool { return j.Name == name })
		if !known {
			names = append(names, name)
		}
	}
	return names
}
