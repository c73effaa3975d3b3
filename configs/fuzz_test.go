package configs

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// FuzzParse: whatever a file holds, it gives a Config that is complete, or problems that each have a place and a text.
// A key in the environment is in no message.
func FuzzParse(f *testing.F) {
	seeds := 0
	for _, pattern := range []string{"testdata/good/*.yaml", "testdata/bad/*.yaml", "examples/*.yaml"} {
		paths, err := filepath.Glob(pattern)
		if err != nil {
			f.Fatal(err)
		}
		for _, path := range paths {
			src, err := os.ReadFile(path)
			if err != nil {
				f.Fatal(err)
			}
			f.Add(src)
			seeds++
		}
	}
	if seeds == 0 {
		f.Fatal("no seeds")
	}
	f.Fuzz(func(t *testing.T, src []byte) {
		c, err := Parse("arena.yaml", src, environment)
		if err != nil {
			var problems Problems
			if c != nil || !errors.As(err, &problems) || len(problems) == 0 {
				t.Fatalf("Parse = %v, %v; want Problems alone", c, err)
			}
			checkPlaces(t, problems)
			return
		}
		checkPlaces(t, c.Warnings)
		if len(c.Models) == 0 || len(c.Judges) == 0 || len(c.Datasets) == 0 || (c.Store.Path == "") == c.Store.URL.Empty() {
			t.Errorf("a valid file without models, judges, datasets or store: %+v", c)
		}
		for _, m := range c.Models {
			if m.Name == "" || m.ModelID == "" || m.Samples < 1 || m.Answers == nil && m.Endpoint.URL == "" {
				t.Errorf("a model of a valid file is not complete: %+v", m)
			}
		}
		for _, d := range c.Datasets {
			if d.Label() == "" || (d.Field == "") == (d.Template == "") {
				t.Errorf("a dataset of a valid file is not complete: %+v", d)
			}
		}
	})
}

func checkPlaces(t *testing.T, problems []Problem) {
	t.Helper()
	key, _ := environment("OPENAI_API_KEY")
	for i, p := range problems {
		if p.Line < 1 || p.Col < 1 || p.What == "" || p.File == "" {
			t.Errorf("a problem without a place or a text: %+v", p)
		}
		if strings.Contains(p.String(), key) {
			t.Errorf("a problem shows a key: %s", p)
		}
		if i > 0 && (p.Line < problems[i-1].Line || p.Line == problems[i-1].Line && p.Col < problems[i-1].Col) {
			t.Errorf("problems are not in order: %s before %s", problems[i-1], p)
		}
	}
}
