package scoreboard

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// Every row names tests that are there, or the part of the program that is not.
func TestRowsNameTests(t *testing.T) {
	for _, row := range Rows() {
		if (len(row.Tests) == 0) != (row.Later != "") {
			t.Errorf("%s has tests %q and waits for %q; want one of both", row.ID, row.Tests, row.Later)
		}
		for _, name := range row.Tests {
			dir, test, _ := strings.Cut(name, " ")
			test, _, _ = strings.Cut(test, "/")
			if !hasTest(t, filepath.Join("..", "..", "..", dir), test) {
				t.Errorf("%s: there is no %s in %s", row.ID, test, dir)
			}
		}
	}
}

func hasTest(t *testing.T, dir, test string) bool {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(dir, "*_test.go"))
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		if strings.Contains(string(text), "func "+test+"(t *testing.T)") {
			return true
		}
	}
	return false
}
