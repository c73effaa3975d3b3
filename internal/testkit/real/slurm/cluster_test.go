//go:build linux

package slurm

import (
	"bytes"
	"context"
	"crypto/rand"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

// patience is what anything here may take at most.
const patience = 3 * time.Minute

// cluster is a Slurm with one node: this machine.
type cluster struct {
	t   *testing.T
	dir string
	env []string
}

// start skips the test where there is no Slurm, or no right to start one.
func start(t *testing.T) *cluster {
	t.Helper()
	if os.Getenv("OPENARENA_REAL") == "" {
		t.Skip("OPENARENA_REAL is not set")
	}
	for _, name := range []string{"munged", "slurmctld", "slurmd", "sbatch", "srun"} {
		if _, err := exec.LookPath(name); err != nil {
			t.Skipf("SLURM IS NOT TRIED HERE: there is no %s; Debian has it in slurmctld, slurmd, slurm-client and munge", name)
		}
	}
	if os.Getuid() != 0 {
		t.Skip("SLURM IS NOT TRIED HERE: slurmd wants to be the superuser")
	}
	dir, err := os.MkdirTemp("", "slurm-") // the path of a socket has a hundred characters at most
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	c := &cluster{t: t, dir: dir}
	c.configure()
	c.daemon("munged", "--foreground", "--force", "--key-file", c.path("munge.key"), "--socket", c.path("munge.socket"),
		"--pid-file", c.path("munged.pid"), "--log-file", c.path("munged.log"), "--seed-file", c.path("munged.seed"))
	c.until("munge answers", func() bool { _, err := os.Stat(c.path("munge.socket")); return err == nil })
	c.daemon("slurmctld", "-D", "-f", c.path("slurm.conf"))
	c.daemon("slurmd", "-D", "-f", c.path("slurm.conf"))
	c.until("the node is idle", func() bool { return strings.Contains(c.try("sinfo", "-h", "-o", "%T"), "idle") })
	return c
}

func (c *cluster) path(name string) string { return filepath.Join(c.dir, name) }

func (c *cluster) configure() {
	c.t.Helper()
	host, err := os.Hostname()
	if err != nil {
		c.t.Fatal(err)
	}
	host, _, _ = strings.Cut(host, ".")
	key := make([]byte, 128)
	rand.Read(key)
	// Files stand for GPUs. A job that is put back begins again when its old credentials have run out; the scheduler looks each second.
	conf := fmt.Sprintf(`ClusterName=test
SlurmctldHost=%[1]s(127.0.0.1)
SlurmUser=root
AuthType=auth/munge
AuthInfo=socket=%[2]s/munge.socket,cred_expire=5
CredType=cred/munge
ProctrackType=proctrack/pgid
TaskPlugin=task/none
SwitchType=switch/none
MpiDefault=none
JobAcctGatherType=jobacct_gather/none
ReturnToService=2
SlurmctldPort=%[3]d
SlurmdPort=%[4]d
SlurmctldPidFile=%[2]s/slurmctld.pid
SlurmdPidFile=%[2]s/slurmd.pid
SlurmdSpoolDir=%[2]s/spool
StateSaveLocation=%[2]s/state
SlurmctldLogFile=%[2]s/slurmctld.log
SlurmctldDebug=debug
SlurmdLogFile=%[2]s/slurmd.log
SchedulerType=sched/backfill
SchedulerParameters=sched_interval=1,sched_min_interval=0,bf_interval=1
SelectType=select/cons_tres
SelectTypeParameters=CR_CPU
SlurmdParameters=config_overrides
GresTypes=gpu
NodeName=%[1]s NodeAddr=127.0.0.1 CPUs=64 Boards=1 SocketsPerBoard=64 CoresPerSocket=1 ThreadsPerCore=1 RealMemory=16000 Gres=gpu:4 State=UNKNOWN
PartitionName=all Nodes=ALL Default=YES MaxTime=INFINITE State=UP
`, host, c.dir, freePort(c.t), freePort(c.t))
	for name, text := range map[string][]byte{"slurm.conf": []byte(conf), "munge.key": key, "gres.conf": []byte("Name=gpu File=" + c.path("gpu[0-3]") + "\n"),
		"gpu0": nil, "gpu1": nil, "gpu2": nil, "gpu3": nil} {
		if err := os.WriteFile(c.path(name), text, 0o600); err != nil {
			c.t.Fatal(err)
		}
	}
	for _, name := range []string{"spool", "state", "bin", "work"} {
		if err := os.Mkdir(c.path(name), 0o755); err != nil {
			c.t.Fatal(err)
		}
	}
	c.env = append(os.Environ(), "SLURM_CONF="+c.path("slurm.conf"), "PATH="+c.path("bin")+":"+os.Getenv("PATH"), "TMPDIR="+c.path("own"))
}

func freePort(t *testing.T) int {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return l.Addr().(*net.TCPAddr).Port
}

// daemon runs a program until the test has ended.
func (c *cluster) daemon(name string, args ...string) {
	c.t.Helper()
	cmd := exec.Command(name, args...)
	cmd.Dir, cmd.Env = c.dir, c.env
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGKILL}
	var said bytes.Buffer
	cmd.Stdout, cmd.Stderr = &said, &said
	if err := cmd.Start(); err != nil {
		c.t.Fatal(err)
	}
	c.t.Cleanup(func() {
		cmd.Process.Signal(syscall.SIGTERM)
		if err := cmd.Wait(); err != nil && c.t.Failed() {
			c.t.Logf("%s: %v\n%s", name, err, said.Bytes())
		}
	})
}

