package configs

import (
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"openarena/internal/secret"
)

var (
	sameSecret = cmp.Comparer(func(a, b secret.String) bool { return a.Reveal() == b.Reveal() })
	settings   = cmp.FilterPath(func(p cmp.Path) bool {
		name := p.Last().String()
		return name == ".Warnings" || name == ".Secrets" || name == ".Texts"
	}, cmp.Ignore())
)

func parse(t *testing.T, name string) *Config {
	t.Helper()
	path := filepath.Join("testdata", "good", name+".yaml")
	src, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	c, err := Parse(path, src, environment)
	if err != nil {
		t.Fatalf("Parse(%s): %v", path, err)
	}
	return c
}

func check(t *testing.T, want, got *Config) {
	t.Helper()
	if diff := cmp.Diff(want, got, sameSecret, settings); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
}

// plain is an endpoint with all defaults.
func plain(name, url string) Endpoint {
	return Endpoint{Name: name, URL: url, Kind: "openai", Auth: "bearer", Headers: map[string]string{},
		Timeout: 10 * time.Minute, IdleTimeout: 2 * time.Minute, Pull: "auto"}
}

func TestParseMinimal(t *testing.T) {
	ollama := plain("default_endpoint", "http://localhost:11434/v1/chat/completions")
	model := func(id string) Model { return Model{Name: id, ModelID: id, Endpoint: ollama, Samples: 1} }
	check(t, &Config{
		Path:            "testdata/good/minimal.yaml",
		Dir:             "testdata/good",
		DefaultEndpoint: ollama,
		Endpoints:       map[string]Endpoint{},
		Models:          []Model{model("a"), model("b")},
		Judges: []Judge{{Model: model("j"), Protocol: "scores_verdict", Analysis: "brief", Structured: "auto",
			Weight: 1, Reask: 2, MaxInvalidRate: 0.2}},
		Rubrics: map[string]Rubric{},
		Judging: Judging{Pairs: Pairs{Kind: "all"}, Stop: Stop{Goal: "ranking", Confidence: 0.95, Indifference: 60},
			Orders: "both", Panel: Panel{Mode: "mean", MinValid: 1}, SkipOwnModel: true},
		Datasets: []Dataset{{Path: "p.txt", Field: "prompt", Limit: -1, Seed: 1}},
		Rating:   Rating{Method: "bradley-terry", Outcome: "win", Interval: "clustered", Bootstrap: 1000, KFactor: 32, Initial: 1000},
		Export:   []Export{{Type: "ranked", Format: "jsonl", Path: "training_data.jsonl"}},
		Store:    Store{Path: "minimal.db"},
	}, parse(t, "minimal"))
}

