package main

import (
	"bytes"
	"errors"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"openarena/internal/testkit/fakellm"
)

// folder is where the real program runs for a test in Go. Scripts are shorter; this is for tables, and for bytes that no
// script can hold.
type folder struct {
	t      *testing.T
	dir    string
	server *fakellm.Server // nil in a bare folder
	env    map[string]string
}

// newFolder is a folder with a model server of its own at ${URL}.
func newFolder(t *testing.T, o fakellm.Options) *folder {
	t.Helper()
	f := bareFolder(t)
	f.server = fakellm.New(o)
	if err := f.server.Start("127.0.0.1:0"); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := f.server.Close(); err != nil {
			t.Error(err)
		}
	})
	f.env["URL"] = f.server.URL()
	return f
}

func bareFolder(t *testing.T) *folder {
	t.Helper()
	dir := t.TempDir()
	return &folder{t: t, dir: dir, env: map[string]string{"HOME": dir, "NO_COLOR": "1", "GORACE": "atexit_sleep_ms=0"}}
}

func (f *folder) write(name, text string) {
	f.t.Helper()
	if err := os.WriteFile(filepath.Join(f.dir, name), []byte(text), 0o600); err != nil {
		f.t.Fatal(err)
	}
}

func (f *folder) read(name string) string {
	f.t.Helper()
	text, err := os.ReadFile(filepath.Join(f.dir, name))
	if err != nil {
		f.t.Fatal(err)
	}
	return string(text)
}

// try runs the program to its end, whatever its exit code.
func (f *folder) try(args ...string) (code int, stdout, stderr string) {
	f.t.Helper()
	return f.runProgram("openarena", args...)
}

func (f *folder) runProgram(name string, args ...string) (code int, stdout, stderr string) {
	f.t.Helper()
	var out, said bytes.Buffer
	cmd := exec.CommandContext(f.t.Context(), name, args...)
	cmd.Dir, cmd.Stdout, cmd.Stderr, cmd.Env = f.dir, &out, &said, f.environ()
	var exit *exec.ExitError
	if err := cmd.Run(); errors.As(err, &exit) {
		code = exit.ExitCode()
	} else if err != nil {
		f.t.Fatal(err)
	}
	return code, out.String(), said.String()
}

// environ is what the program finds in its environment.
func (f *folder) environ() []string {
	all := os.Environ()
	for _, name := range slices.Sorted(maps.Keys(f.env)) {
		all = append(all, name+"="+f.env[name])
	}
	return all
}

// openarena runs the program, which must succeed, and returns its stdout.
func (f *folder) openarena(args ...string) string {
	f.t.Helper()
	code, stdout, stderr := f.try(args...)
	if code != exitOK {
		f.t.Fatalf("openarena %s: exit code %d\n%s", strings.Join(args, " "), code, stderr)
	}
	return stdout
}

// diskArena is small in calls and large in bytes.
const diskArena = `default_endpoint: {url: "${URL}", concurrency: 4}
models: [{name: Alpha, model_id: alpha}, {name: Beta, model_id: beta}]
judge_model: {name: Judge, model_id: judge}
datasets: [{path: prompts.txt}]
`
