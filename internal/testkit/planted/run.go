package planted

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"time"

	"openarena/internal/testkit/pgtest"
)

// Run copies the tree at root, checks that all named tests pass in the copy, then plants one bug after the other and runs
// the tests that must find it. It prints a table. The error says which bugs were not found, or could not be planted.
func Run(ctx context.Context, out io.Writer, root string, bugs []Bug) error {
	if len(bugs) == 0 {
		return errors.New("there is no bug to plant: the search looks in the wrong place")
	}
	bugs, untried := triable(bugs, os.Getenv("OPENARENA_PG") != "" || pgtest.Installed())
	work, err := os.MkdirTemp("", "openarena-planted-*")
	if err != nil {
		return err
	}
	defer os.RemoveAll(work)
	if err := copyTree(root, work); err != nil {
		return err
	}
	began := time.Now()
	if err := green(ctx, work, bugs); err != nil {
		return err
	}
	fmt.Fprintf(out, "all tests named below pass without a bug (%.0f s)\n\n", time.Since(began).Seconds())
	var missed []string
	for _, b := range bugs {
		began = time.Now()
		found, err := plant(ctx, work, b)
		if ctx.Err() != nil {
			return ctx.Err()
		}
		if err != nil {
			missed = append(missed, fmt.Sprintf("%s: %v", b.Name, err))
			found = "NOT FOUND"
		}
		fmt.Fprintf(out, "%-20s %-90s %s (%.0f s)\n", b.Name, b.Why, found, time.Since(began).Seconds())
	}
	fmt.Fprintf(out, "\n%d of %d planted bugs are found\n", len(bugs)-len(missed), len(bugs))
	if len(untried) > 0 {
		fmt.Fprintf(out, "NOT TRIED, as no PostgreSQL is installed here: %s\n", strings.Join(untried, ", "))
	}
	if len(missed) > 0 {
		return errors.New(strings.Join(missed, "\n"))
	}
	return nil
}

// triable leaves out the bugs whose tests take a PostgreSQL where there is none, and returns their names.
func triable(bugs []Bug, server bool) (rest []Bug, untried []string) {
	for _, b := range bugs {
		if !server && slices.ContainsFunc(b.Tests, Tests.takeServer) {
			untried = append(untried, b.Name)
		} else {
			rest = append(rest, b)
		}
	}
	return rest, untried
}

// takeServer reports whether they take a PostgreSQL, which the names of such tests say.
func (t Tests) takeServer() bool { return strings.Contains(t.Pattern, "PG") }

// green runs all tests without a bug.
func green(ctx context.Context, work string, bugs []Bug) error {
	patterns := map[string][]string{}
	for _, b := range bugs {
		for _, t := range b.Tests {
			patterns[t.Package] = append(patterns[t.Package], t.Pattern)
		}
	}
	for pkg, all := range patterns {
		text, err := runTests(ctx, work, Tests{pkg, strings.Join(all, "|")})
		if err != nil {
			return fmt.Errorf("the tests of %s fail without any bug:\n%s", pkg, text)
		}
		for _, names := range all {
			for name := range strings.SplitSeq(names, "|") {
				if !bytes.Contains(text, []byte("--- PASS: "+name+" (")) {
					return fmt.Errorf("%s has no test %s, or it is skipped", pkg, name)
				}
			}
		}
	}
	return nil
}

// plant returns which test found the bug.
func plant(ctx context.Context, work string, b Bug) (found string, err error) {
	undo, err := b.apply(work)
	defer func() { err = errors.Join(err, undo()) }()
	if err != nil {
		return "", err
	}
	for _, t := range b.Tests {
		text, err := runTests(ctx, work, t)
		if err == nil {
			continue
		}
		if bytes.Contains(text, []byte("[build failed]")) || bytes.Contains(text, []byte("[setup failed]")) {
			return "", fmt.Errorf("the planted tree does not build:\n%s", text)
		}
		return strings.TrimPrefix(t.Package, "./") + " " + failing(text), nil
	}
	return "", errors.New("the tests pass all the same")
}

var fail = regexp.MustCompile(`(?m)^ *--- FAIL: (\S+)`)

// failing is the name of a test that failed, as deep as it is told.
func failing(text []byte) string {
	all := fail.FindAllSubmatch(text, -1)
	switch {
	case len(all) == 0 && bytes.Contains(text, []byte("unexpected goroutines")):
		return "goleak"
	case len(all) == 0:
		return "(a panic)"
	}
	return string(all[min(1, len(all)-1)][1])
}

// runTests runs some tests of a package in the copy; without the race detector and vet, which take long and find other
// things, and so that the build cache serves `make cross` and `make release` as well.
func runTests(ctx context.Context, work string, t Tests) ([]byte, error) {
	c := exec.CommandContext(ctx, "go", "test", "-count=1", "-vet=off", "-v", "-timeout", "5m", "-run", "^("+t.Pattern+")$", t.Package)
	c.Dir = work
	c.Env = append(os.Environ(), "CGO_ENABLED=0", "GOFLAGS=-trimpath -buildvcs=false")
	if t.takeServer() && os.Getenv("OPENARENA_PG") == "" {
		c.Env = append(c.Env, "OPENARENA_PG=1")
	}
	return c.CombinedOutput()
}

// notCopied are folders of what was built, beside all whose names begin with a dot.
var notCopied = []string{"bin", "dist", "demo/out"}

func copyTree(from, to string) error {
	return filepath.WalkDir(from, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		name, err := filepath.Rel(from, path)
		if err != nil {
			return err
		}
		target := filepath.Join(to, name)
		switch {
		case d.IsDir() && name != "." && (strings.HasPrefix(d.Name(), ".") || slices.Contains(notCopied, filepath.ToSlash(name))):
			return filepath.SkipDir
		case d.IsDir():
			return os.MkdirAll(target, 0o700)
		case !d.Type().IsRegular():
			return nil
		}
		info, err := d.Info()
		if err != nil {
			return err
		}
		text, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		return os.WriteFile(target, text, info.Mode().Perm()|0o600)
	})
}