func TestParseEverything(t *testing.T) {
	cached := 0.075
	main := plain("default_endpoint", "https://api.example.com/v1/chat/completions")
	main.Kind, main.APIKey, main.Auth = "azure", secret.New("sk-CANARY-openai-0123456789"), "X-Key"
	main.Headers["X-Team"] = "eval"
	main.Concurrency, main.RPM, main.TPM = 8, 500, 200000
	main.Timeout, main.IdleTimeout, main.Stream, main.Pull = 5*time.Minute, 90*time.Second, true, "ask"
	gpu := plain("gpu", "http://gpu:8000/v1/chat/completions")
	gpu.Auth = "none"
	inline := plain("127.0.0.1:9", "http://127.0.0.1:9/api/chat")
	inline.Kind = "ollama"
	check(t, &Config{
		Path:            "testdata/good/everything.yaml",
		Dir:             "testdata/good",
		DefaultEndpoint: main,
		Endpoints:       map[string]Endpoint{"gpu": gpu},
		Models: []Model{
			{Name: "Mistral v0.3", ModelID: "mistral", Revision: "q4", Endpoint: gpu, System: "You are terse.",
				Params: map[string]any{"temperature": 0.7, "max_tokens": int64(1024), "seed": int64(1),
					"stop": []any{"a", "b"}, "extra": map[string]any{"deep": true}},
				Samples: 3, Price: &Price{Input: 0.15, Output: 0.6, Cached: &cached}, NumCtx: "4096", KeepAlive: "10m0s"},
			{Name: "Last year's model", ModelID: "Last year's model", Samples: 1,
				Answers: &Answers{Path: "outputs/*.jsonl", PromptField: "instruction", Field: "output"}},
		},
		Judges: []Judge{
			{Model: Model{Name: "main", ModelID: "gpt-x", Endpoint: inline, Samples: 1,
				Params: map[string]any{"temperature": int64(0), "max_tokens": int64(2048)}},
				Protocol: "verdict5", Analysis: "full", Structured: "text", Rubric: "general", Template: "my_judge.tmpl",
				Weight: 2, Reask: 0, MaxInvalidRate: 0.5},
			{Model: Model{Name: "other", ModelID: "other", Endpoint: main, Samples: 1},
				Protocol: "scores_verdict", Analysis: "brief", Structured: "auto", Weight: 1, Reask: 2, MaxInvalidRate: 0.2},
			{Model: Model{Name: "spare", ModelID: "another", Endpoint: main, Samples: 1},
				Protocol: "scores_verdict", Analysis: "brief", Structured: "auto", Weight: 1, Reask: 2, MaxInvalidRate: 0.2},
		},
		Rubrics: map[string]Rubric{"general": {Ties: "forbid",
			Criteria: []Criterion{{Name: "correctness", Weight: 3, Levels: map[int]string{10: "good", 1: "bad"}}}}},
		Judging: Judging{Pairs: Pairs{Kind: "adaptive"}, Stop: Stop{Goal: "top", K: 1, Confidence: 0.9, Indifference: 30},
			Orders: "fixed", Panel: Panel{Mode: "cascade", MinValid: 2, Replacements: []string{"spare"}}, Repeat: 0.1},
		Datasets: []Dataset{
			{Name: "org/set", Description: "A set", Config: "small", Revision: "v2", Split: "test", Field: "messages[0].content",
				Limit: 10, Offset: 5, Seed: 1, Rubric: "general"},
			{Path: "prompts/*.jsonl", Limit: -1, Sample: 7, Seed: 2, SystemField: "system", ReferenceField: "answer",
				CategoryField: "topic", Template: "Translate: {{.text}}"},
		},
		Prompts: Prompts{MinChars: 10, MaxChars: 8000, NearDuplicates: 0.8, Overlap: 8,
			Exclude: []Exclude{{Path: "bench/*.jsonl", Field: "prompt"}, {Path: "test.csv", Field: "question"}}},
		Rating: Rating{Method: "elo", Outcome: "share", Interval: "bootstrap", Bootstrap: 50, KFactor: 16, Initial: 1500,
			Anchor: &Anchor{Model: "Mistral v0.3", Rating: 1200}, Control: []string{"length", "style"}},
		Budget: Budget{MaxCost: 20, MaxCalls: 100000, MaxTokens: 5000000, MaxTime: 8 * time.Hour},
		Export: []Export{
			{Type: "preference", For: "openrlhf", Format: "json", Path: "dpo.json", Upload: "org/name"},
			{Type: "sft", For: "verl", Format: "parquet", Path: "sft.parquet"},
		},
		Store: Store{Path: "elsewhere/a.db"},
	}, parse(t, "everything"))
}

func TestParseAnchors(t *testing.T) {
	c := parse(t, "anchors")
	params := map[string]any{"temperature": int64(1), "max_tokens": int64(16)}
	e := c.DefaultEndpoint
	want := []Model{
		{Name: "A", ModelID: "a", Endpoint: e, Params: params, Samples: 1},
		{Name: "B", ModelID: "a", Endpoint: e, System: "Costs ${5}.", Params: params, Samples: 1},
		{Name: "C", ModelID: "c", Endpoint: e, Params: params, Samples: 1},
	}
	if diff := cmp.Diff(want, c.Models, sameSecret); diff != "" {
		t.Errorf("models: -want +got:\n%s", diff)
	}
	if got := c.Judges[0]; got.Name != "J" || got.ModelID != "a" || c.Datasets[0].Path != "p.txt" {
		t.Errorf("judge %q %q, dataset %q; want J, a, p.txt", got.Name, got.ModelID, c.Datasets[0].Path)
	}
}

// TestParsePython: the Python project's file means here what it means there.
func TestParsePython(t *testing.T) {
	var text string
	for _, e := range Examples() {
		if e.Name == "python" {
			text = e.Text
		}
	}
	c, err := Parse("arena_config.yaml", []byte(text), environment)
	if err != nil {
		t.Fatal(err)
	}
	want := []Dataset{{Name: "skunkworksAI/reasoning-0.01", Description: "Reasoning dataset", Config: "default", Revision: "main",
		Split: "train", Field: "instruction", Limit: 10, Seed: 1}}
	if diff := cmp.Diff(want, c.Datasets); diff != "" {
		t.Errorf("datasets: -want +got:\n%s", diff)
	}
	if len(c.Models) != 3 || c.Models[1].Endpoint.Name != "localhost:11434" || c.Judges[0].Name != "JudgeModel" || c.Store.Path != "arena_config.db" {
		t.Errorf("%d models, judge %q, endpoint %q, store %q", len(c.Models), c.Judges[0].Name, c.Models[1].Endpoint.Name, c.Store.Path)
	}
}

func TestPathsBeginAtTheFile(t *testing.T) {
	c := &Config{Dir: "some/folder", Store: Store{Path: "arena.db"}}
	for _, p := range []struct{ got, want string }{
		{c.StorePath(), filepath.Join("some", "folder", "arena.db")},
		{c.Resolve("../x.jsonl"), filepath.Join("some", "x.jsonl")},
		{c.Resolve("/tmp/x.jsonl"), "/tmp/x.jsonl"},
	} {
		if p.got != p.want {
			t.Errorf("path %q; want %q", p.got, p.want)
		}
	}
}
