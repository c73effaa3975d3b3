//go:build linux

package bench

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"os/exec"
	"syscall"
	"time"
)

// measureViewed compares the throughput of a run with 1,000 calls in flight that is looked at with that of one that is not: a
// page open on /run hears of it by events, and another one reloads the leaderboard. Both sides take turns in going first.
func measureViewed(ctx context.Context, b *Bench) ([]Figure, error) {
	const slots = 1000
	prompts, latency := 2*workPrompts, "2s"
	if b.Quick {
		prompts, latency = workPrompts/10, "200ms"
	}
	s, err := b.serve(ctx, "-latency", latency)
	if err != nil {
		return nil, err
	}
	defer s.stop()
	var ratios []float64
	for i := range b.times() {
		var wall [2]float64
		for turn := range 2 {
			viewed := (turn + i) % 2
			dir, err := b.arena(oneEndpoint(s.url, slots), prompts)
			if err != nil {
				return nil, err
			}
			if wall[viewed], err = b.timed(ctx, dir, viewed == 1); err != nil {
				return nil, err
			}
		}
		b.Logf("%d prompts: %.2f s unseen, %.2f s with pages open", prompts, wall[0], wall[1])
		ratios = append(ratios, wall[0]/wall[1])
	}
	return []Figure{atLeast(fmt.Sprintf("throughput of a run with %d in flight while a page is open on it and another reloads the leaderboard / without", slots), "", 0.98, ratios...)}, nil
}

// timed runs an arena, looked at or not, and returns the seconds that it took.
func (b *Bench) timed(ctx context.Context, dir string, viewed bool) (float64, error) {
	if viewed {
		v, err := b.view(ctx, dir)
		if err != nil {
			return 0, err
		}
		defer v.stop()
	}
	r, err := b.run(ctx, dir, nil, "run", "--quiet")
	if err != nil {
		return 0, err
	}
	return r.wall.Seconds(), nil
}

// viewer is `openarena serve` with who looks at it.
type viewer struct {
	cmd  *exec.Cmd
	end  context.CancelFunc
	done chan struct{} // two times, when who looked has gone
}

// view serves an arena and looks at it until stop is called.
func (b *Bench) view(ctx context.Context, dir string) (*viewer, error) {
	cmd := exec.CommandContext(ctx, b.program, "serve", "--address", ":0")
	cmd.Dir = dir
	url, err := startServer(cmd)
	if err != nil {
		return nil, fmt.Errorf("openarena serve did not start: %w", err)
	}
	looking, end := context.WithCancel(ctx)
	v := &viewer{cmd, end, make(chan struct{}, 2)}
	go func() {
		v.fetch(looking, url+"/events?now")
		v.done <- struct{}{}
	}()
	go func() {
		for looking.Err() == nil {
			v.fetch(looking, url+"/")
			select {
			case <-time.After(2 * time.Second):
			case <-looking.Done():
			}
		}
		v.done <- struct{}{}
	}()
	return v, nil
}

// fetch reads a page, or a stream until it is enough. What it says before the first run is a page, too.
func (v *viewer) fetch(ctx context.Context, url string) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return
	}
	defer resp.Body.Close()
	_, _ = io.Copy(io.Discard, resp.Body) // it ends with ctx
}

func (v *viewer) stop() {
	v.end()
	<-v.done
	<-v.done
	_ = v.cmd.Process.Signal(syscall.SIGTERM)
	_ = v.cmd.Wait()
}
