package dataset

import (
	"fmt"
	"math"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"openarena/configs"
)

func TestWindow(t *testing.T) {
	dir := t.TempDir()
	write(t, dir, "a.txt", "0\n1\n2\n")
	write(t, dir, "b.jsonl", "{\"text\":\"3\"}\nbroken\n{\"text\":\"5\"}\n")
	write(t, dir, "c.csv.gz", "text\n6\n7\n8\n9\n")
	type set = configs.Dataset
	for _, c := range []struct {
		about string
		set   set
		want  string // the prompts; x is an unusable row
	}{
		{"all", set{Limit: -1}, "0123x56789"},
		{"none", set{Limit: 0}, ""},
		{"the first", set{Limit: 4}, "0123"},
		{"an unusable row counts", set{Limit: 5}, "0123x"},
		{"an offset", set{Offset: 2, Limit: 3}, "23x"},
		{"an offset into a later file", set{Offset: 7, Limit: -1}, "789"},
		{"more than there are", set{Offset: 8, Limit: 100}, "89"},
		{"a sample, in order", set{Limit: -1, Sample: 4, Seed: 1}, "0368"},
		{"another seed", set{Limit: -1, Sample: 4, Seed: 2}, "01x7"},
		{"a negative seed", set{Limit: -1, Sample: 4, Seed: -1}, "1579"},
		{"a sample behind an offset", set{Limit: -1, Offset: 7, Sample: 2, Seed: 1}, "79"},
		{"a sample of all", set{Limit: -1, Sample: 10}, "0123x56789"},
		{"a sample of more than all", set{Limit: -1, Sample: 11}, "0123x56789"},
		{"a sample of a limit", set{Limit: 2, Sample: 5}, "01"},
	} {
		c.set.Path, c.set.Field = "[abc].*", "text"
		got := ""
		for _, line := range read(t, c.set, dir) {
			if strings.HasPrefix(line, "bad: b.jsonl:2: ") {
				got += "x"
			} else {
				got += line[strings.LastIndex(line, " ")+1:]
			}
		}
		if got != c.want {
			t.Errorf("%s: %+v chooses %q; want %q", c.about, c.set, got, c.want)
		}
	}
}

// Each row is as likely to be in a sample as any other.
func TestSampleIsFair(t *testing.T) {
	const rows, sample, seeds = 20, 5, 4000
	var times [rows]float64
	for seed := range int64(seeds) {
		c := window{limit: -1, sample: sample, seed: seed}.chooser(rows)
		n := 0
		for ; !c.done(); c.step() {
			if c.want {
				times[c.place]++
				n++
			}
		}
		if n != sample {
			t.Fatalf("seed %d chose %d rows; want %d", seed, n, sample)
		}
	}
	const p = float64(sample) / rows
	for i, n := range times {
		if sigma := math.Sqrt(seeds * p * (1 - p)); math.Abs(n-seeds*p) > 4.5*sigma {
			t.Errorf("row %d was chosen %v times; want about %v", i, n, seeds*p)
		}
	}
}

func TestGlob(t *testing.T) {
	dir := t.TempDir()
	for _, name := range []string{"b.jsonl", "a.jsonl", "[odd].jsonl", ".hidden.jsonl", "sub/c.jsonl", "sub/deep/d.jsonl", ".git/e.jsonl", "sub/x.txt"} {
		write(t, dir, name, "{}\n")
	}
	for _, c := range []struct{ about, pattern, want string }{
		{"a name", "b.jsonl", "b.jsonl"},
		{"a name that looks like a pattern", "[odd].jsonl", "[odd].jsonl"},
		{"a star does not find hidden files", "*.jsonl", "[odd].jsonl a.jsonl b.jsonl"},
		{"unless asked", ".h*", ".hidden.jsonl"},
		{"one letter", "?.jsonl", "a.jsonl b.jsonl"},
		{"a class", "[a]*.jsonl", "a.jsonl"},
		{"an escape", `\[odd\]*`, "[odd].jsonl"},
		{"folders", "*/*.jsonl", "sub/c.jsonl"},
		{"all folders", "**/*.jsonl", "[odd].jsonl a.jsonl b.jsonl sub/c.jsonl sub/deep/d.jsonl"},
		{"all folders twice", "**/**/d.jsonl", "sub/deep/d.jsonl"},
		{"all below a folder", "sub/**", "sub/c.jsonl sub/deep/d.jsonl sub/x.txt"},
		{"a way around", "sub/../?.jsonl", "a.jsonl b.jsonl"},
	} {
		got, err := match(c.pattern, dir)
		if s := strings.Join(got, " "); err != nil || s != c.want {
			t.Errorf("%s: match(%q) = %q, %v; want %q", c.about, c.pattern, s, err, c.want)
		}
	}
	got, err := match(dir+"/sub/*.txt", "elsewhere")
	if diff := cmp.Diff([]string{dir + "/sub/x.txt"}, got); err != nil || diff != "" {
		t.Errorf("an absolute pattern: %v (-want +got):\n%s", err, diff)
	}
}

func ExampleRowError() {
	fmt.Println(&RowError{Place: "prompts/a.jsonl:17", What: "the prompt is empty (field prompt)"})
	// Output: prompts/a.jsonl:17: the prompt is empty (field prompt)
}
