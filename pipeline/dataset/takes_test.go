package dataset

import (
	"os"
	"path/filepath"
	"testing"
)

func TestTakes(t *testing.T) {
	root := t.TempDir()
	dir := filepath.Join(root, "arena [1]")
	for _, folder := range []string{"sets/deep", ".hidden"} {
		if err := os.MkdirAll(filepath.Join(dir, folder), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	write(t, dir, "sets/there.jsonl", "{}\n")
	for name, target := range map[string]string{"link.jsonl": "sets/there.jsonl", "linked": "sets"} {
		if err := os.Symlink(target, filepath.Join(dir, name)); err != nil {
			t.Fatal(err)
		}
	}
	for _, c := range []struct {
		about, pattern, file string
		want                 bool
	}{
		{"the file itself", "sets/there.jsonl", "sets/there.jsonl", true},
		{"the same, spelt in a roundabout way", "./sets/there.jsonl", "sets/deep/../there.jsonl", true},
		{"a file that a star finds", "sets/*.jsonl", "sets/there.jsonl", true},
		{"a link to it", "sets/*.jsonl", "link.jsonl", true},
		{"a folder that is a link", "sets/*.jsonl", "linked/there.jsonl", true},
		{"a file that is not there yet, by a star", "sets/*.jsonl", "sets/new.jsonl", true},
		{"the same through a folder that is a link", "sets/*.jsonl", "linked/new.jsonl", true},
		{"a file that is not there yet, by its name", "new.jsonl", "new.jsonl", true},
		{"any depth", "**/*.jsonl", "sets/deep/new.jsonl", true},
		{"no depth at all", "**/*.jsonl", "new.jsonl", true},
		{"everything below", "sets/**", "sets/deep/new.jsonl", true},
		{"an absolute pattern", filepath.Join(root, "*/sets/new.jsonl"), "sets/new.jsonl", true},
		{"a folder above", "../*/new.jsonl", "new.jsonl", true},
		{"another folder", "sets/*.jsonl", "new.jsonl", false},
		{"another ending", "*.jsonl", "new.csv", false},
		{"a star does not cross folders", "*.jsonl", "sets/new.jsonl", false},
		{"a star finds no hidden file", "*", ".new.jsonl", false},
		{"two stars enter no hidden folder", "**/*.jsonl", ".hidden/new.jsonl", false},
		{"a [ that is not closed", "[", "new.jsonl", false},
	} {
		if got := Takes(c.pattern, dir, filepath.Join(dir, c.file)); got != c.want {
			t.Errorf("%s: Takes(%q, %q) = %v; want %v", c.about, c.pattern, c.file, got, c.want)
		}
	}
}