// run runs a command of a user in the folder of the jobs, and returns what it prints.
func (c *cluster) run(name string, args ...string) string {
	c.t.Helper()
	ctx, cancel := context.WithTimeout(c.t.Context(), patience)
	defer cancel()
	cmd := exec.CommandContext(ctx, name, args...)
	cmd.Dir, cmd.Env = c.path("work"), c.env
	out, err := cmd.CombinedOutput()
	if err != nil {
		c.t.Fatalf("%s %s: %v\n%s\n%s", name, strings.Join(args, " "), err, out, c.logs())
	}
	return strings.TrimSpace(string(out))
}

// background runs a command of a user in the folder of the jobs, with what it prints in a file there, and returns what waits for its end.
func (c *cluster) background(log, name string, args ...string) (wait func() error) {
	c.t.Helper()
	ctx, cancel := context.WithTimeout(c.t.Context(), patience)
	out, err := os.Create(c.path("work/" + log))
	if err != nil {
		c.t.Fatal(err)
	}
	cmd := exec.CommandContext(ctx, name, args...)
	cmd.Dir, cmd.Env, cmd.Stdout, cmd.Stderr = c.path("work"), c.env, out, out
	if err := cmd.Start(); err != nil {
		c.t.Fatal(err)
	}
	ended := make(chan error, 1)
	go func() { ended <- cmd.Wait(); out.Close(); cancel() }()
	return func() error { return <-ended }
}

// state is what became of a job, such as COMPLETED.
func (c *cluster) state(job string) string {
	_, after, _ := strings.Cut(c.try("scontrol", "show", "job", job), "JobState=")
	state, _, _ := strings.Cut(after, " ")
	return state
}

// said reports whether a file among the jobs, or the log of a daemon, holds a text.
func (c *cluster) said(file, text string) bool {
	all, _ := os.ReadFile(c.path(file)) // it may not be there yet
	return strings.Contains(string(all), text)
}

// try is run for what may fail for a while.
func (c *cluster) try(name string, args ...string) string {
	cmd := exec.CommandContext(c.t.Context(), name, args...)
	cmd.Env = c.env
	out, _ := cmd.Output() // nobody answers yet
	return string(out)
}

// until waits for something to come true.
func (c *cluster) until(what string, is func() bool) {
	c.t.Helper()
	end := time.After(patience)
	for tick := time.NewTicker(100 * time.Millisecond); !is(); {
		select {
		case <-tick.C:
		case <-end:
			c.t.Fatalf("it did not come true that %s\n%s", what, c.logs())
		}
	}
}

// logs are the ends of all logs.
func (c *cluster) logs() string {
	var b strings.Builder
	for _, pattern := range []string{"*.log", "work/*.log"} {
		names, _ := filepath.Glob(c.path(pattern)) // the pattern is well formed
		for _, name := range names {
			text, _ := os.ReadFile(name) // it may have gone
			fmt.Fprintf(&b, "%s\n%s\n", name, text[max(0, len(text)-3000):])
		}
	}
	return b.String()
}
