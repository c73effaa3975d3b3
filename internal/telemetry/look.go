package telemetry

import (
	"github.com/prometheus/client_golang/prometheus"

	"openarena/pipeline"
)

// look turns how a run goes into gauges, whenever somebody asks.
type look struct {
	now   func() (pipeline.Progress, bool)
	names *few
}

var (
	inFlight = prometheus.NewDesc("openarena_endpoint_in_flight", "Calls in flight.", []string{"endpoint"}, nil)
	limit    = prometheus.NewDesc("openarena_endpoint_limit", "Calls that may be in flight at once, now.", []string{"endpoint"}, nil)
	waiting  = prometheus.NewDesc("openarena_endpoint_queue", "Tasks that wait, those that wait for their next try included.", []string{"endpoint"}, nil)
	paused   = prometheus.NewDesc("openarena_endpoint_paused", "1 while no call starts: the server asked for a pause, or somebody told the run to.", []string{"endpoint"}, nil)
	items    = prometheus.NewDesc("openarena_items", "Items of a stage, by state (wanted, done, failed).", []string{"stage", "state"}, nil)
	spent    = prometheus.NewDesc("openarena_tokens_total", "Tokens of this run, by type (input, output).", []string{"type"}, nil)
	cost     = prometheus.NewDesc("openarena_cost_usd", "What this run cost so far, in US dollars; absent while a price is unknown.", nil, nil)
)

// Describe implements prometheus.Collector.
func (l *look) Describe(to chan<- *prometheus.Desc) {
	for _, d := range []*prometheus.Desc{inFlight, limit, waiting, paused, items, spent, cost} {
		to <- d
	}
}

// Collect implements prometheus.Collector.
func (l *look) Collect(to chan<- prometheus.Metric) {
	p, ok := l.now()
	if !ok {
		return
	}
	gauge := func(d *prometheus.Desc, v float64, labels ...string) {
		to <- prometheus.MustNewConstMetric(d, prometheus.GaugeValue, v, labels...)
	}
	for name, e := range l.endpoints(p) {
		gauge(inFlight, e.inFlight, name)
		gauge(limit, e.limit, name)
		gauge(waiting, e.queue, name)
		gauge(paused, e.paused, name)
	}
	for name, s := range map[string]pipeline.StageProgress{"generate": p.Generate, "judge": p.Judge} {
		gauge(items, float64(s.Wanted), name, "wanted")
		gauge(items, float64(s.Done), name, "done")
		gauge(items, float64(s.Failed), name, "failed")
	}
	to <- prometheus.MustNewConstMetric(spent, prometheus.CounterValue, float64(p.Input), "input")
	to <- prometheus.MustNewConstMetric(spent, prometheus.CounterValue, float64(p.Output), "output")
	if p.CostUSD != nil {
		gauge(cost, *p.CostUSD)
	}
}

type state struct{ inFlight, limit, queue, paused float64 }

// endpoints are the states by label: two endpoints may have one name, as two keys of one host do, and are added up then.
func (l *look) endpoints(p pipeline.Progress) map[string]state {
	all := map[string]state{}
	for _, e := range p.Endpoints {
		name := l.names.label(e.Name)
		s := all[name]
		s.inFlight += float64(e.InFlight)
		s.limit += float64(e.Limit)
		s.queue += float64(e.Queue)
		if e.Held || e.PausedUntil != nil {
			s.paused = 1
		}
		all[name] = s
	}
	return all
}
