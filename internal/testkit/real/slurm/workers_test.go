//go:build linux

package slurm

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"

	"openarena/internal/testkit/fakellm"
	"openarena/internal/testkit/pgtest"
)

// vllm is a stand-in for vLLM's command: a real server, once its model is loaded, or one that cannot load it.
const vllm = `#!/bin/sh
[ "$1 $3 $5" = "serve --host --port" ] || { echo "usage: vllm serve MODEL --host HOST --port PORT" >&2; exit 2; }
echo $$ >"vllm.$SLURM_JOB_ID.new" && mv "vllm.$SLURM_JOB_ID.new" "vllm.$SLURM_JOB_ID"
[ -e broken ] && { echo "out of memory" >&2; exit 1; }
until [ -e loaded ]; do sleep 0.1; done
exec fakellm -addr "$4:$6" -models "$2" -latency "$(cat latency)"
`

// gate holds calls to a server back until it is opened.
type gate struct {
	server *fakellm.Server
	held   atomic.Int64
	open   chan struct{}
}

func newGate(t *testing.T) (*gate, string) {
	t.Helper()
	g := &gate{server: fakellm.New(fakellm.Options{}), open: make(chan struct{})}
	if err := g.server.Start("127.0.0.1:0"); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { g.server.Close() })
	to, err := url.Parse(g.server.URL())
	if err != nil {
		t.Fatal(err)
	}
	behind := httputil.NewSingleHostReverseProxy(to)
	front := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		g.held.Add(1)
		defer g.held.Add(-1)
		select {
		case <-g.open:
			behind.ServeHTTP(w, r)
		case <-r.Context().Done():
		}
	}))
	t.Cleanup(front.CloseClientConnections) // and no waiting for who hangs
	return g, front.URL
}

// published lays an arena on a PostgreSQL where jobs are submitted: Alpha on servers of the nodes' own, all else at a provider.
func (c *cluster) published(provider string) {
	c.t.Helper()
	pg, err := pgtest.New(pgtest.Options{})
	if errors.Is(err, pgtest.ErrNoServer) {
		c.t.Skip("WORKERS UNDER SLURM ARE NOT TRIED HERE: ", err)
	}
	if err != nil {
		c.t.Fatal(err)
	}
	c.t.Cleanup(func() { pg.Close() })
	c.env = append(c.env, "OPENARENA_STORE="+pg.Schema("arena"), "MODEL=small", "NAME=Alpha")
	c.install(provider)
	c.write("arena.yaml", `store: {url: "${OPENARENA_STORE}"}
endpoints:
  local: {url: "http://127.0.0.1:1/v1", labels: {server: local}, concurrency: 4}
  provider: {url: "`+provider+`", concurrency: 2}
models: [{name: Alpha, model_id: small, endpoint: local}, {name: Beta, model_id: beta, endpoint: provider}]
judge_model: {name: Judge, model_id: judge, endpoint: provider}
datasets: [{path: prompts.txt}]
`, 0o644)
	if err := os.WriteFile(c.path("bin/vllm"), []byte(vllm), 0o755); err != nil {
		c.t.Fatal(err)
	}
}

// local is the process of the model server of a job.
func (c *cluster) local(job string) (pid int) {
	c.t.Helper()
	c.until("the job has a model server", func() bool {
		text, _ := os.ReadFile(c.path("work/vllm." + job)) // not there yet
		pid, _ = strconv.Atoi(strings.TrimSpace(string(text)))
		return pid > 0
	})
	return pid
}

// calls are those in flight at the model server of a job.
func (c *cluster) calls(job string) int {
	n, _ := strconv.Atoi(job) // a number, by --parsable
	r, err := http.Get(fmt.Sprintf("http://127.0.0.1:%d/_/stats", 20000+n%20000))
	if err != nil {
		return 0 // it does not listen yet
	}
	defer r.Body.Close()
	var s fakellm.Stats
	_ = json.NewDecoder(r.Body).Decode(&s) // no calls then
	return s.InFlight
}

