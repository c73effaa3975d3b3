package crash

import (
	"bytes"
	"cmp"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"text/template"
	"time"

	"openarena/internal/testkit/fakellm"
)

const (
	concurrency = 8
	database    = "arena.db"
	archiveFile = "archive.jsonl"
)

// shape is a kind of arena and of server.
type shape struct {
	name     string
	prompts  int
	slots    int // in flight at once; 0: concurrency
	protocol string
	samples  int // of the last contestant
	pairs    string
	archive  int  // bytes of each answer of a contestant that answers from a file; 0: there is none
	padding  int  // bytes of each prompt that mean nothing; many make reading take several commits
	care     bool // redo and prune follow
	cascade  bool // a second judge follows where the first is not sure, and a third stands in for it
	latency  fakellm.Latency
	faults   fakellm.Faults
	noSchema bool
	url      string // of a PostgreSQL schema; "": a file
	maxCalls int    // budget; 0: none
}

var shapes = [...]shape{
	{name: "plain", prompts: 24, protocol: "scores_verdict", samples: 1, pairs: "all",
		latency: fakellm.Latency{Mean: 8 * time.Millisecond, Sigma: 0.6}},
	{name: "scores, two samples, a file as baseline", prompts: 14, protocol: "scores", samples: 2,
		pairs: "{baseline: Archive}", archive: 110 << 10, padding: 110 << 10,
		latency: fakellm.Latency{Mean: 4 * time.Millisecond, Sigma: 0.3}},
	{name: "faults, bad verdicts, circular", prompts: 18, protocol: "scores_verdict", samples: 1, pairs: "circular",
		latency: fakellm.Latency{Mean: 6 * time.Millisecond, Sigma: 1},
		faults: fakellm.Faults{TooMany: 0.02, RetryAfter: 50 * time.Millisecond, Internal: 0.01, Cut: 0.01, Malformed: 0.01,
			BadVerdict: 0.2}},
	{name: "no json_schema, no latency, care", prompts: 24, protocol: "scores_verdict", samples: 1, pairs: "all",
		archive: 600, care: true, noSchema: true},
	{name: "one answer at a time, as many as battles, bad verdicts", prompts: 24, protocol: "pointwise", samples: 1, pairs: "circular",
		latency: fakellm.Latency{Mean: 6 * time.Millisecond, Sigma: 0.6}, faults: fakellm.Faults{BadVerdict: 0.2}},
	{name: "a cascade with a replacement, bad verdicts", prompts: 14, protocol: "scores_verdict", samples: 2, pairs: "all", cascade: true,
		latency: fakellm.Latency{Mean: 6 * time.Millisecond, Sigma: 0.6}, faults: fakellm.Faults{Internal: 0.01, BadVerdict: 0.3}},
	{name: "adaptive, a cascade, bad verdicts", prompts: 24, protocol: "scores_verdict", samples: 2, pairs: "adaptive", cascade: true,
		latency: fakellm.Latency{Mean: 6 * time.Millisecond, Sigma: 0.6}, faults: fakellm.Faults{BadVerdict: 0.2}},
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
{{- if .Archive}}
  - {name: Archive, answers: {path: {{.ArchiveFile}}, prompt_field: prompt, field: answer}}
{{- end}}
judges:
  - {name: Judge, model_id: judge, protocol: {{.Protocol}}, reask: 1, params: {temperature: 0, max_tokens: 512}}
{{- if .Cascade}}
  - {name: Second, model_id: second, reask: 0, max_invalid_rate: 1}
  - {name: Third, model_id: third, reask: 0, max_invalid_rate: 1}
{{- end}}
judging: {pairs: {{.Pairs}}{{if .Cascade}}, panel: {mode: cascade, replacements: [Third]}{{end}}}
datasets:
  - {path: prompts.jsonl, field: prompt}
export:
{{- range .Exports}}
  - {type: {{.Kind}}, format: {{.Format}}, path: {{.Path}}}
{{- end}}
{{- if .MaxCalls}}
budget: {max_calls: {{.MaxCalls}}}
{{- end}}
store: {{.Store}}
`))

// write puts arena.yaml and the files it names into dir.
func (s shape) write(dir, url string) error {
	if err := s.writeConfig(dir, url); err != nil {
		return err
	}
	var prompts bytes.Buffer
	for i := range s.prompts {
		fmt.Fprintf(&prompts, "{\"prompt\": %q}\n", s.question(i))
	}
	if err := os.WriteFile(filepath.Join(dir, "prompts.jsonl"), prompts.Bytes(), 0o600); err != nil {
		return err
	}
	return s.writeArchive(dir, "first")
}

func (s shape) question(i int) string {
	return fmt.Sprintf("Question %d: what is %d times %d, and why?%s", i, 3*i+1, 7*i+2, strings.Repeat(" p", s.padding/2))
}

func (s shape) writeConfig(dir, url string) error {
	type export struct{ Kind, Format, Path string }
	var exports []export
	for _, f := range byRun {
		exports = append(exports, export{f.kind, f.format, f.name()})
	}
	where := fmt.Sprintf("{path: %s}", database)
	if s.url != "" {
		where = fmt.Sprintf("{url: %q}", s.url)
	}
	var config bytes.Buffer
	err := configTemplate.Execute(&config, map[string]any{
		"URL": url, "Concurrency": cmp.Or(s.slots, concurrency), "Samples": s.samples, "Protocol": s.protocol, "Exports": exports, "Store": where, "MaxCalls": s.maxCalls,
		"Pairs": s.pairs, "Cascade": s.cascade, "Archive": s.archive > 0, "ArchiveFile": archiveFile,
	})
	if err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(dir, "arena.yaml"), config.Bytes(), 0o600)
}

// writeArchive writes an edition of the answers that exist already. Every other text is that of all editions.
func (s shape) writeArchive(dir, edition string) error {
	if s.archive == 0 {
		return nil
	}
	var answers bytes.Buffer
	for i := range s.prompts {
		said := "all editions"
		if i%2 == 0 {
			said = "the " + edition + " edition"
		}
		fmt.Fprintf(&answers, "{\"prompt\": %q, \"answer\": %q}\n", s.question(i), fmt.Sprintf("%d, in %s: %s", i, said, strings.Repeat("a", s.archive)))
	}
	return os.WriteFile(filepath.Join(dir, archiveFile), answers.Bytes(), 0o600)
}

// step is one command of an arena's story.
type step struct {
	args    []string
	file    string // export: what it writes
	kills   int    // at most so many
	edition string // of the archive, that comes out before; "": as it was
}

// story is the commands that take an arena to its end: `run`, or stage by stage. An archive is exchanged after the first
// answers, before anything is judged: what was judged of an earlier edition would stay.
func (a *arena) story(whole bool) []step {
	steps := []step{{args: []string{"run"}, kills: 14}}
	if !whole {
		steps = []step{{args: []string{"generate"}, kills: 8}, {args: []string{"judge"}, kills: 12}}
	}
	if a.stage.shape.archive > 0 {
		steps[len(steps)-1].edition = "second"
	}
	if whole && a.stage.shape.archive > 0 {
		steps = append([]step{{args: []string{"generate"}, kills: 4}}, steps...)
	}
	steps = append(steps, step{args: []string{"rate"}, kills: 2})
	for _, f := range exported {
		steps = append(steps, step{
			args: []string{"export", "--type", f.kind, "--format", f.format, "-o", f.name()}, file: f.name(), kills: 1,
		})
	}
	return steps
}

// turn does what comes before a step.
func (a *arena) turn(s step) error {
	if s.edition == "" {
		return nil
	}
	return a.stage.shape.writeArchive(a.dir, s.edition)
}
