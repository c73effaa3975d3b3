//go:build unix

package fleet

import (
	"bytes"
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"openarena/configs"
	"openarena/internal/secret"
	"openarena/internal/testkit/fakellm"
	"openarena/internal/testkit/pgtest"
	"openarena/pipeline"
	"openarena/store/postgres"
)

// A test's own program is a worker where this variable names its database.
const workerVariable = "OPENARENA_TEST_WORKER"

// TestPGWorkerProcess is no test but a worker of others.
func TestPGWorkerProcess(t *testing.T) {
	url := os.Getenv(workerVariable)
	if url == "" {
		t.Skip("it is started by other tests")
	}
	if err := beWorker(t.Context(), url); err != nil {
		t.Fatal(err)
	}
}

// beWorker asks for all answers of a published arena, and says how it ended.
func beWorker(ctx context.Context, url string) error {
	db, err := postgres.Open(ctx, secret.New(url), postgres.Options{})
	if err != nil {
		return err
	}
	defer db.Close()
	me := Member{ID: fmt.Sprint(os.Getpid(), " ", time.Now().UnixNano())}
	f, r, err := newWorker(ctx, db, me)
	if err != nil {
		return err
	}
	beating, stop := context.WithCancel(ctx)
	defer stop()
	go func() {
		for beating.Err() == nil {
			time.Sleep(alive / 5)
			_, _ = f.Beat(ctx, me, alive)
		}
	}()
	o, err := r.Run(ctx, ctx)
	if err != nil {
		return err
	}
	if o.Budget == nil {
		return fmt.Errorf("it ended with %+v; want that the budget was reached", o)
	}
	return nil
}

// alive is how long a worker of these tests lives after a heartbeat.
const alive = 500 * time.Millisecond

// newWorker prepares a worker for the answers of a published arena.
func newWorker(ctx context.Context, db *postgres.DB, me Member) (*Fleet, *pipeline.Runner, error) {
	f, err := Open(ctx, db)
	if err != nil {
		return nil, nil, err
	}
	e, err := f.Epoch(ctx)
	if err != nil {
		return nil, nil, err
	}
	c, _, err := f.Configuration(ctx, e, os.LookupEnv)
	if err != nil {
		return nil, nil, err
	}
	a, err := pipeline.New(c, pipeline.Trial{})
	if err != nil {
		return nil, nil, err
	}
	if _, err := f.Beat(ctx, me, alive); err != nil {
		return nil, nil, err
	}
	r, err := pipeline.NewRunner(ctx, a, db, pipeline.Job{Generate: true, Commons: f.commons(ctx, me.ID, e, time.Minute)})
	return f, r, err
}

// TestPGMinuteOfWorkers: three workers have sent a minute's requests when all of them say that these are used up, and not one more.
func TestPGMinuteOfWorkers(t *testing.T) {
	server := fakellm.New(fakellm.Options{})
	if err := server.Start("127.0.0.1:0"); err != nil {
		t.Fatal(err)
	}
	defer server.Close()
	url := pgtest.Start(t).URL(t)
	publishKilled(t, url, strings.NewReplacer(`"URL", concurrency: 4`, `"`+server.URL()+`", concurrency: 4, rpm: 60`, "BUDGET", "max_calls: 1000").Replace(killedArena))
	stop, cancel := context.WithCancel(t.Context())
	defer cancel()
	var all sync.WaitGroup
	var runners []*pipeline.Runner
	for i := range 3 {
		db, err := postgres.Open(t.Context(), secret.New(url), postgres.Options{})
		if err != nil {
			t.Fatal(err)
		}
		defer db.Close()
		_, r, err := newWorker(t.Context(), db, Member{ID: fmt.Sprint("w", i)})
		if err != nil {
			t.Fatal(err)
		}
		runners = append(runners, r)
		all.Go(func() {
			if _, err := r.Run(t.Context(), stop); err != nil {
				t.Error(err)
			}
		})
	}
	for waiting := 0; waiting < 3; {
		time.Sleep(5 * time.Millisecond)
		waiting = 0
		for _, r := range runners {
			if strings.Contains(r.Progress().Endpoints[0].Note, "used up") {
				waiting++
			}
		}
	}
	if n := server.Stats(false).Arrivals; n < 50 || n > 60 {
		t.Errorf("under 60 requests a minute three workers sent %d; want 60, or a few less that one of them still holds", n)
	}
	cancel()
	all.Wait()
	if n := server.Stats(false).Arrivals; n > 60 {
		t.Errorf("under 60 requests a minute three workers sent %d", n)
	}
}

