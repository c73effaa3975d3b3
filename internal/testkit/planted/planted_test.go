package planted

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

const sum = `package sum

func Sum(a, b int) int {
	c := a + b
	return c
}

func Same(c int) int {
	return c
}
`

const sumTest = `package sum

import "testing"

func TestSum(t *testing.T) {
	if Sum(2, 1) != 3 {
		t.Error("wrong")
	}
}

func TestNothing(t *testing.T) {}
`

func module(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	for name, text := range map[string]string{"go.mod": "module m\n\ngo 1.26\n", "sum/sum.go": sum, "sum/sum_test.go": sumTest} {
		path := filepath.Join(dir, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

func bug(t *testing.T, tests, diff string) Bug {
	t.Helper()
	b, err := parse("Adds badly.\nTests: ./sum " + tests + "\ndiff --git a/sum/sum.go b/sum/sum.go\n--- a/sum/sum.go\n+++ b/sum/sum.go\n" + diff)
	if err != nil {
		t.Fatal(err)
	}
	b.Name = "sum"
	return b
}

func TestRun(t *testing.T) {
	const minus = "@@ -40 +40 @@\n-\tc := a + b\n+\tc := a - b\n"
	for _, c := range []struct {
		why, tests, diff string
		want             string // of the error; "": none
	}{
		{"a bug that is found, whatever line it is said to stand in", "TestSum", minus, ""},
		{"one that no test finds", "TestNothing", minus, "pass all the same"},
		{"one that does not build", "TestSum", "@@\n-\tc := a + b\n+\tc := d\n", "does not build"},
		{"one whose lines are gone", "TestSum", "@@\n-\tc := b + a\n+\tc := 0\n", "0 times"},
		{"one whose lines stand there twice", "TestSum", "@@\n-\treturn c\n+\treturn 0\n", "2 times"},
		{"one whose test is gone", "TestGone", minus, "no test TestGone"},
	} {
		var out bytes.Buffer
		err := Run(t.Context(), &out, module(t), []Bug{bug(t, c.tests, c.diff)})
		switch {
		case c.want == "" && (err != nil || !strings.Contains(out.String(), "sum TestSum")):
			t.Errorf("%s: Run() = %v\n%s", c.why, err, &out)
		case c.want != "" && (err == nil || !strings.Contains(err.Error(), c.want)):
			t.Errorf("%s: Run() = %v; want %q in it", c.why, err, c.want)
		}
	}
}

// Where there is no PostgreSQL, bugs whose tests take one are left out and named, and no others.
func TestTriable(t *testing.T) {
	bugs := []Bug{{Name: "plain", Tests: []Tests{{"./sum", "TestSum"}}}, {Name: "shared", Tests: []Tests{{"./sum", "TestSum"}, {"./fleet", "TestOver|TestPGSweep"}}}}
	if rest, untried := triable(bugs, true); len(rest) != 2 || len(untried) != 0 {
		t.Errorf("with a server: triable = %+v, %q; want all", rest, untried)
	}
	if rest, untried := triable(bugs, false); len(rest) != 1 || rest[0].Name != "plain" || len(untried) != 1 || untried[0] != "shared" {
		t.Errorf("without a server: triable = %+v, %q; want the plain one alone", rest, untried)
	}
}

// Every patch fits the tree as it is; that its bug is found too is what make planted shows.
func TestPatchesApply(t *testing.T) {
	bugs, err := Load(".")
	if err != nil || len(bugs) < 12 {
		t.Fatalf("Load() = %d bugs, %v; want at least 12", len(bugs), err)
	}
	root := t.TempDir()
	if err := copyTree(filepath.Join("..", "..", ".."), root); err != nil {
		t.Fatal(err)
	}
	for _, b := range bugs {
		undo, err := b.apply(root)
		if err != nil {
			t.Errorf("%s: %v", b.Name, err)
		}
		if err := undo(); err != nil {
			t.Fatal(err)
		}
	}
}
