package pgtest_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"path/filepath"
	"strings"
	"testing"
)

// TestNames: `make test-pg` runs the tests with PG in their names, in packages that import this one, and no others; so a test
// file that imports it holds only such.
func TestNames(t *testing.T) {
	checked := 0
	root := filepath.Join("..", "..", "..")
	err := filepath.WalkDir(root, func(name string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case d.IsDir() && (d.Name() == "testdata" || strings.HasPrefix(d.Name(), ".") && name != root):
			return filepath.SkipDir
		case !strings.HasSuffix(name, "_test.go"):
			return nil
		}
		f, err := parser.ParseFile(token.NewFileSet(), name, nil, 0)
		if err != nil {
			return err
		}
		if !imports(f, `"openarena/internal/testkit/pgtest"`) {
			return nil
		}
		checked++
		for _, d := range f.Decls {
			test, ok := d.(*ast.FuncDecl)
			if ok && test.Recv == nil && strings.HasPrefix(test.Name.Name, "Test") && test.Name.Name != "TestMain" && !strings.Contains(test.Name.Name, "PG") {
				t.Errorf("%s: %s is in a file that needs PostgreSQL and has no PG in its name, so that `make test-pg` does not run it: rename or move it", name, test.Name)
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if checked == 0 {
		t.Error("no test imports pgtest; this one looks in the wrong place")
	}
}

func imports(f *ast.File, path string) bool {
	for _, i := range f.Imports {
		if i.Path.Value == path {
			return true
		}
	}
	return false
}
