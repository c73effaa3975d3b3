package hub

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"
)

// pinned are the clients: the newest that work with Python 3.10 to 3.13.
var pinned = []string{"huggingface_hub==2.4.0", "datasets==5.2.0"}

// root is the top of the repository.
const root = "../../../.."

// missing says why a machine cannot have the clients.
type missing struct{ why string }

func (m missing) Error() string { return m.why }

// python is an interpreter that has the clients. Without one the test is skipped.
func python(t *testing.T) string {
	t.Helper()
	if os.Getenv("OPENARENA_HUB") == "" {
		t.Skip("the Python clients are a download of a hundred megabytes: `make test-hub` tries them")
	}
	interpreter, err := installed()
	if errors.As(err, new(missing)) {
		t.Skip(err)
	}
	if err != nil {
		t.Fatal(err)
	}
	return interpreter
}

// installed makes an environment in bin/ that has the clients, unless it is there.
var installed = sync.OnceValues(func() (interpreter string, err error) {
	folder, err := filepath.Abs(filepath.Join(root, "bin", "hub-clients"))
	if err != nil {
		return "", err
	}
	interpreter = filepath.Join(folder, "bin", "python")
	stamp := filepath.Join(folder, "installed")
	if got, err := os.ReadFile(stamp); err == nil && string(got) == strings.Join(pinned, " ") {
		return interpreter, nil
	}
	if out, err := exec.Command("python3", "-c", "import sys; sys.exit(sys.version_info < (3, 10))").CombinedOutput(); err != nil {
		return "", missing{fmt.Sprintf("no Python of 3.10 or newer here: %v %s", err, out)}
	}
	if out, err := exec.Command("python3", "-m", "venv", "--clear", folder).CombinedOutput(); err != nil {
		return "", missing{fmt.Sprintf("python3 -m venv does not work here; Debian and Ubuntu have it in python3-venv: %v\n%s", err, out)}
	}
	pip := exec.Command(interpreter, append([]string{"-m", "pip", "install", "-q", "--disable-pip-version-check", "--retries", "2"}, pinned...)...)
	if out, err := pip.CombinedOutput(); err != nil && bytes.Contains(out, []byte("ResolutionImpossible")) {
		return "", fmt.Errorf("the pinned clients do not fit together: %w\n%s", err, out)
	} else if err != nil {
		return "", missing{fmt.Sprintf("the clients cannot be installed here; is PyPI to be reached? %v\n%s", err, tail(string(out)))}
	}
	return interpreter, os.WriteFile(stamp, []byte(strings.Join(pinned, " ")), 0o600)
})

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
