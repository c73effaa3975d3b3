package llamacpp

import (
	"bytes"
	"errors"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
)

// wanted skips a test unless real servers are asked for: they take minutes and a download.
func wanted(t *testing.T) {
	t.Helper()
	if os.Getenv("OPENARENA_REAL") == "" {
		t.Skip("real servers take minutes and a download: `make test-real` tries them")
	}
}

// root is the top of the repository.
const root = "../../../.."

// program builds openarena.
func program(t *testing.T) string {
	t.Helper()
	binary := filepath.Join(t.TempDir(), "openarena")
	if out, err := exec.CommandContext(t.Context(), "go", "build", "-buildvcs=false", "-o", binary, "openarena/cmd/openarena").CombinedOutput(); err != nil {
		t.Fatalf("go build: %v\n%s", err, out)
	}
	return binary
}

// folder is where the program runs.
type folder struct {
	t      *testing.T
	binary string
	dir    string
	env    []string
}

func newFolder(t *testing.T, binary string, env ...string) *folder {
	t.Helper()
	dir := t.TempDir()
	return &folder{t, binary, dir, append(os.Environ(), append([]string{"HOME=" + dir, "NO_COLOR=1"}, env...)...)}
}

func (f *folder) write(name, text string) {
	f.t.Helper()
	if err := os.WriteFile(filepath.Join(f.dir, name), []byte(text), 0o600); err != nil {
		f.t.Fatal(err)
	}
}

// try runs the program to its end.
func (f *folder) try(args ...string) (code int, stdout, stderr string) {
	f.t.Helper()
	cmd, out, said := f.command(args...)
	var exit *exec.ExitError
	if err := cmd.Run(); errors.As(err, &exit) {
		code = exit.ExitCode()
	} else if err != nil {
		f.t.Fatal(err)
	}
	return code, out.String(), said.String()
}

func (f *folder) command(args ...string) (cmd *exec.Cmd, stdout, stderr *bytes.Buffer) {
	stdout, stderr = new(bytes.Buffer), new(bytes.Buffer)
	cmd = exec.CommandContext(f.t.Context(), f.binary, args...)
	cmd.Dir, cmd.Env, cmd.Stdout, cmd.Stderr = f.dir, f.env, stdout, stderr
	return cmd, stdout, stderr
}

// openarena is try where the exit code must be want.
func (f *folder) openarena(want int, args ...string) (stdout, stderr string) {
	f.t.Helper()
	code, stdout, stderr := f.try(args...)
	if code != want {
		f.t.Fatalf("openarena %q: exit code %d; want %d\n%s%s", args, code, want, stdout, stderr)
	}
	return stdout, stderr
}

// freePort is one that nobody listens at.
func freePort(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	_, port, err := net.SplitHostPort(l.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	return port
}
