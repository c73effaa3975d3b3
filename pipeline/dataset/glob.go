package dataset

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
)

// match lists the files below dir that a pattern names, sorted by name: *, ? and [a-z] inside a name, ** for any number
// of folders. A pattern that is the name of a file means that file, whatever characters it holds. Hidden files and
// folders are found only where the pattern says the dot.
func match(pattern, dir string) ([]string, error) {
	pattern = filepath.ToSlash(pattern)
	info, err := os.Stat(under(dir, pattern))
	switch {
	case err == nil && info.IsDir():
		return nil, fmt.Errorf("%s is a folder; name its files, such as %s", pattern, path.Join(pattern, "*.jsonl"))
	case err == nil && !info.Mode().IsRegular():
		return nil, fmt.Errorf("%s is not a regular file", pattern)
	case err == nil:
		return []string{pattern}, nil
	case !strings.ContainsAny(pattern, `*?[\`):
		if errors.Is(err, fs.ErrNotExist) {
			return nil, fmt.Errorf("%s: %w; %s", pattern, fs.ErrNotExist, origin(dir))
		}
		return nil, fmt.Errorf("%s: %w", pattern, cause(err))
	}
	if _, err := path.Match(pattern, ""); err != nil {
		return nil, fmt.Errorf("%s: a [ is not closed, or a \\ ends the pattern", pattern)
	}
	g := glob{dir: dir}
	start := ""
	if strings.HasPrefix(pattern, "/") {
		start = "/"
	}
	if err := g.expand(start, strings.Split(strings.Trim(pattern, "/"), "/")); err != nil {
		return nil, err
	}
	if len(g.found) == 0 {
		return nil, fmt.Errorf("%s: no file matches; %s", pattern, origin(dir))
	}
	slices.Sort(g.found)
	return slices.Compact(g.found), nil
}

// glob collects the files of a pattern.
type glob struct {
	dir   string
	found []string
}

// expand follows the segments of a pattern from the folder base on, which is "" at the start.
func (g *glob) expand(base string, segments []string) error {
	seg, rest := segments[0], segments[1:]
	if !strings.ContainsAny(seg, `*?[\`) {
		return g.take(path.Join(base, seg), rest)
	}
	entries, err := os.ReadDir(under(g.dir, base))
	if err != nil {
		return fmt.Errorf("%s: %w", base, cause(err))
	}
	if seg == "**" {
		if len(rest) == 0 {
			rest = []string{"*"}
		}
		if err := g.expand(base, rest); err != nil {
			return err
		}
	}
	for _, e := range entries {
		name := e.Name()
		if strings.HasPrefix(name, ".") && !strings.HasPrefix(seg, ".") || besideExports(name) {
			continue
		}
		if seg == "**" {
			// Links to folders are not followed here: they may lead in a circle.
			if e.IsDir() {
				err = g.expand(path.Join(base, name), segments)
			}
		} else if ok, _ := path.Match(seg, name); ok { // the pattern was checked as a whole
			err = g.take(path.Join(base, name), rest)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// besideExports reports whether a file describes exports: it lies wherever an arena writes one, and is no prompts.
func besideExports(name string) bool {
	list, _ := path.Match("openarena.prompts-*.txt", name)
	return list || name == "openarena.json" || name == "dataset_info.json"
}

// take keeps name if it is a file and the pattern ends here, or goes on inside it if it is a folder.
func (g *glob) take(name string, rest []string) error {
	info, err := os.Stat(under(g.dir, name))
	switch {
	case errors.Is(err, fs.ErrNotExist), errors.Is(err, fs.ErrInvalid):
		return nil
	case err != nil:
		return fmt.Errorf("%s: %w", name, cause(err))
	case len(rest) > 0 && info.IsDir():
		return g.expand(name, rest)
	case len(rest) == 0 && info.Mode().IsRegular():
		g.found = append(g.found, name)
	}
	return nil
}
