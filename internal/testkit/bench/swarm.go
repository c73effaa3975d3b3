//go:build linux

package bench

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"openarena/internal/testkit/pgtest"
)

// Of the simulated workers: each serves one model, as beside a GPU, has two parts of it at a time, as real ones do, and works on each
// for ten seconds; real ones do for a minute.
const (
	swarmWorkers   = 1000
	swarmProcesses = 4
	swarmWork      = 10 * time.Second
	swarmRamp      = 90 * time.Second // over which they start
	swarmSettle    = 60 * time.Second // until all have asked for everything a few times
)

// measureSwarm has many workers, each with connections of its own, work on one server, and looks at the server's CPU. They do what
// real ones do, but for calls and what comes of them.
func measureSwarm(ctx context.Context, b *Bench) ([]Figure, error) {
	workers, window, ramp, settle := swarmWorkers, 60*time.Second, swarmRamp, swarmSettle
	if b.Quick {
		workers, window, ramp, settle = 200, 20*time.Second, 20*time.Second, 2*swarmWork
	}
	server, err := pgtest.New(pgtest.Options{Settings: []string{fmt.Sprintf("max_connections=%d", 4*workers+100)}})
	if err != nil {
		return nil, err
	}
	defer server.Close()
	binary, err := b.build(ctx, "./internal/testkit/cmd/swarm")
	if err != nil {
		return nil, err
	}
	swarm := func(args ...string) *exec.Cmd {
		return exec.CommandContext(ctx, binary, append([]string{"-url", server.Schema("swarm"), "-all", strconv.Itoa(workers),
			"-parts", strconv.Itoa(workers / 4), "-slice", swarmWork.String()}, args...)...)
	}
	if out, err := swarm("-prepare").CombinedOutput(); err != nil {
		return nil, fmt.Errorf("%w\n%s", err, out)
	}
	var all []*horde
	for i := range swarmProcesses {
		each := workers / swarmProcesses
		h, err := startHorde(swarm("-clients", strconv.Itoa(each), "-first", strconv.Itoa(i*each), "-ramp", ramp.String()))
		if err != nil {
			return nil, err
		}
		defer h.stop()
		all = append(all, h)
	}
	for _, h := range all {
		if err := h.ready(); err != nil {
			return nil, err
		}
	}
	if err := pause(ctx, settle); err != nil {
		return nil, err
	}
	spent, done, began := server.Spent(), jobsOf(all), time.Now()
	if err := pause(ctx, window); err != nil {
		return nil, err
	}
	took := time.Since(began).Seconds()
	used, worked := (server.Spent() - spent).Seconds(), float64(jobsOf(all)-done)
	return []Figure{atMost(fmt.Sprintf("%s simulated workers (River clients) with jobs of %s, %s jobs a second, %s ms for each with all else that workers ask: CPU of the server, cores",
		number(float64(workers)), swarmWork, number(worked/took), number(1000*used/worked)), "", 0.5, used/took)}, nil
}

func pause(ctx context.Context, d time.Duration) error {
	select {
	case <-time.After(d):
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// horde is a process of simulated workers.
type horde struct {
	cmd *exec.Cmd
	in  io.WriteCloser
	out *bufio.Reader
}

func startHorde(cmd *exec.Cmd) (h *horde, err error) {
	h = &horde{cmd: cmd}
	if h.in, err = cmd.StdinPipe(); err != nil {
		return nil, err
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	h.out = bufio.NewReader(out)
	cmd.Stderr = os.Stderr
	return h, cmd.Start()
}

// ready returns when all of a horde have started.
func (h *horde) ready() error {
	if line, err := h.out.ReadString('\n'); err != nil || line != "ready\n" {
		return fmt.Errorf("simulated workers did not start: %q %w", line, err)
	}
	return nil
}

func (h *horde) stop() {
	_ = h.in.Close() // it ends with its input
	_ = h.cmd.Wait()
}

// jobsOf is how many jobs were worked on so far.
func jobsOf(all []*horde) (n int64) {
	for _, h := range all {
		fmt.Fprintln(h.in)
		line, _ := h.out.ReadString('\n') // of one that has ended: none
		done, _ := strconv.ParseInt(strings.TrimSpace(line), 10, 64)
		n += done
	}
	return n
}

// build makes one more program.
func (b *Bench) build(ctx context.Context, pkg string) (string, error) {
	binary := filepath.Join(b.dir, filepath.Base(pkg))
	cmd := exec.CommandContext(ctx, "go", "build", "-trimpath", "-buildvcs=false", "-o", binary, pkg)
	cmd.Dir = b.Root
	if out, err := cmd.CombinedOutput(); err != nil {
		return "", fmt.Errorf("go build %s: %w\n%s", pkg, err, out)
	}
	return binary, nil
}
