package openarena_test

import (
	"go/parser"
	"go/token"
	"io/fs"
	"path"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
)

const module = "openarena/"

// arrow says what a room may import of ours, and why nothing else. A name that ends in /... stands for what is below it,
// too.
type arrow struct {
	room string
	to   []string
	why  string
}

var arrows = []arrow{
	{"elo", nil, "ratings are pure mathematics of battles: they know neither models nor records"},
	{"store", []string{"internal/secret"}, "the store keeps records and knows nothing of what they mean"},
	{"store/storetest", []string{"store"}, "the suite tries any store, and must not need the rest of the house for it"},
	{"store/postgres", []string{"store", "store/storetest", "internal/secret"}, "it keeps the same records elsewhere, and knows no more of them"},
	{"fleet", []string{"configs", "pipeline/...", "store", "store/postgres", "providers", "internal/secret"}, "who works on what, on many machines; what the work is, the pipeline knows"},
	{"providers", []string{"internal/secret", "internal/spelling"}, "a provider talks to a model; who asks, and what for, is not its matter"},
	{"configs", []string{"internal/secret", "internal/spelling", "configs/..."}, "a file can be checked without anything that works on it"},
	{"pipeline/dataset", []string{"configs", "providers", "internal/hub", "internal/spelling"}, "sources yield prompts and keep nothing"},
	{"pipeline/judge", []string{"configs", "providers", "internal/spelling"}, "what a judge is asked, and what its words mean, are pure functions of texts"},
	{"pipeline/agreement", nil, "agreement is pure mathematics of ratings: it knows neither judges nor records"},
	{"pipeline/style", nil, "what may sway a judge is a pure function of a text"},
	{"pipeline/neardup", nil, "how alike two texts are is a pure function of both"},
	{"pipeline/find", nil, "where a text stands in another is a pure function of both"},
	{"pipeline/columns", nil, "a list of battles is numbers, and knows neither judges nor records"},
	{"pipeline/battlefile", []string{"pipeline/rating"}, "battles from a file know nothing of an arena"},
	{"pipeline/rating", []string{"elo"}, "a leaderboard is a function of battles, wherever they come from"},
	{"pipeline/export", []string{"configs", "providers", "pipeline/rating", "pipeline/neardup"}, "an export writes what it is handed; it does not look for it"},
	{"pipeline/card", []string{"pipeline/rating"}, "the page of a dataset is a pure function of what it is handed"},
	{"pipeline/doctor", []string{"providers", "internal/secret"}, "whether an endpoint is well has nothing to do with what it is to be asked"},
	{"pipeline", []string{"configs", "providers", "store", "elo", "internal/prices", "internal/spelling", "pipeline/..."}, "the pipeline is used by commands, never the other way round"},
	{"internal/secret", nil, "everyone may import it, so that it may import nobody"},
	{"internal/hub", []string{"internal/secret"}, "the Hub is files under names; what is in them is for others to know"},
	{"internal/spelling", nil, "everyone may import it, so that it may import nobody"},
	{"internal/prices", nil, "a price list is a pure function of its bytes"},
	{"internal/terminal", nil, "what a terminal shows is handed to it"},
	{"internal/plot", nil, "a picture is a pure function of the ratings it is handed"},
	{"internal/standings", []string{"pipeline/rating", "internal/plot", "internal/terminal"}, "what a leaderboard says is a pure function of it"},
	{"internal/telemetry", []string{"pipeline", "providers", "store", "internal/terminal"}, "a log and metrics tell of a run and never steer it"},
	{"web", []string{"configs", "pipeline/...", "store", "internal/plot", "internal/standings", "internal/terminal"}, "pages show what the pipeline answers, and compute nothing of their own"},
	{"internal/release", nil, "a release packs what the go command builds, and needs nothing of the program"},
	{"internal/testkit/cmd/powerload", []string{"store", "pipeline/export", "pipeline/rating", "providers"}, "it is what power is cut under: no more than what writes to the disk"},
	{"internal/testkit/cmd/pgload", []string{"store", "store/postgres", "internal/secret"}, "it stores what a worker stores, and nothing else"},
	{"internal/testkit/cmd/swarm", []string{"configs", "fleet", "pipeline", "store/postgres", "internal/secret"}, "its workers ask the server what real ones ask, by their statements"},
	{"internal/testkit", []string{"internal/testkit/..."}, "a fake server that shares code with its client shares its mistakes"},
	{"cmd/openarena", []string{"configs", "pipeline/...", "store", "store/postgres", "fleet", "providers", "internal/hub", "internal/prices", "internal/telemetry", "internal/terminal", "internal/plot", "internal/standings", "internal/secret", "internal/spelling", "web"},
		"a command turns flags into one call; what it computes belongs into a room of its own"},
}