// An array of workers and workers beside model servers under a real Slurm, with a run on the login node. One is told by Slurm that its time
// is nearly over, one is put back into the queue and returns, one model server cannot start, one is killed at work: what was in flight is saved
// where it can be, jobs end with codes that tell, and the arena is finished by the others. The provider is asked once for each thing.
func TestWorkersPG(t *testing.T) {
	c := start(t)
	provider, address := newGate(t)
	c.published(address)
	run := c.background("run.log", c.path("bin/openarena"), "run")
	c.until("the run calls", func() bool { return provider.held.Load() == 2 })
	array := c.run("sbatch", "--parsable", "--array=1-2", "workers.sbatch")
	c.until("both workers call", func() bool { return provider.held.Load() == 6 })
	c.run("scontrol", "update", "JobId="+array+"_1", "TimeLimit=2") // of which --signal takes two minutes
	c.serversThatEnd()

	c.until("Slurm has warned the first worker", func() bool { return c.said("slurmctld.log", "warning signal 10 to JobId="+array+"_1") })
	c.run("scontrol", "requeue", array+"_2")
	close(provider.open)
	c.until("the first worker has ended", func() bool { return c.state(array+"_1") == "COMPLETED" })
	if log := "work/openarena-" + array + "_1.log"; !c.said(log, "drained: everything that had arrived is saved") {
		t.Errorf("the first worker does not say that it was drained\n%s", c.logs())
	}
	c.until("the second worker is back", func() bool { return c.state(array+"_2") == "RUNNING" })

	c.write("latency", "0s", 0o644)
	job := c.run("sbatch", "--parsable", "--array=1", "--mem=1G", "vllm.sbatch")
	server := c.local(job)
	if err := run(); err != nil {
		t.Errorf("the run: %v\n%s", err, c.logs())
	}
	for _, job := range []string{array + "_2", job} {
		c.until("job "+job+" has ended", func() bool { return c.state(job) == "COMPLETED" })
	}
	if err := syscall.Kill(server, 0); err == nil {
		t.Error("the model server goes on after its worker has ended")
	}
	if calls := provider.server.Stats(false).Arrivals; calls != prompts+answers {
		t.Errorf("the provider was called %d times; want %d, each once\n%s", calls, prompts+answers, c.logs())
	}
	if failed := c.run(c.path("bin/openarena"), "failures"); !strings.Contains(failed, "no item failed") {
		t.Errorf("a model server that ended left failures behind:\n%s", failed)
	}
	if c.said("work/run.log", "cannot connect") {
		t.Error("the run looks for a server that is not its own to call")
	}
	if _, err := os.Stat(c.path("work/training_data.jsonl")); err != nil {
		t.Error(err)
	}
}

// serversThatEnd has a model server end before it is ready, and one with calls in flight: their jobs fail, and say why.
func (c *cluster) serversThatEnd() {
	c.t.Helper()
	c.write("latency", "1h", 0o644)
	c.write("broken", "", 0o644)
	job := c.run("sbatch", "--parsable", "--array=1", "--mem=1G", "vllm.sbatch")
	c.until("the job without a model has failed", func() bool { return c.state(job) == "FAILED" })
	c.blames(job)
	if err := os.Remove(c.path("work/broken")); err != nil {
		c.t.Fatal(err)
	}

	job = c.run("sbatch", "--parsable", "--array=1", "--mem=1G", "vllm.sbatch")
	server := c.local(job)
	if c.said("work/openarena-vllm-"+job+"_1.log", "at work") {
		c.t.Error("a worker begins before its model server is ready")
	}
	c.write("loaded", "", 0o644)
	c.until("the worker calls its server", func() bool { return c.calls(job) == 4 })
	if err := syscall.Kill(server, syscall.SIGKILL); err != nil {
		c.t.Fatal(err)
	}
	c.until("the job whose server was killed has failed", func() bool { return c.state(job) == "FAILED" })
	c.blames(job)
}

// blames checks that a job's log says that its model server has ended, and where that told why.
func (c *cluster) blames(job string) {
	c.t.Helper()
	logs, _ := filepath.Glob(c.path("work/openarena-vllm-" + job + "_*.log")) // the pattern is well formed
	if len(logs) != 1 || !c.said("work/"+filepath.Base(logs[0]), "vLLM has ended: see vllm-"+job+".log") {
		c.t.Errorf("the job does not say that its server has ended\n%s", c.logs())
	}
}
