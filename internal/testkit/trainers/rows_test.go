package trainers

import (
	"cmp"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

var types = []string{"preference", "reward", "kto", "sft"}

// shapes are the rows of docs/exports.md, written by hand: they tell a fault of a check from a fault of an export.
func shapes(t *testing.T, trainer string) (files []file) {
	for _, kind := range types {
		path := absolute(t, filepath.Join("testdata", "shapes", kind+"."+trainer+".jsonl"))
		if _, err := os.Stat(path); err != nil {
			continue // a combination that no trainer loads
		}
		files = append(files, file{Name: "shape " + kind, Type: kind, Format: "jsonl", File: path, Truth: path}.withSidecars(kind))
	}
	return files
}

// careless rows are near to those of docs/exports.md, and not what a trainer loads: a check that lets them pass is none.
func careless(t *testing.T, trainer string) (files []file) {
	for _, c := range []struct{ trainer, kind, truth, fails string }{
		{"datasets", "preference", "preference.verl", "3 rows, want 4"},
		{"trl", "preference", "preference.trl", "trains on text without turns"},
		{"trl", "kto", "kto.trl", "trains on text without turns"},
		{"trl", "reward", "reward.trl", "the batch has no margin"},
		{"openrlhf", "preference", "preference.openrlhf", ""},
		{"openrlhf", "reward", "reward.openrlhf", "margin 0, want 1.5"},
		{"verl", "preference", "preference.verl", ""},
		{"verl", "sft", "sft.verl", "the loss is on"},
		{"llama-factory", "preference", "preference.llama-factory", "kept 3 of 4 rows"},
		{"llama-factory", "kto", "kto.llama-factory", ""},
		{"axolotl", "preference", "preference.axolotl", ""},
	} {
		if c.trainer != trainer {
			continue
		}
		files = append(files, file{
			Name: "careless " + c.kind, Type: c.kind, Format: "jsonl", fails: cmp.Or(c.fails, "Error"),
			File:  absolute(t, filepath.Join("testdata", "careless", c.kind+"."+trainer+".jsonl")),
			Truth: absolute(t, filepath.Join("testdata", "shapes", c.truth+".jsonl")),
		}.withSidecars(c.kind))
	}
	return files
}

// withSidecars names what lies beside a file that was written by hand.
func (f file) withSidecars(kind string) file {
	f.Dataset = kind
	f.Stanza = strings.TrimSuffix(f.File, ".jsonl") + ".yml"
	return f
}

func absolute(t *testing.T, path string) string {
	t.Helper()
	path, err := filepath.Abs(path)
	if err != nil {
		t.Fatal(err)
	}
	return path
}
