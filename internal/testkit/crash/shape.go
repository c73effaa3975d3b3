package crash

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"text/template"
	"time"

	"openarena/internal/testkit/fakellm"
)

const (
	concurrency = 8
	contestants = 4
	database    = "arena.db"
)

// shape is a kind of arena and of server.
type shape struct {
	name     string
	prompts  int
	protocol string
	samples  int // of the last contestant
	latency  fakellm.Latency
	faults   fakellm.Faults
	noSchema bool
}

var shapes = [4]shape{
	{name: "plain", prompts: 24, protocol: "scores_verdict", samples: 1,
		latency: fakellm.Latency{Mean: 8 * time.Millisecond, Sigma: 0.6}},
	{name: "scores, two samples", prompts: 14, protocol: "scores", samples: 2,
		latency: fakellm.Latency{Mean: 4 * time.Millisecond, Sigma: 0.3}},
	{name: "faults, bad verdicts", prompts: 18, protocol: "scores_verdict", samples: 1,
		latency: fakellm.Latency{Mean: 6 * time.Millisecond, Sigma: 1},
		faults: fakellm.Faults{TooMany: 0.02, RetryAfter: 50 * time.Millisecond, Internal: 0.01, Cut: 0.01, Malformed: 0.01,
			BadVerdict: 0.2}},
	{name: "no json_schema, no latency", prompts: 24, protocol: "scores_verdict", samples: 1, noSchema: true},
}

// file is an export that an arena writes.
type file struct{ kind, format string }

func (f file) name() string { return f.kind + "." + f.format }

// exported are the files that `export` writes; `run` writes runWrites of them itself.
var (
	exported = []file{{"ranked", "jsonl"}, {"battles", "jsonl"}, {"ratings", "jsonl"}, {"ranked", "csv"}, {"battles", "csv"}, {"ratings", "csv"}}
	byRun    = []file{{"ranked", "jsonl"}, {"battles", "csv"}}
)

var configTemplate = template.Must(template.New("arena.yaml").Parse(`default_endpoint:
  url: {{.URL}}
  concurrency: {{.Concurrency}}
models:
  - {name: Alpha, model_id: alpha, params: {temperature: 0.7, seed: 1}}
  - {name: Beta, model_id: beta, revision: q4}
  - {name: Gamma, model_id: gamma, system: You are terse.}
  - {name: Delta, model_id: delta, params: {seed: 5}, samples: {{.Samples}}}
judges:
  - {name: Judge, model_id: judge, protocol: {{.Protocol}}, reask: 1, params: {temperature: 0, max_tokens: 512}}
datasets:
  - {path: prompts.jsonl, field: prompt}
export:
{{- range .Exports}}
  - {type: {{.Kind}}, format: {{.Format}}, path: {{.Path}}}
{{- end}}
store: {path: {{.Database}}}
`))

// write puts arena.yaml and its prompts into dir.
func (s shape) write(dir, url string) error {
	type export struct{ Kind, Format, Path string }
	var exports []export
	for _, f := range byRun {
		exports = append(exports, export{f.kind, f.format, f.name()})
	}
	var config, prompts bytes.Buffer
	err := configTemplate.Execute(&config, map[string]any{
		"URL": url, "Concurrency": concurrency, "Samples": s.samples, "Protocol": s.protocol, "Exports": exports, "Database": database,
	})
	if err != nil {
		return err
	}
	for i := range s.prompts {
		fmt.Fprintf(&prompts, "{\"prompt\": \"Question %d: what is %d times %d, and why?\"}\n", i, 3*i+1, 7*i+2)
	}
	if err := os.WriteFile(filepath.Join(dir, "arena.yaml"), config.Bytes(), 0o600); err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(dir, "prompts.jsonl"), prompts.Bytes(), 0o600)
}

// step is one command of an arena's story.
type step struct {
	args  []string
	file  string // export: what it writes
	kills int    // at most so many
}

// story is the commands that take an arena to its end: `run`, or stage by stage.
func (a *arena) story(whole bool) []step {
	steps := []step{{args: []string{"run"}, kills: 14}}
	if !whole {
		steps = []step{{args: []string{"generate"}, kills: 8}, {args: []string{"judge"}, kills: 12}}
	}
	steps = append(steps, step{args: []string{"rate"}, kills: 2})
	for _, f := range exported {
		steps = append(steps, step{
			args: []string{"export", "--type", f.kind, "--format", f.format, "-o", f.name()}, file: f.name(), kills: 1,
		})
	}
	return steps
}
