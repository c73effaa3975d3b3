package configs

import (
	"strings"
	"testing"
)

func TestParseHubAddress(t *testing.T) {
	for _, test := range []struct {
		text string
		want HubAddress
		bad  string
	}{
		{"hf://datasets/org/set", HubAddress{"org/set", "", ""}, ""},
		{"hf://datasets/org/set/", HubAddress{"org/set", "", ""}, ""},
		{"hf://datasets/org/set/data/*.jsonl", HubAddress{"org/set", "", "data/*.jsonl"}, ""},
		{"hf://datasets/org/set@v1", HubAddress{"org/set", "v1", ""}, ""},
		{"hf://datasets/org/set@v1/a/b.csv", HubAddress{"org/set", "v1", "a/b.csv"}, ""},
		{"hf://datasets/org/set@refs%2Fconvert%2Fparquet/x/*.parquet", HubAddress{"org/set", "refs/convert/parquet", "x/*.parquet"}, ""},
		{"hf://datasets/org/set@refs/pr/3/x.txt", HubAddress{"org/set", "refs/pr/3", "x.txt"}, ""},
		{"hf://datasets/org/set/mail@home.txt", HubAddress{"org/set", "", "mail@home.txt"}, ""},
		{"hf://org/set", HubAddress{}, "no address of a dataset"},
		{"hf://datasets/set", HubAddress{}, "names no dataset"},
		{"hf://datasets/org/set@/x", HubAddress{}, "behind the @"},
	} {
		got, err := ParseHubAddress(test.text)
		if test.bad != "" {
			if err == nil || !strings.Contains(err.Error(), test.bad) {
				t.Errorf("ParseHubAddress(%q) = %v; want %q", test.text, err, test.bad)
			}
			continue
		}
		if err != nil || got != test.want {
			t.Errorf("ParseHubAddress(%q) = %+v, %v; want %+v", test.text, got, err, test.want)
		}
	}
}

func TestHubDatasets(t *testing.T) {
	const rest = "models: [{name: A, model_id: a}, {name: B, model_id: b}]\njudge_model: {model_id: j}\n"
	for _, test := range []struct {
		why, dataset string
		want         Dataset
		bad          string
	}{
		{"a name", "name: org/set, field: q, limit: 10", Dataset{Name: "org/set", Config: "default", Revision: "main", Split: "train", Field: "q", Limit: 10, Seed: 1}, ""},
		{"an address with its split", `path: "hf://datasets/org/set@v1", split: test`, Dataset{Path: "hf://datasets/org/set@v1", Config: "default", Split: "test", Field: "prompt", Limit: -1, Seed: 1}, ""},
		{"files of an address", `path: "hf://datasets/org/set/*.csv"`, Dataset{Path: "hf://datasets/org/set/*.csv", Field: "prompt", Limit: -1, Seed: 1}, ""},
		{"a split where files are named", `path: "hf://datasets/org/set/*.csv", split: test`, Dataset{}, "split has no meaning"},
		{"two revisions", `path: "hf://datasets/org/set@v1", revision: v2`, Dataset{}, "stands in the address"},
		{"half an address", `path: "hf://datasets/org"`, Dataset{}, "names no dataset"},
	} {
		got, err := Parse("arena.yaml", []byte(rest+"datasets: [{"+test.dataset+"}]\n"), environment)
		if test.bad != "" {
			if err == nil || !strings.Contains(err.Error(), test.bad) {
				t.Errorf("%s: %v; want %q", test.why, err, test.bad)
			}
			continue
		}
		if err != nil || got.Datasets[0] != test.want || !got.Datasets[0].OnHub() {
			t.Errorf("%s: %+v, %v; want %+v", test.why, got.Datasets[0], err, test.want)
		}
	}
}
