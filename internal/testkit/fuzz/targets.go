// Package fuzz runs every fuzz target of a module for a while, one after the other.
package fuzz

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"path/filepath"
	"strings"
)

// Target is a function that Go can fuzz.
type Target struct {
	Folder string // of its package, below the module's, with slashes
	Name   string
}

// Targets finds all of a module. What lies in testdata or in a module of its own is none of it.
func Targets(root string) ([]Target, error) {
	var found []Target
	err := filepath.WalkDir(root, func(name string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case d.IsDir() && name != root && (d.Name() == "testdata" || strings.HasPrefix(d.Name(), ".") || holdsModule(name)):
			return filepath.SkipDir
		case d.IsDir() || !strings.HasSuffix(name, "_test.go"):
			return nil
		}
		names, err := targetsOf(name)
		folder, err2 := filepath.Rel(root, filepath.Dir(name))
		for _, n := range names {
			found = append(found, Target{filepath.ToSlash(folder), n})
		}
		if err == nil {
			err = err2
		}
		return err
	})
	return found, err
}

func holdsModule(folder string) bool {
	found, err := filepath.Glob(filepath.Join(folder, "go.mod"))
	return err == nil && len(found) > 0
}

func targetsOf(file string) (names []string, err error) {
	f, err := parser.ParseFile(token.NewFileSet(), file, nil, parser.SkipObjectResolution)
	if err != nil {
		return nil, err
	}
	for _, d := range f.Decls {
		if fn, ok := d.(*ast.FuncDecl); ok && fn.Recv == nil && strings.HasPrefix(fn.Name.Name, "Fuzz") && takesF(fn) {
			names = append(names, fn.Name.Name)
		}
	}
	return names, nil
}

// takesF reports whether a function's one parameter is a *testing.F.
func takesF(fn *ast.FuncDecl) bool {
	if len(fn.Type.Params.List) != 1 {
		return false
	}
	star, ok := fn.Type.Params.List[0].Type.(*ast.StarExpr)
	if !ok {
		return false
	}
	sel, ok := star.X.(*ast.SelectorExpr)
	return ok && sel.Sel.Name == "F"
}