const killedArena = `default_endpoint: {url: "URL", concurrency: 4}
models:
  - {name: A, model_id: a, params: {max_tokens: 600}, price: {input: 1, output: 10}}
  - {name: B, model_id: b, params: {max_tokens: 600}, price: {input: 2, output: 20}}
judges: [{name: J, model_id: j}]
datasets: [{path: prompts.jsonl}]
budget: {BUDGET}
`

// TestPGBudgetUnderKills: workers are killed at any moment, one is stopped until it is taken for dead and goes on, and what the server
// counted never passes the budget. What is not used is what those had reserved who died.
func TestPGBudgetUnderKills(t *testing.T) {
	for _, budget := range []string{"max_calls: 300", "max_tokens: 180000", "max_cost: 2.7"} {
		t.Run(budget, func(t *testing.T) { t.Parallel(); killWorkers(t, budget) })
	}
}

func killWorkers(t *testing.T, budget string) {
	server := fakellm.New(fakellm.Options{Latency: fakellm.Latency{Mean: 40 * time.Millisecond, Sigma: 0.5}})
	if err := server.Start("127.0.0.1:0"); err != nil {
		t.Fatal(err)
	}
	defer server.Close()
	url := pgtest.Start(t).URL(t)
	db, f, limits := publishKilled(t, url, strings.NewReplacer("URL", server.URL(), "BUDGET", budget).Replace(killedArena))
	draw := rand.New(rand.NewPCG(7, uint64(len(budget))))
	done := make(chan struct{})
	defer close(done)
	go f.buryAgainAndAgain(done)
	for range 3 {
		first, second := startWorker(t, url), startWorker(t, url)
		waitForCalls(t, server, server.Stats(false).Arrivals+1+draw.Int64N(12))
		first.kill(t)
		second.kill(t)
	}
	away := startWorker(t, url)
	last := []*workerProcess{away, startWorker(t, url), startWorker(t, url)}
	waitForCalls(t, server, server.Stats(false).Arrivals+1+draw.Int64N(12))
	away.stopUntilBuried(t, f)
	for _, w := range last {
		w.wait(t)
	}
	st := server.Stats(true)
	var tokens, nanos int64
	for model, n := range st.Models {
		tokens += n.Input + n.Output
		price := map[string]int64{"a": 1000, "b": 2000}[model]
		nanos += n.Input*price + n.Output*price*10
	}
	if limits.MaxCalls > 0 && st.Arrivals > limits.MaxCalls || limits.MaxTokens > 0 && tokens > limits.MaxTokens || limits.MaxCost > 0 && nanos > int64(limits.MaxCost*1e9) {
		t.Errorf("the server counted %d calls, %d tokens and $%.4f under the budget %+v", st.Arrivals, tokens, float64(nanos)/1e9, limits)
	}
	b, err := f.commons(t.Context(), "who asks", Epoch{}, time.Minute).Account(t.Context(), pipeline.Account{})
	if err != nil {
		t.Fatal(err)
	}
	if b.Others != (pipeline.Amount{}) || b.Spent.Calls+b.Lost.Calls < st.Arrivals || b.Spent.Tokens+b.Lost.Tokens < tokens || b.Spent.Nanos+b.Lost.Nanos < nanos {
		t.Errorf("the books say %+v; the server counted %d calls, %d tokens, %d billionths of a dollar", b, st.Arrivals, tokens, nanos)
	}
	// Each of the six that died had calls in flight, four of each model at most, and a block of one.
	if limits.MaxCalls > 0 && st.Arrivals < limits.MaxCalls-6*9 {
		t.Errorf("%d calls were made of %d", st.Arrivals, limits.MaxCalls)
	}
	if n, err := pipeline.PossiblyBilled(t.Context(), db); err != nil || n < 1 {
		t.Errorf("PossiblyBilled = %d, %v; want some, as workers died with calls in flight", n, err)
	}
}

