package configs

import (
	"cmp"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"openarena/configs/internal/surface"
	"openarena/configs/internal/tree"
)

// mostProblems are listed one by one; a file that is not an arena at all would fill the screen otherwise.
const mostProblems = 100

// Find returns the configuration in a folder: arena.yaml, else arena_config.yaml, the Python project's name.
// Where neither is there the error wraps [fs.ErrNotExist].
func Find(dir string) (string, error) {
	for _, name := range []string{"arena.yaml", "arena_config.yaml"} {
		path := filepath.Join(dir, name)
		if _, err := os.Stat(path); err == nil {
			return path, nil
		} else if !errors.Is(err, fs.ErrNotExist) {
			return "", fmt.Errorf("look for a configuration: %w", err)
		}
	}
	return "", fmt.Errorf("no arena.yaml in %s: `openarena init` writes one, `--config FILE` names another: %w", dir, fs.ErrNotExist)
}

// Load reads and checks a file. env finds variables, as [os.LookupEnv] does.
//
// The error is a [Problems] where the file was read but is not valid, and wraps [fs.ErrNotExist] where it is not there.
func Load(path string, env func(string) (string, bool)) (*Config, error) {
	f, err := os.Open(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("%s is not there: `openarena init` writes a configuration to start from: %w", path, fs.ErrNotExist)
	}
	if err != nil {
		return nil, fmt.Errorf("read the configuration: %w", err)
	}
	defer f.Close()
	src, err := io.ReadAll(io.LimitReader(f, tree.MaxBytes+1))
	if err != nil {
		return nil, fmt.Errorf("read the configuration: %w", err)
	}
	return Parse(path, src, env)
}

// Parse checks the text of a file. name is the file's, as messages show it; its folder is what relative paths refer to.
// The error is a [Problems].
func Parse(name string, src []byte, env func(string) (string, bool)) (*Config, error) {
	r := &resolver{config: &Config{Path: name, Dir: filepath.Dir(name)}, rubricsUsed: map[string]bool{}}
	root := tree.Read(src, env, &r.faults)
	if root != nil {
		r.file = surface.Read(root, &r.faults)
		if root.Kind == tree.Table {
			r.resolve()
		}
	}
	redact := newRedactor(src, root)
	if ps := problems(name, r.faults.List(), redact); len(ps) > 0 {
		return nil, Problems(ps)
	}
	r.config.Warnings = problems(name, r.warnings.List(), redact)
	r.config.Secrets = problems(name, r.secrets.List(), redact)
	return r.config, nil
}

// problems sorts faults by place and makes them fit to be shown.
func problems(file string, faults []tree.Fault, redact *redactor) []Problem {
	faults = slices.Clone(faults)
	slices.SortFunc(faults, func(a, b tree.Fault) int { return cmp.Or(a.Line-b.Line, a.Col-b.Col, strings.Compare(a.What, b.What)) })
	more := len(faults) - mostProblems
	if more > 0 {
		faults = faults[:mostProblems]
	}
	var ps []Problem
	for _, f := range faults {
		ps = append(ps, Problem{File: file, Line: f.Line, Col: f.Col, What: redact.text(f.What), Excerpt: redact.excerpt(f.Mark)})
	}
	if more > 0 {
		ps[len(ps)-1].What += fmt.Sprintf(" (and %d more problems behind this one)", more)
	}
	return ps
}

// Resolve is a path of the file as the program must open it: relative ones begin at the file's folder.
func (c *Config) Resolve(path string) string {
	if filepath.IsAbs(path) {
		return path
	}
	return filepath.Join(c.Dir, path)
}

// resolver makes a Config from what a file says, and notes what is wrong, not yet built, or hardly meant.
type resolver struct {
	file   *surface.File
	config *Config
	stated []statement

	endpointNames, rubricNames []string // sorted
	rubricsUsed                map[string]bool
	compared                   int // names, with misspelt ones

	faults, warnings, secrets tree.Faults
}

func (r *resolver) resolve() {
	r.endpoints()
	r.models()
	r.rubrics()
	r.judges()
	r.queues()
	r.judging()
	r.datasets()
	r.prompts()
	r.rubricsUnused()
	r.references()
	r.rating()
	r.budget()
	r.store()
	r.exports()
}

func sortedKeys[T any](m map[string]T) []string { return slices.Sorted(maps.Keys(m)) }
