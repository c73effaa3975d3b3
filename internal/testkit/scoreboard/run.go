package scoreboard

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"

	"openarena/internal/testkit/pgtest"
)

// Run runs the tests of the rows, package after package, in the module at root, and returns the rows with what was seen.
// What tests print goes to log when they fail. The error is for what could not be run at all.
func Run(ctx context.Context, root string, rows []Row, log io.Writer) ([]Result, error) {
	seen := map[string]*outcome{}
	for _, row := range rows {
		for _, test := range row.Tests {
			seen[test] = &outcome{state: Missing}
		}
	}
	var failed error
	for dir, names := range packages(seen) {
		fmt.Fprintf(log, "== %s: %d tests\n", dir, len(names))
		if err := runPackage(ctx, root, dir, names, seen, log); err != nil {
			failed = errors.Join(failed, fmt.Errorf("%s: %w", dir, err))
		}
	}
	return results(rows, seen), failed
}

// packages yields each package with the names of its tests, both sorted.
func packages(seen map[string]*outcome) func(yield func(string, []string) bool) {
	return func(yield func(string, []string) bool) {
		tests := map[string][]string{}
		for _, test := range slices.Sorted(maps.Keys(seen)) {
			dir, name, _ := strings.Cut(test, " ")
			tests[dir] = append(tests[dir], name)
		}
		for _, dir := range slices.Sorted(maps.Keys(tests)) {
			if !yield(dir, tests[dir]) {
				return
			}
		}
	}
}

// runPackage runs the named tests of one package. It runs in the package's folder, which may be a module of its own.
func runPackage(ctx context.Context, root, dir string, names []string, seen map[string]*outcome, log io.Writer) error {
	cmd := exec.CommandContext(ctx, "go", "test", "-json", "-count=1", "-timeout=0", "-run", pattern(names), ".")
	cmd.Dir = filepath.Join(root, dir)
	if pgtest.Installed() && os.Getenv("OPENARENA_PG") == "" { // else the tests that need it are skipped
		cmd.Env = append(os.Environ(), "OPENARENA_PG=1")
	}
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	out, err := cmd.StdoutPipe()
	if err != nil {
		return err
	}
	if err := cmd.Start(); err != nil {
		return err
	}
	printed, read := follow(json.NewDecoder(out), dir, seen)
	err = cmd.Wait()
	if err != nil {
		fmt.Fprintf(log, "%s%s", printed, stderr.Bytes())
	}
	var exit *exec.ExitError
	if errors.As(err, &exit) && exit.ExitCode() == 1 && read == nil {
		return nil // tests failed; the rows say which, or that there is none
	}
	return errors.Join(read, err)
}

// follow books what a test run tells and returns what it printed.
func follow(events *json.Decoder, dir string, seen map[string]*outcome) (printed []byte, err error) {
	for {
		var e event
		if err := events.Decode(&e); errors.Is(err, io.EOF) {
			return printed, nil
		} else if err != nil {
			return printed, err
		}
		printed = append(printed, e.Output...)
		book(seen, dir, e)
	}
}

// pattern is the argument of -run that takes just these tests, with all their subtests.
func pattern(names []string) string {
	parts := make([]string, 0, len(names))
	for _, name := range names {
		parts = append(parts, "^"+strings.ReplaceAll(name, "/", "$/^")+"$")
	}
	return strings.Join(parts, "|")
}