// room finds the entry whose name is the longest that contains a folder.
func room(folder string) (found arrow, ok bool) {
	for _, a := range arrows {
		if (folder == a.room || strings.HasPrefix(folder, a.room+"/")) && len(a.room) > len(found.room) {
			found, ok = a, true
		}
	}
	return found, ok
}

// allows reports whether an entry names an import; what a room holds below itself is its own.
func (a arrow) allows(imported string) bool {
	if imported == a.room || strings.HasPrefix(imported, a.room+"/") && a.room != "pipeline" {
		return true
	}
	return slices.ContainsFunc(a.to, func(to string) bool {
		below, all := strings.CutSuffix(to, "/...")
		return imported == to || all && (imported == below || strings.HasPrefix(imported, below+"/"))
	})
}

// TestArrows fails on an import that the plan of the house does not have; docs/architecture.md draws it.
func TestArrows(t *testing.T) {
	files := 0
	err := filepath.WalkDir(".", func(name string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() && (d.Name() == "testdata" || strings.HasPrefix(d.Name(), ".") && name != ".") {
			return filepath.SkipDir
		}
		if d.IsDir() || !strings.HasSuffix(name, ".go") || path.Dir(filepath.ToSlash(name)) == "." {
			return nil
		}
		files++
		checkFile(t, filepath.ToSlash(name))
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if files == 0 {
		t.Error("no Go file was found; the test looks in the wrong place")
	}
}

func checkFile(t *testing.T, name string) {
	t.Helper()
	f, err := parser.ParseFile(token.NewFileSet(), name, nil, parser.ImportsOnly)
	if err != nil {
		t.Error(err)
		return
	}
	from, known := room(path.Dir(name))
	if !known {
		t.Errorf("%s lies in no room of the house: add its arrows to arrows_test.go and docs/architecture.md", name)
		return
	}
	for _, i := range f.Imports {
		full, err := strconv.Unquote(i.Path.Value)
		imported, ours := strings.CutPrefix(full, module)
		if err != nil || !ours || allowed(from, name, imported) {
			continue
		}
		t.Errorf("%s imports %s, which %s may not: %s", name, full, from.room, from.why)
	}
}

// allowed adds to the arrows what tests need: the fake server, and to run the whole.
func allowed(from arrow, name, imported string) bool {
	if strings.HasPrefix(imported, "internal/testkit") && from.room != "internal/testkit" {
		return strings.HasSuffix(name, "_test.go")
	}
	if from.room == "store" && imported == "store/storetest" {
		return strings.HasSuffix(name, "_test.go")
	}
	return from.allows(imported)
}

func TestArrowsForbid(t *testing.T) {
	for _, test := range []struct {
		name, imported string
		want           bool
	}{
		{"elo/fit.go", "store", false},
		{"store/writer.go", "pipeline", false},
		{"store/writer.go", "store/storetest", false},
		{"store/open_test.go", "store/storetest", true},
		{"providers/openai.go", "configs", false},
		{"providers/openai.go", "internal/secret", true},
		{"providers/catalogue.go", "internal/spelling", true},
		{"internal/spelling/spelling.go", "internal/secret", false},
		{"configs/load.go", "configs/internal/tree", true},
		{"configs/load.go", "providers", false},
		{"pipeline/judge/parse.go", "pipeline", false},
		{"pipeline/judge/parse.go", "store", false},
		{"pipeline/agreement/kappa.go", "pipeline/judge", false},
		{"pipeline/rate.go", "pipeline/agreement", true},
		{"pipeline/battlefile/rate.go", "pipeline/dataset", false},
		{"pipeline/battlefile/rate.go", "pipeline/rating", true},
		{"pipeline/rating/rate.go", "pipeline/judge", false},
		{"pipeline/rating/rate.go", "store", false},
		{"pipeline/export/csv.go", "pipeline/dataset", false},
		{"pipeline/runner.go", "pipeline/export", true},
		{"pipeline/runner.go", "cmd/openarena", false},
		{"pipeline/runner.go", "internal/terminal", false},
		{"pipeline/runner.go", "internal/testkit/fakellm", false},
		{"pipeline/runner_test.go", "internal/testkit/fakellm", true},
		{"internal/terminal/frame.go", "pipeline", false},
		{"internal/testkit/crash/crash.go", "store", false},
		{"cmd/openarena/run.go", "elo", false},
		{"cmd/openarena/run.go", "internal/terminal", true},
	} {
		from, ok := room(path.Dir(test.name))
		if got := ok && allowed(from, test.name, test.imported); got != test.want {
			t.Errorf("%s may import %s: %t; want %t", test.name, test.imported, got, test.want)
		}
	}
}
