package scoreboard

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// A module of its own, whose tests end in every way a test can end.
func module(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	for name, text := range map[string]string{
		"go.mod": "module outcomes\n\ngo 1.26\n",
		"room/a_test.go": `package room

import "testing"

func TestGood(t *testing.T) { t.Attr("figure", "5 of 5") }
func TestBad(t *testing.T)  { t.Error("on purpose") }
func TestSkipped(t *testing.T) { t.Skip("no such device") }
func TestTable(t *testing.T) {
	t.Run("good", func(t *testing.T) { t.Attr("figure", "one") })
	t.Run("bad", func(t *testing.T) { t.Fail() })
}
func TestHalf(t *testing.T) {
	t.Run("here", func(t *testing.T) {})
	t.Run("not here", func(t *testing.T) { t.Skip() })
}
`} {
		path := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

func TestRun(t *testing.T) {
	for _, test := range []struct {
		name    string
		tests   []string
		want    State
		figures string
	}{
		{"a test that passes", []string{"room TestGood"}, Passed, "5 of 5"},
		{"a test that fails", []string{"room TestBad"}, Failed, ""},
		{"a test that is skipped shows nothing", []string{"room TestSkipped"}, Skipped, ""},
		{"the worst of several", []string{"room TestGood", "room TestBad"}, Failed, "5 of 5"},
		{"one subtest of a table that fails", []string{"room TestTable/good"}, Passed, "one"},
		{"the whole table", []string{"room TestTable"}, Failed, "one"},
		{"half of it was skipped", []string{"room TestHalf"}, Skipped, ""},
		{"a test that is not there", []string{"room TestGone"}, Missing, ""},
		{"a subtest that is not there", []string{"room TestTable/gone"}, Missing, ""},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			var log bytes.Buffer
			got, err := Run(t.Context(), module(t), []Row{{ID: "T1", Tests: test.tests}}, &log)
			if err != nil {
				t.Fatalf("%v\n%s", err, &log)
			}
			if r := got[0]; r.State != test.want || strings.Join(r.Figures, ", ") != test.figures {
				t.Errorf("state %v, figures %q; want %v, %q\n%s", r.State, r.Figures, test.want, test.figures, &log)
			}
		})
	}
}

func TestRunOfWhatDoesNotBuild(t *testing.T) {
	dir := module(t)
	if err := os.WriteFile(filepath.Join(dir, "room", "b_test.go"), []byte("package room\n\nfunc broken("), 0o600); err != nil {
		t.Fatal(err)
	}
	got, _ := Run(t.Context(), dir, []Row{{ID: "T1", Tests: []string{"room TestGood"}}}, &bytes.Buffer{})
	if got[0].State < Failed {
		t.Errorf("state %v of a test that does not build", got[0].State)
	}
}

func TestTableCounts(t *testing.T) {
	table := Table([]Result{
		{Row: Row{ID: "T1-3", Fault: "a|b"}, State: Passed}, {Row: Row{ID: "T4"}, State: Skipped}, {Row: Row{ID: "T5", Later: "the Hub"}},
		{Row: Row{ID: "M1"}, State: Passed},
	})
	for _, want := range []string{
		"3 of 5 faults are handled", "1 could not be shown on this machine", "1 belong to parts", `a\|b`, "later: the Hub",
	} {
		if !strings.Contains(table, want) {
			t.Errorf("table lacks %q:\n%s", want, table)
		}
	}
}
