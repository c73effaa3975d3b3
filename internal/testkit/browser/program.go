package browser

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"sync"
)

// root is the top of the repository, from here.
const root = "../../.."

// Program is the real program, the fake model server and the corpus of attacks, built from this tree.
type Program struct{ folder string }

// Build builds into a folder.
func Build(ctx context.Context, root, folder string) (*Program, error) {
	cmd := exec.CommandContext(ctx, "go", "build", "-o", folder+string(filepath.Separator), "./cmd/openarena", "./internal/testkit/cmd/fakellm", "./internal/testkit/cmd/attacks")
	cmd.Dir = root
	cmd.Env = append(os.Environ(), "CGO_ENABLED=0", "GOWORK=off")
	if out, err := cmd.CombinedOutput(); err != nil {
		return nil, fmt.Errorf("go build: %w\n%s", err, out)
	}
	return &Program{folder}, nil
}

// Arena is a folder with an arena.yaml.
type Arena struct {
	program *Program
	Folder  string
}

// Arena makes an arena of files, in a folder that is there.
func (p *Program) Arena(folder string, files map[string]string) (*Arena, error) {
	for name, text := range files {
		if err := os.WriteFile(filepath.Join(folder, name), []byte(text), 0o600); err != nil {
			return nil, err
		}
	}
	return &Arena{p, folder}, nil
}

func (a *Arena) command(ctx context.Context, args ...string) *exec.Cmd {
	cmd := exec.CommandContext(ctx, filepath.Join(a.program.folder, "openarena"), args...)
	cmd.Dir = a.Folder
	return cmd
}

// Run runs the program to its end, and returns what it printed. Only the exit code 0 is none of an error.
func (a *Arena) Run(ctx context.Context, args ...string) (stdout string, err error) {
	var out, told bytes.Buffer
	cmd := a.command(ctx, args...)
	cmd.Stdout, cmd.Stderr = &out, &told
	if err := cmd.Run(); err != nil {
		return out.String(), fmt.Errorf("openarena %q: %w\n%s%s", args, err, out.Bytes(), told.Bytes())
	}
	return out.String(), nil
}

// Process is a program that goes on until it is stopped.
type Process struct {
	URL string // where it listens
	cmd *exec.Cmd

	mu   sync.Mutex
	told bytes.Buffer
	over chan struct{}
	err  error
}

// Start starts a command of the program beside others, such as run.
func (a *Arena) Start(ctx context.Context, args ...string) (*Process, error) {
	return start(a.command(ctx, args...), nil)
}

var address = regexp.MustCompile(`http://\S+`)

// Serve starts openarena serve on a free port.
func (a *Arena) Serve(ctx context.Context, args ...string) (*Process, error) {
	return start(a.command(ctx, append([]string{"serve", "--address", "127.0.0.1:0"}, args...)...), address)
}

// Models starts the fake model server.
func (p *Program) Models(ctx context.Context, args ...string) (*Process, error) {
	return start(exec.CommandContext(ctx, filepath.Join(p.folder, "fakellm"), args...), address)
}

// start starts a process, and where there is a pattern waits until it has said its address.
func start(cmd *exec.Cmd, says *regexp.Regexp) (*Process, error) {
	r, w, err := os.Pipe()
	if err != nil {
		return nil, err
	}
	cmd.Stdout, cmd.Stderr = w, w
	err = cmd.Start()
	w.Close()
	if err != nil {
		r.Close()
		return nil, err
	}
	p := &Process{cmd: cmd, over: make(chan struct{})}
	said := make(chan string, 1)
	go p.listen(r, says, said)
	if says == nil {
		return p, nil
	}
	select {
	case p.URL = <-said:
		return p, nil
	case <-p.over:
		return nil, fmt.Errorf("%s ended before it said where it listens: %v\n%s", cmd, p.err, p.Told())
	}
}

// listen keeps what a process says until it ends.
func (p *Process) listen(r io.ReadCloser, says *regexp.Regexp, said chan<- string) {
	defer r.Close()
	lines := bufio.NewReader(r)
	for {
		line, err := lines.ReadString('\n')
		p.mu.Lock()
		p.told.WriteString(line)
		p.mu.Unlock()
		if says != nil {
			if found := says.FindString(line); found != "" {
				said <- found
				says = nil
			}
		}
		if err != nil {
			break
		}
	}
	p.err = p.cmd.Wait()
	close(p.over)
}

// Told is what it has said so far.
func (p *Process) Told() string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.told.String()
}

// Wait waits until it ends.
func (p *Process) Wait() error {
	<-p.over
	return p.err
}

// Stop interrupts it and waits until it has ended.
func (p *Process) Stop() error {
	if err := p.cmd.Process.Signal(os.Interrupt); err != nil && !errors.Is(err, os.ErrProcessDone) {
		return err
	}
	return p.Wait()
}

// Attack is a text that would do something if a page showed it in a wrong way.
type Attack struct {
	Name, Text string
	Line       bool // it can be a name
}

// Attacks are the corpus of internal/testkit/attacks.
func (p *Program) Attacks(ctx context.Context) (all []Attack, err error) {
	out, err := exec.CommandContext(ctx, filepath.Join(p.folder, "attacks")).Output()
	if err != nil {
		return nil, err
	}
	for d := json.NewDecoder(bytes.NewReader(out)); ; {
		var a Attack
		if err := d.Decode(&a); err != nil {
			if err == io.EOF {
				return all, nil
			}
			return nil, err
		}
		all = append(all, a)
	}
}
