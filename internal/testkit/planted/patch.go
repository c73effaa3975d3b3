// Package planted puts known bugs into a copy of the tree, one after the other, and wants each of them found by the tests
// that are there for it: a test that cannot fail proves nothing.
//
// A bug is a file of patches: a sentence that says what it does, lines `Tests: ./package TestA|TestB`, and a unified diff.
// Line numbers do not matter. The lines that a hunk shows must stand in the file exactly once, so a patch outlives most
// changes around it. To renew one: make the change by hand, and put `git diff -U1` behind its head.
package planted

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
)

// Bug is one planted bug.
type Bug struct {
	Name  string
	Why   string
	Tests []Tests
	hunks []hunk
}

// Tests are those of a package that must find it.
type Tests struct{ Package, Pattern string }

// hunk replaces some lines of a file.
type hunk struct{ file, before, after string }

// Load reads all *.patch of a folder, in the order of their names.
func Load(folder string) (bugs []Bug, err error) {
	paths, err := filepath.Glob(filepath.Join(folder, "*.patch"))
	if err != nil {
		return nil, err
	}
	for _, path := range paths {
		text, err := os.ReadFile(path)
		if err != nil {
			return nil, err
		}
		b, err := parse(string(text))
		if err != nil {
			return nil, fmt.Errorf("%s: %w", path, err)
		}
		b.Name = strings.TrimSuffix(filepath.Base(path), ".patch")
		bugs = append(bugs, b)
	}
	return bugs, nil
}

func parse(text string) (b Bug, err error) {
	var file string
	var current *hunk
	for line := range strings.Lines(strings.ReplaceAll(text, "\r\n", "\n")) {
		bare := strings.TrimSuffix(line, "\n")
		path, isFile := strings.CutPrefix(bare, "+++ b/")
		switch {
		case isFile:
			file, _, _ = strings.Cut(path, "\t")
			current = nil
		case strings.HasPrefix(line, "@@"):
			b.hunks = append(b.hunks, hunk{file: file})
			current = &b.hunks[len(b.hunks)-1]
		case current == nil:
			b.head(bare)
		default:
			if err := current.add(line); err != nil {
				return b, err
			}
		}
	}
	if b.Why == "" || len(b.Tests) == 0 || len(b.hunks) == 0 || file == "" {
		return b, errors.New("it needs a sentence, a line `Tests: ./package TestName` and a unified diff")
	}
	return b, nil
}

// head reads a line above the hunks.
func (b *Bug) head(line string) {
	if tests, ok := strings.CutPrefix(line, "Tests: "); ok {
		pkg, pattern, _ := strings.Cut(tests, " ")
		b.Tests = append(b.Tests, Tests{pkg, pattern})
		return
	}
	for _, of := range []string{"diff ", "index ", "--- "} {
		if strings.HasPrefix(line, of) {
			return
		}
	}
	b.Why = strings.TrimSpace(b.Why + " " + line)
}

func (h *hunk) add(line string) error {
	rest := line[1:]
	switch line[0] {
	case ' ':
		h.before, h.after = h.before+rest, h.after+rest
	case '-':
		h.before += rest
	case '+':
		h.after += rest
	case '\n': // an empty line whose blank an editor took away
		h.before, h.after = h.before+line, h.after+line
	case '\\':
	case 'd', 'i': // the next file of `git diff`
		if strings.HasPrefix(line, "diff ") || strings.HasPrefix(line, "index ") {
			return nil
		}
		fallthrough
	default:
		return fmt.Errorf("the line %q is none of a diff", line)
	}
	return nil
}

// apply plants the bug below root. The function it returns takes it out again.
func (b Bug) apply(root string) (undo func() error, err error) {
	old := map[string][]byte{}
	undo = func() error {
		var errs []error
		for path, text := range old {
			errs = append(errs, os.WriteFile(path, text, 0o600))
		}
		return errors.Join(errs...)
	}
	for _, h := range b.hunks {
		path := filepath.Join(root, filepath.FromSlash(h.file))
		text, err := os.ReadFile(path)
		if err != nil {
			return undo, err
		}
		if n := strings.Count("\n"+string(text), "\n"+h.before); n != 1 || h.before == "" {
			return undo, fmt.Errorf("its lines stand in %s %d times instead of once; renew the patch:\n%s", h.file, n, h.before)
		}
		if _, ok := old[path]; !ok {
			old[path] = text
		}
		planted := strings.Replace("\n"+string(text), "\n"+h.before, "\n"+h.after, 1)
		if err := os.WriteFile(path, []byte(planted[1:]), 0o600); err != nil {
			return undo, err
		}
	}
	return undo, nil
}
