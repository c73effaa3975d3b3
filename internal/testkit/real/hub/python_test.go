package hub

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// pinned are the clients: the newest that work with Python 3.10 to 3.13.
var pinned = []string{"huggingface_hub==2.4.0", "datasets==5.2.0"}

// root is the top of the repository.
const root = "../../../.."

// python is an interpreter that has the clients; it is made in bin/ once. Without one the test is skipped.
func python(t *testing.T) string {
	t.Helper()
	if os.Getenv("OPENARENA_HUB") == "" {
		t.Skip("the Python clients are a download of a hundred megabytes: `make test-hub` tries them")
	}
	folder, err := filepath.Abs(filepath.Join(root, "bin", "hub-clients"))
	if err != nil {
		t.Fatal(err)
	}
	interpreter := filepath.Join(folder, "bin", "python")
	stamp := filepath.Join(folder, "installed")
	if got, err := os.ReadFile(stamp); err == nil && string(got) == strings.Join(pinned, " ") {
		return interpreter
	}
	if out, err := exec.CommandContext(t.Context(), "python3", "-c", "import sys; sys.exit(sys.version_info < (3, 10))").CombinedOutput(); err != nil {
		t.Skipf("no Python of 3.10 or newer here: %v %s", err, out)
	}
	if out, err := exec.CommandContext(t.Context(), "python3", "-m", "venv", "--clear", folder).CombinedOutput(); err != nil {
		t.Skipf("python3 -m venv does not work here; Debian and Ubuntu have it in python3-venv: %v\n%s", err, out)
	}
	pip := exec.CommandContext(t.Context(), interpreter, append([]string{"-m", "pip", "install", "-q", "--disable-pip-version-check", "--retries", "2"}, pinned...)...)
	if out, err := pip.CombinedOutput(); err != nil && bytes.Contains(out, []byte("ResolutionImpossible")) {
		t.Fatalf("the pinned clients do not fit together: %v\n%s", err, out)
	} else if err != nil {
		t.Skipf("the clients cannot be installed here; is PyPI to be reached? %v\n%s", err, tail(string(out)))
	}
	if err := os.WriteFile(stamp, []byte(strings.Join(pinned, " ")), 0o600); err != nil {
		t.Fatal(err)
	}
	return interpreter
}

// clients runs a function of testdata/clients.py at a Hub, with a cache of its own.
func clients(t *testing.T, interpreter, endpoint, what, folder string, env ...string) string {
	t.Helper()
	home := t.TempDir()
	cmd := exec.CommandContext(t.Context(), interpreter, "testdata/clients.py", what, folder)
	cmd.WaitDelay = time.Minute
	cmd.Env = append(os.Environ(), "HF_ENDPOINT="+endpoint, "HF_TOKEN=hf_ada", "HF_HOME="+home, "HOME="+home, "HF_HUB_DISABLE_XET=1",
		"HF_HUB_DISABLE_PROGRESS_BARS=1", "HF_HUB_DISABLE_TELEMETRY=1", "NO_PROXY=127.0.0.1,localhost", "no_proxy=127.0.0.1,localhost",
		"PYTHONDONTWRITEBYTECODE=1")
	cmd.Env = append(cmd.Env, env...)
	var stdout, stderr bytes.Buffer
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	if err := cmd.Run(); err != nil {
		t.Fatalf("clients.py %s: %v\n%s\n%s", what, err, stdout.Bytes(), tail(stderr.String()))
	}
	return strings.TrimSpace(stdout.String())
}

func tail(s string) string { return s[max(0, len(s)-4000):] }
