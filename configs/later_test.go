package configs

import (
	"strings"
	"testing"
)

func TestLater(t *testing.T) {
	const (
		models   = "models: [{name: A, model_id: a}, {name: B, model_id: b}]\n"
		judge    = "judge_model: {name: J, model_id: j}\n"
		datasets = "datasets: [{path: p.txt}]\n"
		rest     = models + judge + datasets
	)
	endpoint := func(setting string) string {
		return rest + "default_endpoint: {url: \"http://localhost:1/v1\", " + setting + "}\n"
	}
	asJudge := func(setting string) string {
		return models + datasets + "rubrics: {r: {criteria: [{name: c}]}}\njudge_model: {model_id: j, " + setting + "}\n"
	}
	for _, c := range []struct{ why, src, want string }{
		{"a Hub dataset", models + judge + "datasets: [{name: org/set}]\n", ""},
		{"a reference", models + judge + "datasets: [{path: p.txt, reference_field: answer}]\n", ""},
		{"a category", models + judge + "datasets: [{path: p.txt, category_field: topic}]\n", ""},
		{"the native path of Ollama", rest + "default_endpoint: {url: \"http://localhost:1/api/chat\", pull: ask}\n", ""},
		{"requests and tokens a minute", endpoint("rpm: 5, tpm: 500"), ""},
		{"asking before a pull", endpoint("pull: never"), ""},
		{"a context size", "models: [{name: A, model_id: a, num_ctx: 4096}, {name: B, model_id: b}]\n" + judge + datasets, ""},
		{"keeping a model loaded", "models: [{name: A, model_id: a, keep_alive: 5m}, {name: B, model_id: b}]\n" + judge + datasets, ""},
		{"another protocol of judging", asJudge("protocol: pointwise"), ""},
		{"a judge's rubric", asJudge("rubric: r"), ""},
		{"a dataset's rubric", models + judge + "rubrics: {r: {criteria: [{name: c}]}}\ndatasets: [{path: p.txt, rubric: r}]\n", ""},
		{"a judge's wording", asJudge("template: t.tmpl"), ""},
		{"adaptive pairs", rest + "judging: {pairs: adaptive}\n", ""},
		{"the end of adaptive pairs", rest + "judging: {pairs: adaptive, stop: {goal: leader, confidence: 0.9}}\n", ""},
		{"majority", rest + "judging: {panel: {mode: majority}}\n", ""},
		{"repeated judgments", rest + "judging: {repeat: 0.1}\n", ""},
		{"bootstrap", rest + "rating: {interval: bootstrap}\n", ""},
		{"an anchor", rest + "rating: {anchor: {model: A}}\n", ""},
		{"control", rest + "rating: {control: [length]}\n", ""},
		{"a budget", rest + "budget: {max_calls: 5}\n", ""},
		{"another export", rest + "export: [{type: sft, for: axolotl, path: x.jsonl}]\n", ""},
		{"parquet", rest + "export: [{format: parquet, path: x.parquet}]\n", ""},
		{"an upload", rest + "export: [{path: x.jsonl, upload: org/name}]\n", ""},
		{"a database server", rest + "store: {url: \"postgres://u:CANARY-1234@db/arena\"}\n", "store.url"},
		{"what has an effect already", endpoint("concurrency: 4, timeout: 5m, auth: none, stream: true, pull: auto, headers: {X-Team: a}") +
			"judging: {pairs: {random: 2}, orders: random, skip_own_model: false}\nrating: {method: elo, outcome: share, interval: sandwich}\n", ""},
	} {
		got, err := Parse("arena.yaml", []byte(c.src), environment)
		if err != nil {
			t.Errorf("%s: %v", c.why, err)
			continue
		}
		text := Problems(got.Later).Error()
		if !strings.Contains(text, c.want) || strings.Contains(text, "CANARY") || (c.want == "") != (len(got.Later) == 0) || len(got.Later) > 1 {
			t.Errorf("%s: later %q; want one with %q", c.why, text, c.want)
		}
	}
}
