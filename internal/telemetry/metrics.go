package telemetry

import (
	"strconv"
	"strings"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"

	"openarena/internal/terminal"
	"openarena/pipeline"
	"openarena/store"
)

// Buckets of the conventions: seconds of a call, and tokens.
var (
	durations = []float64{0.01, 0.02, 0.04, 0.08, 0.16, 0.32, 0.64, 1.28, 2.56, 5.12, 10.24, 20.48, 40.96, 81.92}
	tokens    = []float64{1, 4, 16, 64, 256, 1024, 4096, 16384, 65536, 262144, 1048576, 4194304, 16777216, 67108864}
)

// Metrics counts calls and commits, and looks at the run when it is asked.
type Metrics struct {
	registry *prometheus.Registry

	calls    *prometheus.CounterVec
	duration *prometheus.HistogramVec
	usage    *prometheus.HistogramVec

	commits, batches prometheus.Counter
	commit, sync     prometheus.Histogram

	models, endpoints, reasons few
}

var _ pipeline.Observer = (*Metrics)(nil)

// called are the labels of what the conventions name; OpenTelemetry's own exporter writes them so.
var called = []string{"gen_ai_operation_name", "gen_ai_provider_name", "gen_ai_request_model", "server_address", "server_port"}

// NewMetrics returns metrics of one run. now is how the run goes; false: there is nothing to tell yet.
func NewMetrics(version, commit string, now func() (pipeline.Progress, bool)) *Metrics {
	m := &Metrics{
		registry: prometheus.NewRegistry(), models: few{most: 500}, endpoints: few{most: 200}, reasons: few{most: 100},
		calls: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "openarena_calls_total", Help: "Calls that ended, by class (ok, temporary, overloaded, refused, rejected, unsupported, canceled) and reason.",
		}, []string{"endpoint", "model", "role", "class", "reason"}),
		duration: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name: "gen_ai_client_operation_duration_seconds", Help: "GenAI operation duration.", Buckets: durations,
		}, append(called, "error_type")),
		usage: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name: "gen_ai_client_token_usage", Help: "Number of input and output tokens used.", Buckets: tokens,
		}, append(called, "gen_ai_token_type")),
		commits: prometheus.NewCounter(prometheus.CounterOpts{Name: "openarena_store_commits_total", Help: "Commits to the database, each synced to the disk."}),
		batches: prometheus.NewCounter(prometheus.CounterOpts{Name: "openarena_store_batches_total", Help: "Batches that these commits took together."}),
		commit: prometheus.NewHistogram(prometheus.HistogramOpts{
			Name: "openarena_store_commit_duration_seconds", Help: "A whole commit.", Buckets: prometheus.ExponentialBuckets(0.00025, 2, 16),
		}),
		sync: prometheus.NewHistogram(prometheus.HistogramOpts{
			Name: "openarena_store_sync_duration_seconds", Help: "The part of a commit that waits for the disk.", Buckets: prometheus.ExponentialBuckets(0.00025, 2, 16),
		}),
	}
	build := prometheus.NewGauge(prometheus.GaugeOpts{
		Name: "openarena_build_info", Help: "What is running; always 1.", ConstLabels: prometheus.Labels{"version": version, "commit": commit},
	})
	build.Set(1)
	m.registry.MustRegister(m.calls, m.duration, m.usage, m.commits, m.batches, m.commit, m.sync, build, &look{now: now, names: &m.endpoints},
		collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	return m
}

// Called implements pipeline.Observer.
func (m *Metrics) Called(c pipeline.Call) {
	model, reason := m.models.label(c.ModelID), m.reasons.label(c.ReasonOf())
	m.calls.WithLabelValues(m.endpoints.label(c.Endpoint), m.models.label(c.Model), role(c.Judge), c.ClassOf(), reason).Inc()
	if c.Err != nil && reason == "" {
		reason = "canceled"
	}
	port := strconv.Itoa(c.Port)
	host := m.endpoints.label(c.Host)
	m.duration.WithLabelValues(operation(c.Kind), provider(c.Kind), model, host, port, reason).Observe(c.Took.Seconds())
	if c.Reply == nil {
		return
	}
	m.usage.WithLabelValues(operation(c.Kind), provider(c.Kind), model, host, port, "input").Observe(float64(c.Reply.Usage.Input))
	m.usage.WithLabelValues(operation(c.Kind), provider(c.Kind), model, host, port, "output").Observe(float64(c.Reply.Usage.Output))
}

// Happened implements pipeline.Observer: what counts of it is looked at when somebody asks.
func (m *Metrics) Happened(pipeline.Event) {}

// Committed counts a commit; see store.Options.
func (m *Metrics) Committed(c store.Commit) {
	m.commits.Inc()
	m.batches.Add(float64(c.Batches))
	m.commit.Observe(c.Took.Seconds())
	m.sync.Observe(c.Sync.Seconds())
}

// longestLabel is the most letters of a label's value.
const longestLabel = 100

// label makes a text of others fit to be a label's value.
func label(text string) string {
	text = strings.ToValidUTF8(terminal.SanitizeLine(text), "?")
	if r := []rune(text); len(r) > longestLabel {
		text = string(r[:longestLabel-1]) + "…"
	}
	return text
}
