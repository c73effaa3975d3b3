package trainers

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"openarena/internal/testkit/fakellm"
)

// arena is an arena that was run, and the program that exports from it.
type arena struct{ binary, dir string }

func newArena(t *testing.T) *arena {
	t.Helper()
	a := &arena{filepath.Join(t.TempDir(), "openarena"), t.TempDir()}
	if out, err := exec.CommandContext(t.Context(), "go", "build", "-o", a.binary, "openarena/cmd/openarena").CombinedOutput(); err != nil {
		t.Fatalf("go build: %v\n%s", err, out)
	}
	server := fakellm.New(fakellm.Options{AnswerBytes: 300})
	if err := server.Start("127.0.0.1:0"); err != nil {
		t.Fatal(err)
	}
	defer server.Close()
	a.write(t, "prompts.jsonl", prompts())
	a.write(t, "arena.yaml", fmt.Sprintf(configuration, server.URL()))
	if out, code := a.run(t, "run", "--quiet"); code != 0 {
		t.Fatalf("openarena run: exit %d\n%s", code, out)
	}
	return a
}

const configuration = `default_endpoint: {url: %s, auth: none}
models:
  - {name: Ada, model_id: ada}
  - {name: Bob, model_id: bob}
  - {name: Cyd, model_id: cyd}
  - {name: Dee, model_id: dee}
judges: [{name: Judge, model_id: judge, protocol: scores}]
datasets: [{path: prompts.jsonl, field: messages}]
export: [{type: ratings, format: json, path: ratings.json}]
`

// prompts are of every kind that a row may come from: one turn, a system message, turns before, letters that formats escape.
func prompts() string {
	type message struct {
		Role    string `json:"role"`
		Content string `json:"content"`
	}
	var out strings.Builder
	encode := json.NewEncoder(&out)
	for i := range 4 {
		for _, m := range [][]message{
			{{"user", fmt.Sprintf("What is %d × 7?", i)}},
			{{"system", "You are \"terse\"."}, {"user", fmt.Sprintf("Say <b>hello</b> & a joke,\n%d times 😀", i)}},
			{{"user", fmt.Sprintf("Who wrote book %d?", i)}, {"assistant", "Goethe, I think.\t"}, {"user", "When,\u2028then?"}},
		} {
			_ = encode.Encode(map[string]any{"messages": m}) // strings only: cannot fail
		}
	}
	return out.String()
}

func (a *arena) write(t *testing.T, name, text string) {
	t.Helper()
	if err := os.WriteFile(filepath.Join(a.dir, name), []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

func (a *arena) run(t *testing.T, args ...string) (out string, code int) {
	t.Helper()
	c := exec.CommandContext(t.Context(), a.binary, args...)
	c.Dir = a.dir
	text, err := c.CombinedOutput()
	if exit := (*exec.ExitError)(nil); errors.As(err, &exit) {
		return string(text), exit.ExitCode()
	} else if err != nil {
		t.Fatal(err)
	}
	return string(text), 0
}

var trainers = []string{"trl", "axolotl", "llama-factory", "openrlhf", "verl"}

// exports are files of the real program for one trainer; for datasets all files of all trainers, and those that are for none.
func (a *arena) exports(t *testing.T, trainer string) (files []file) {
	t.Helper()
	if trainer != "datasets" {
		for _, kind := range types {
			files = append(files, a.formats(t, kind, trainer)...)
		}
		return files
	}
	for _, kind := range []string{"ranked", "battles", "ratings"} {
		files = append(files, a.formats(t, kind, "")...)
	}
	for _, name := range trainers {
		files = append(files, a.exports(t, name)...)
	}
	return files
}

// formats are the files of one type for one trainer. The program must refuse what docs/exports.md says no trainer loads.
func (a *arena) formats(t *testing.T, kind, trainer string) (files []file) {
	t.Helper()
	dir := filepath.Join(a.dir, strings.Trim(kind+"-"+trainer, "-"))
	if err := os.MkdirAll(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	if refused[[2]string{kind, trainer}] {
		a.refuses(t, "--type", kind, "--for", trainer, "-o", filepath.Join(dir, "rows.jsonl"))
		return nil
	}
	rows := func(format string) string { return filepath.Join(dir, "in-"+format+"."+format) } // sidecars go by the stem
	for _, format := range []string{"jsonl", "json", "csv", "parquet"} {
		path := rows(format)
		if format == "csv" && trainer != "" && trainer != "trl" { // none of their loaders decodes cells
			a.refuses(t, "--type", kind, "--for", trainer, "--format", format, "-o", path)
			continue
		}
		args := []string{"export", "--type", kind, "--format", format, "-o", path}
		if trainer != "" {
			args = append(args, "--for", trainer)
		}
		if out, code := a.run(t, args...); code != 0 {
			t.Errorf("openarena %s: exit %d\n%s", strings.Join(args, " "), code, out)
			continue
		}
		files = append(files, file{Name: strings.Trim(kind+" "+trainer, " ") + " " + format, Type: kind, Format: format, File: path, Truth: rows("jsonl")}.sidecars())
	}
	return files
}

// refuses holds that an export is a mistake in the command.
func (a *arena) refuses(t *testing.T, args ...string) {
	t.Helper()
	if out, code := a.run(t, append([]string{"export"}, args...)...); code != 2 {
		t.Errorf("export %s: exit %d, want 2\n%s", strings.Join(args, " "), code, out)
	}
}

// refused are the combinations that no trainer loads.
var refused = map[[2]string]bool{
	{"reward", "axolotl"}: true, {"reward", "llama-factory"}: true, {"reward", "verl"}: true,
	{"kto", "openrlhf"}: true, {"kto", "verl"}: true,
}

// sidecars names what the program wrote beside a file.
func (f file) sidecars() file {
	dir, name := filepath.Split(f.File)
	if text, err := os.ReadFile(filepath.Join(dir, "dataset_info.json")); err == nil {
		var info map[string]struct {
			File string `json:"file_name"`
		}
		if json.Unmarshal(text, &info) == nil {
			for entry, i := range info {
				if i.File == name {
					f.Dataset = entry
				}
			}
		}
	}
	for _, ending := range []string{".axolotl.yaml", ".axolotl.yml", ".yaml", ".yml"} {
		for _, stem := range []string{f.File, strings.TrimSuffix(f.File, filepath.Ext(f.File))} {
			if _, err := os.Stat(stem + ending); err == nil {
				f.Stanza = stem + ending
			}
		}
	}
	return f
}
