//go:build linux

package slurm

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"openarena/internal/testkit/fakellm"
)

const (
	prompts = 24
	answers = 2 * prompts // of two models; and as many judgments, of one pair in two orders
)

// install builds the program, and lays the files of deploy/ and an arena where jobs are submitted.
func (c *cluster) install(url string) {
	c.t.Helper()
	root := filepath.Join("..", "..", "..", "..")
	build := exec.CommandContext(c.t.Context(), "go", "build", "-o", c.path("bin")+"/", "./cmd/openarena", "./internal/testkit/cmd/fakellm")
	build.Dir = root
	if out, err := build.CombinedOutput(); err != nil {
		c.t.Fatalf("go build: %v\n%s", err, out)
	}
	for _, name := range []string{"slurm/shards.sbatch", "slurm/merge.sbatch", "slurm/workers.sbatch", "slurm/vllm.sbatch", "shard.sh"} {
		text, err := os.ReadFile(filepath.Join(root, "deploy", name))
		if err != nil {
			c.t.Fatal(err)
		}
		c.write(filepath.Base(name), string(text), 0o755)
	}
	var all strings.Builder
	for i := range prompts {
		fmt.Fprintf(&all, "What is %d times %d?\n", i, i+3)
	}
	c.write("prompts.txt", all.String(), 0o644)
	c.write("arena.yaml", `default_endpoint: {url: "`+url+`", concurrency: 8}
models: [{name: Alpha, model_id: alpha}, {name: Beta, model_id: beta}]
judge_model: {name: Judge, model_id: judge}
datasets: [{path: prompts.txt}]
`, 0o644)
}

func (c *cluster) write(name, text string, mode os.FileMode) {
	c.t.Helper()
	if err := os.WriteFile(c.path("work/"+name), []byte(text), mode); err != nil {
		c.t.Fatal(err)
	}
}

// Two shards under a real Slurm. In mid-work they get the signal that ends their time: they save what is in flight, put themselves back
// into the queue, and go on there. No call is made twice.
func TestShards(t *testing.T) {
	c := start(t)
	server := fakellm.New(fakellm.Options{Latency: fakellm.Latency{Mean: time.Second}})
	if err := server.Start("127.0.0.1:0"); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { server.Close() })
	c.install(server.URL())
	c.env = append(c.env, "SHARDS=2", "SHARD_SH="+c.path("work/shard.sh"))
	job := c.run("sbatch", "--parsable", "--array=1-2", "shards.sbatch")
	// Of eight calls at once each shard makes four.
	c.until("both shards call", func() bool { return server.Stats(false).InFlight == 8 })
	c.run("scancel", "--signal=USR1", job)
	c.until("the shards are back in the queue", func() bool { return strings.Contains(c.run("squeue", "-h", "-r", "-o", "%i %T"), "PENDING") })
	server.SetLatency(fakellm.Latency{})
	c.until("the shards are done", func() bool { return c.run("squeue", "-h") == "" })
	if calls := server.Stats(false).Arrivals; calls != 2*answers {
		t.Errorf("%d calls were made; want %d, each once\n%s", calls, 2*answers, c.logs())
	}
	if !strings.Contains(c.logs(), "interrupted; everything that had arrived is saved") {
		t.Errorf("no shard was interrupted\n%s", c.logs())
	}
}
