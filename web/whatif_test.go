package web

import (
	"io/fs"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"openarena/configs"
	"openarena/pipeline"
)

// TestWhatIf: the form has the file's weights, rates anew by what is asked, and tells what cannot be.
func TestWhatIf(t *testing.T) {
	w := newWorld(t)
	for path, want := range map[string][]string{
		"/":                                      {`href="/whatif"`, `href="/compare"`},
		"/whatif":                                {`name="weight.Judge"`, `value="1"`, `href="/whatif?weight.Second=0"`, "in the file 1"},
		"/whatif?weight.Judge=1&weight.Second=0": {"What if Second did not judge?", "One judge sits", "Both leaderboards", "دلتا", "overlap"},
		"/whatif?weight.Judge=2.5&weight.Second=1":              {"What if Judge weighed 2.5 in place of 1?", `value="2.5"`},
		"/whatif?weight.Judge=0&weight.Second=0":                {"no judge is left", `role="alert"`},
		"/whatif?weight.Judge=-1":                               {"the weight of Judge is -1"},
		"/whatif?weight.Judge=NaN":                              {"the weight of Judge is NaN"},
		"/whatif?weight.Judge=1e999":                            {"the weight of Judge is +Inf"},
		"/whatif?weight.Judge=%3Cscript%3E":                     {"&lt;script&gt;", "give a number"},
		"/whatif?weight.Nobody=0&weight.Judge=1&weight.Second=": {"As the file has it"},
	} {
		text := w.page(path)
		for _, want := range want {
			if !strings.Contains(text, want) {
				t.Errorf("%s lacks %q:\n%s", path, want, text)
			}
		}
		if strings.Contains(text, "<script>") || path != "/whatif?weight.Judge=NaN" && strings.Contains(text, "NaN") {
			t.Errorf("%s holds what it must not", path)
		}
	}
}

// other is the arena of a file over another database; "" is the file's own.
func other(t *testing.T, name, file, db string) Other {
	source := NewLocal(func() (*pipeline.Arena, error) {
		c, err := configs.Load(file, func(string) (string, bool) { return "", false })
		if err != nil {
			return nil, err
		}
		if db != "" {
			c.Store.Path = db
		}
		return pipeline.New(c, pipeline.Trial{})
	})
	t.Cleanup(func() { source.Close() })
	return Other{name, source}
}

// TestCompare: an older copy of the database is compared with, and what cannot be is told; a path never comes from a browser.
func TestCompare(t *testing.T) {
	w := newWorld(t)
	if text := w.page("/compare"); !strings.Contains(text, "There is nothing to compare with") {
		t.Errorf("without others: %s", text)
	}
	yaml := filepath.Join(w.dir, "arena.yaml")
	copied, damaged := filepath.Join(w.dir, "old.db"), filepath.Join(w.dir, "damaged.db")
	bytes, err := os.ReadFile(w.arena.Config.StorePath())
	if err != nil {
		t.Fatal(err)
	}
	for path, text := range map[string][]byte{copied: bytes, damaged: []byte("no database")} {
		if err := os.WriteFile(path, text, fs.FileMode(0o600)); err != nil {
			t.Fatal(err)
		}
	}
	w.site.others = []Other{
		other(t, "old.db", yaml, copied), other(t, "gone.db", yaml, filepath.Join(w.dir, "gone.db")),
		other(t, "<b>damaged.db", yaml, damaged), other(t, "gone.yaml", filepath.Join(w.dir, "gone.yaml"), ""),
	}
	for path, want := range map[string][]string{
		"/compare":                        {"nothing has changed", "Gamma &amp; Söhne", `aria-current="true" dir="auto">old.db`},
		"/compare?with=gone.db":           {`role="alert"`, "no database"},
		"/compare?with=%3Cb%3Edamaged.db": {`role="alert"`, "&lt;b&gt;damaged.db"},
		"/compare?with=gone.yaml":         {`role="alert"`, "is not there"},
	} {
		text := w.page(path)
		for _, want := range want {
			if !strings.Contains(text, want) {
				t.Errorf("%s lacks %q:\n%s", path, want, text)
			}
		}
		if strings.Contains(text, "NaN") || strings.Contains(text, "<b>damaged") {
			t.Errorf("%s holds what it must not", path)
		}
	}
	if status, _ := w.get("/compare?with=" + copied); status != http.StatusNotFound {
		t.Errorf("a path from a browser is %d; want 404", status)
	}
}
