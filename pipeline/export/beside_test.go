package export

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// What lies beside a file, and how it is loaded, for every trainer and type.
func TestBesideGolden(t *testing.T) {
	t.Chdir(t.TempDir())
	golden := ""
	for _, kind := range []string{"preference", "reward", "kto", "sft", "ratings"} {
		for _, trainer := range Trainers {
			for _, split := range []float64{0, 0.1} {
				o := Options{Type: kind, For: trainer, Format: "jsonl", EvalSplit: split}
				if trainer == "verl" {
					o.Format = "parquet"
				}
				if kind != "ratings" && o.Check() != nil {
					continue
				}
				golden += beside(t, o)
			}
		}
	}
	t.Chdir(repository)
	compareGolden(t, "beside.golden.txt", golden)
}

var repository, _ = os.Getwd()

func beside(t *testing.T, o Options) string {
	t.Helper()
	path := "it's." + o.format()
	if err := os.WriteFile(path, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	os.Remove("dataset_info.json")
	names, err := WriteBeside(path, o)
	if err != nil {
		t.Fatal(err)
	}
	text := "== " + o.Type + " for " + o.For
	if o.EvalSplit > 0 {
		text += ", split"
	}
	text += "\nload: " + LoadingLine(path, o) + "\n"
	for _, name := range names {
		content, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		text += "-- " + name + "\n" + string(content)
	}
	return text
}

func TestDatasetInfoIsMerged(t *testing.T) {
	path := filepath.Join(t.TempDir(), "dpo.jsonl")
	info := filepath.Join(filepath.Dir(path), "dataset_info.json")
	o := Options{Type: "preference", For: "llama-factory"}
	for _, c := range []struct{ about, before, want string }{
		{"the others stay, in their order", `{"z": {"file_name": "z.json", "x": [1.50, "é<"]}, "dpo": {"old": true}, "a": {}}`, `z 1.50 é< dpo sharegpt a`},
		{"it comes last", `{"z": {}}`, `z dpo`},
		{"an empty file", " \n", `dpo`},
	} {
		put(t, path, "")
		put(t, info, c.before)
		if _, err := WriteBeside(path, o); err != nil {
			t.Fatalf("%s: %v", c.about, err)
		}
		text, _ := os.ReadFile(info)
		rest, missing := string(text), ""
		for _, word := range strings.Fields(c.want) {
			_, after, found := strings.Cut(rest, word)
			if rest = after; !found {
				missing = word
			}
		}
		if missing != "" || strings.Contains(string(text), "old") {
			t.Errorf("%s: no %q in its place in\n%s", c.about, missing, text)
		}
		again, _ := os.ReadFile(info)
		if _, err := WriteBeside(path, o); err != nil || string(again) != string(text) {
			t.Errorf("%s: written twice it changes: %v", c.about, err)
		}
	}
	for about, before := range map[string]string{"a list": `[1]`, "half of it": `{"a": {`, "two of them": `{} {}`, "no JSON": `x`} {
		put(t, info, before)
		if _, err := WriteBeside(path, o); err == nil || !strings.Contains(err.Error(), "dataset_info.json is not what LLaMA-Factory reads") {
			t.Errorf("%s: %v; want an error that names the file", about, err)
		}
		if text, _ := os.ReadFile(info); string(text) != before {
			t.Errorf("%s: the file holds %q", about, text)
		}
	}
}

func put(t *testing.T, path, text string) {
	t.Helper()
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

// A pipe or a device has nothing beside it.
func TestNothingBesideADevice(t *testing.T) {
	if names, err := WriteBeside(os.DevNull, Options{Type: "preference", For: "axolotl"}); err != nil || names != nil {
		t.Errorf("%q, %v; want nothing", names, err)
	}
}
