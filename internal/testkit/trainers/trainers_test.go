// Package trainers gives what the real program exports to the real trainers: each loads it with its own code, and those that
// can do so without a GPU take a step. It installs gigabytes, so it runs by `make test-trainers` only.
package trainers

import (
	"bytes"
	"cmp"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// environments is where install.sh puts the trainers, seen from here.
const environments = "../../../bin/trainers"

// loader is code of others that is given files.
type loader struct{ trainer, environment, script, formats string }

// TRL gets csv with its cells decoded; the others have nobody who would.
var loaders = []loader{
	{"datasets", "trl", "load_datasets.py", "jsonl json csv parquet"},
	{"trl", "trl", "train_trl.py", "jsonl json csv parquet"},
	{"openrlhf", "openrlhf-verl", "load_openrlhf.py", "jsonl json parquet"},
	{"verl", "openrlhf-verl", "load_verl.py", "parquet"},
	{"llama-factory", "llamafactory", "train_llamafactory.py", "jsonl json parquet"},
	{"axolotl", "axolotl", "load_axolotl.py", "jsonl json parquet"},
}

// file is a case for a script: testdata/cases.py.
type file struct {
	Name    string `json:"name"`
	Type    string `json:"type"`
	Format  string `json:"format"`
	File    string `json:"file"`
	Truth   string `json:"truth"`             // the same rows as jsonl
	Dataset string `json:"dataset,omitempty"` // its entry in the dataset_info.json beside it
	Stanza  string `json:"stanza,omitempty"`  // the lines for axolotl
	Dir     string `json:"dir,omitempty"`     // where Code runs
	Code    string `json:"code,omitempty"`    // of docs/exports.md, in place of a file

	fails string // what the loader must say; empty: it must load
}

type outcome struct {
	Name string `json:"name"`
	OK   bool   `json:"ok"`
	Said string `json:"said"`
}

func TestTrainers(t *testing.T) {
	if os.Getenv("OPENARENA_TRAINERS") == "" {
		t.Skip("make test-trainers installs gigabytes of trainers and runs it")
	}
	a := newArena(t)
	for _, l := range loaders {
		t.Run(l.trainer, func(t *testing.T) {
			files := append(shapes(t, l.trainer), careless(t, l.trainer)...)
			for _, f := range a.exports(t, l.trainer) {
				if slices.Contains(strings.Fields(l.formats), f.Format) {
					files = append(files, f)
				}
			}
			try(t, l, append(files, a.quickStarts(t, l.trainer)...))
		})
	}
}

// try runs a loader once over all its files, since its imports take most of the time.
func try(t *testing.T, l loader, files []file) {
	t.Helper()
	var in bytes.Buffer
	encode := json.NewEncoder(&in)
	for _, f := range files {
		if err := encode.Encode(f); err != nil {
			t.Fatal(err)
		}
	}
	c := exec.CommandContext(t.Context(), filepath.Join(environments, l.environment, "bin", "python"), filepath.Join("testdata", l.script))
	c.Stdin = &in
	c.Env = append(os.Environ(), "HF_HOME="+t.TempDir(), "OMP_NUM_THREADS=1") // threads that wait for each other on a busy machine spin
	var log bytes.Buffer
	c.Stderr = &log
	out, err := c.Output()
	outcomes := map[string]outcome{}
	for line := range bytes.Lines(out) {
		var o outcome
		if err := json.Unmarshal(line, &o); err != nil {
			t.Fatalf("%s said %q: %v", l.script, line, err)
		}
		outcomes[o.Name] = o
	}
	if err != nil || len(outcomes) != len(files) {
		t.Errorf("%s: %v, %d outcomes of %d files; its last words:\n%s", l.script, err, len(outcomes), len(files), tail(log.Bytes()))
	}
	for _, f := range files {
		t.Run(f.Name, func(t *testing.T) { f.judge(t, outcomes[f.Name]) })
	}
}

// judge holds what a loader said of a file against what was expected.
func (f file) judge(t *testing.T, o outcome) {
	switch {
	case o.OK && f.fails != "":
		t.Errorf("%s loaded: %s; want a failure that says %q", f.File, o.Said, f.fails)
	case !o.OK && (f.fails == "" || !strings.Contains(o.Said, f.fails)):
		t.Errorf("%s: %s; want %s", f.File, cmp.Or(o.Said, "nothing said"), cmp.Or(f.fails, "it loaded"))
	default:
		t.Log(o.Said)
	}
}

func tail(log []byte) []byte { return log[max(0, len(log)-4000):] }