// publishKilled makes the arena's database.
func publishKilled(t *testing.T, url, arena string) (*postgres.DB, *Fleet, configs.Budget) {
	t.Helper()
	dir := t.TempDir()
	var prompts bytes.Buffer
	for i := range 400 {
		fmt.Fprintf(&prompts, "{\"prompt\": \"Question %d: what is it?\"}\n", i)
	}
	path := filepath.Join(dir, "arena.yaml")
	if err := os.WriteFile(filepath.Join(dir, "prompts.jsonl"), prompts.Bytes(), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(arena), 0o600); err != nil {
		t.Fatal(err)
	}
	c, err := configs.Load(path, os.LookupEnv)
	if err != nil {
		t.Fatal(err)
	}
	a, err := pipeline.New(c, pipeline.Trial{})
	if err != nil {
		t.Fatal(err)
	}
	db, err := postgres.Open(t.Context(), secret.New(url), postgres.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() })
	if _, err := a.Sync(t.Context(), db); err != nil {
		t.Fatal(err)
	}
	f, err := Open(t.Context(), db)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := f.Publish(t.Context(), c, Options{}, "run"); err != nil {
		t.Fatal(err)
	}
	return db, f, c.Budget
}

// workerProcess is a worker that can be killed.
type workerProcess struct {
	cmd *exec.Cmd
	out bytes.Buffer
}

func startWorker(t *testing.T, url string) *workerProcess {
	t.Helper()
	w := &workerProcess{cmd: exec.Command(os.Args[0], "-test.run=^TestPGWorkerProcess$")}
	w.cmd.Env = append(os.Environ(), workerVariable+"="+url)
	w.cmd.Stdout, w.cmd.Stderr = &w.out, &w.out
	if err := w.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = w.cmd.Process.Kill(); _ = w.cmd.Wait() })
	return w
}

func (w *workerProcess) kill(t *testing.T) {
	t.Helper()
	if err := w.cmd.Process.Kill(); err != nil {
		t.Error(err)
	}
	_ = w.cmd.Wait()
}

// wait has a worker end by itself.
func (w *workerProcess) wait(t *testing.T) {
	t.Helper()
	if err := w.cmd.Wait(); err != nil {
		t.Errorf("a worker ended with %v: %s", err, w.out.String())
	}
}

// waitForCalls returns when the server has counted so many.
func waitForCalls(t *testing.T, s *fakellm.Server, n int64) {
	t.Helper()
	for s.Stats(false).Arrivals < n {
		if t.Context().Err() != nil {
			t.Fatal("the test ended")
		}
		time.Sleep(time.Millisecond)
	}
}

// stopUntilBuried stops a worker, as a machine that swaps does, until it is taken for dead, and has it go on.
func (w *workerProcess) stopUntilBuried(t *testing.T, f *Fleet) {
	t.Helper()
	if err := w.cmd.Process.Signal(syscall.SIGSTOP); err != nil {
		t.Fatal(err)
	}
	for buried := false; !buried; {
		err := f.pool.QueryRow(t.Context(), f.sql(`SELECT NOT EXISTS (SELECT FROM {schema}.oa_spender WHERE worker LIKE $1 AND NOT booked)`), fmt.Sprint(w.cmd.Process.Pid, " %")).Scan(&buried)
		if err != nil {
			t.Fatal(err)
		}
		time.Sleep(10 * time.Millisecond)
	}
	if err := w.cmd.Process.Signal(syscall.SIGCONT); err != nil {
		t.Fatal(err)
	}
}

// buryAgainAndAgain is the part of the plan.
func (f *Fleet) buryAgainAndAgain(done chan struct{}) {
	for {
		select {
		case <-done:
			return
		case <-time.After(50 * time.Millisecond):
			_, _ = f.Bury(context.Background())
		}
	}
}
