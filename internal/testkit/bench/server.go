//go:build linux

package bench

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"os/exec"
	"strings"
	"syscall"

	"openarena/internal/testkit/fakellm"
)

// server is a fake model server in a process of its own.
type server struct {
	url string
	cmd *exec.Cmd
}

// serve starts a fake model server with the flags of its command.
func (b *Bench) serve(ctx context.Context, flags ...string) (*server, error) {
	cmd := exec.CommandContext(ctx, b.server, flags...)
	url, err := startServer(cmd)
	if err != nil {
		return nil, fmt.Errorf("the fake model server %v did not start: %w", flags, err)
	}
	return &server{url, cmd}, nil
}

// startServer starts a command that first prints the address it listens at, and returns that.
func startServer(cmd *exec.Cmd) (url string, err error) {
	out, err := cmd.StdoutPipe()
	if err != nil {
		return "", err
	}
	if err := cmd.Start(); err != nil {
		return "", err
	}
	url, err = bufio.NewReader(out).ReadString('\n')
	return strings.TrimSpace(url), err
}

func (s *server) stop() {
	_ = s.cmd.Process.Signal(syscall.SIGTERM) // it may have ended with the context
	_ = s.cmd.Wait()
}

// stats is what the server counted since its start.
func (s *server) stats(ctx context.Context) (all fakellm.Stats, err error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, strings.TrimSuffix(s.url, "/v1")+"/_/stats", nil)
	if err != nil {
		return all, err
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return all, err
	}
	defer resp.Body.Close()
	return all, json.NewDecoder(resp.Body).Decode(&all)
}

// reset has the server count anew.
func (s *server) reset(ctx context.Context) error {
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, strings.TrimSuffix(s.url, "/v1")+"/_/reset", nil)
	if err != nil {
		return err
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return err
	}
	return resp.Body.Close()
}
