package ollama

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"openarena/internal/testkit/ociregistry"
)

const (
	root = "../../../.."
	// patience is how long one step may take on however slow a machine.
	patience = 9 * time.Minute
)

// stage is everything that the tests share: a registry, a real Ollama without a model, and the program.
type stage struct {
	registry *ociregistry.Registry
	server   *Server
	counter  *Counter
	url      string // of the counter
	program  string
	size     int64 // bytes of the model
}

// set builds the stage, or skips the test.
func set(t *testing.T) *stage {
	t.Helper()
	if os.Getenv("OPENARENA_REAL") == "" {
		t.Skip("a real Ollama takes minutes and a download: `make test-real` tries it")
	}
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	binary, err := Build(ctx, root)
	if err != nil {
		t.Skip(err)
	}
	weights, err := Weights(ctx, root)
	if err != nil {
		t.Skip(err)
	}
	s := &stage{program: filepath.Join(t.TempDir(), "openarena")}
	if out, err := exec.CommandContext(ctx, "go", "build", "-buildvcs=false", "-o", s.program, "openarena/cmd/openarena").CombinedOutput(); err != nil {
		t.Fatalf("go build: %v\n%s", err, out)
	}
	if s.registry, err = ociregistry.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.registry.Close() })
	about, err := os.Stat(weights)
	if err != nil {
		t.Fatal(err)
	}
	s.size = about.Size()
	for _, name := range []string{"smol:latest"} {
		if err := Offer(s.registry, name, weights); err != nil {
			t.Fatal(err)
		}
	}
	s.start(t, ctx, binary)
	s.counter = NewCounter(s.server.Address)
	front := httptest.NewServer(s.counter)
	t.Cleanup(front.Close)
	s.url = front.URL
	return s
}

func (s *stage) start(t *testing.T, ctx context.Context, binary string) {
	t.Helper()
	log, err := os.Create(filepath.Join(t.TempDir(), "ollama.log"))
	if err != nil {
		t.Fatal(err)
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	s.server = &Server{Binary: binary, Home: t.TempDir(), Address: l.Addr().String(), Log: log}
	l.Close()
	t.Cleanup(func() {
		s.server.Kill()
		log.Close()
		if text, err := os.ReadFile(log.Name()); err == nil && t.Failed() {
			t.Logf("Ollama's log ends with\n%s", text[max(0, len(text)-4000):])
		}
	})
	if err := s.server.Start(ctx); err != nil {
		t.Skipf("Ollama does not run here: %v", err)
	}
}

// folder is where one arena lies.
type folder struct {
	t       *testing.T
	program string
	dir     string
}

// arena writes a file, in which MODEL and URL stand for the model and the server, and so many prompts.
func (s *stage) arena(t *testing.T, yaml string, prompts ...string) *folder {
	t.Helper()
	f := &folder{t, s.program, t.TempDir()}
	yaml = strings.NewReplacer("MODEL", s.registry.Name("smol"), "NOPE", s.registry.Name("nope"), "URL", s.url).Replace(yaml)
	f.write("arena.yaml", yaml+"\ndatasets: [{path: prompts.jsonl}]\n")
	var lines strings.Builder
	for _, p := range prompts {
		line, _ := json.Marshal(map[string]string{"prompt": p})
		lines.Write(append(line, '\n'))
	}
	f.write("prompts.jsonl", lines.String())
	return f
}

func (f *folder) write(name, text string) {
	f.t.Helper()
	if err := os.WriteFile(filepath.Join(f.dir, name), []byte(text), 0o600); err != nil {
		f.t.Fatal(err)
	}
}

func (f *folder) command(args ...string) (*exec.Cmd, *bytes.Buffer, *bytes.Buffer) {
	ctx, cancel := context.WithTimeout(f.t.Context(), patience)
	f.t.Cleanup(cancel)
	cmd := exec.CommandContext(ctx, f.program, args...)
	var out, said bytes.Buffer
	cmd.Dir, cmd.Stdout, cmd.Stderr = f.dir, &out, &said
	cmd.Env = append(os.Environ(), "HOME="+f.dir, "NO_COLOR=1")
	return cmd, &out, &said
}

// want runs the program, which must end with that code, and returns what it said.
func (f *folder) want(code int, args ...string) (stdout, stderr string) {
	f.t.Helper()
	cmd, out, said := f.command(args...)
	if got := ended(f.t, cmd.Run()); got != code {
		f.t.Fatalf("openarena %s ended with %d; want %d\n%s%s", strings.Join(args, " "), got, code, out, said)
	}
	return out.String(), said.String()
}

func ended(t *testing.T, err error) int {
	t.Helper()
	var exit *exec.ExitError
	switch {
	case err == nil:
		return 0
	case errors.As(err, &exit):
		return exit.ExitCode()
	}
	t.Fatal(err)
	return -1
}

// done is how many answers and judgments there are.
func (f *folder) done() (answers, judgments int) {
	f.t.Helper()
	out, _ := f.want(0, "status", "--json")
	var st struct {
		Generate, Judge struct{ Done int }
	}
	if err := json.Unmarshal([]byte(out), &st); err != nil {
		f.t.Fatalf("%v\n%s", err, out)
	}
	return st.Generate.Done, st.Judge.Done
}

// pair is an arena of two contestants and a judge with a schema, all of them the one model.
const pair = `default_endpoint: {url: "URL", kind: ollama, concurrency: 2, timeout: 5m}
models:
  - {name: Calm, model_id: "MODEL", params: {temperature: 0, max_tokens: 16, seed: 1}}
  - {name: Wild, model_id: "MODEL", params: {temperature: 1.2, max_tokens: 16, seed: 1}, keep_alive: 10m}
judges: [{name: Judge, model_id: "MODEL", analysis: none, reask: 0, max_invalid_rate: 1, params: {temperature: 0, max_tokens: 60}}]
`

func TestOllama(t *testing.T) {
	s := set(t)
	t.Run("a pull that is cut and called off goes on in the next run", func(t *testing.T) { s.pulls(t) })
	if t.Failed() {
		return // without the model nothing else can be tried
	}
	t.Run("a model that the registry does not have", func(t *testing.T) { s.unknown(t) })
	t.Run("a prompt that does not fit is a failure", func(t *testing.T) { s.cut(t) })
	t.Run("a restart in mid-run loses nothing and pays nothing twice", func(t *testing.T) { s.restarts(t) })
}

func (s *stage) pulls(t *testing.T) {
	f := s.arena(t, pair, "What is two and two?")
	s.registry.BreakAfter(s.size / 3)
	cmd, out, said := f.command("run")
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	for begin := time.Now(); s.registry.Sent() < s.size/3; time.Sleep(20 * time.Millisecond) {
		if time.Since(begin) > patience {
			t.Fatalf("only %d bytes were pulled\n%s", s.registry.Sent(), said)
		}
	}
	if err := cmd.Process.Signal(os.Interrupt); err != nil {
		t.Fatal(err)
	}
	if code := ended(t, cmd.Wait()); code != 130 {
		t.Fatalf("the run that was called off ended with %d; want 130\n%s%s", code, out, said)
	}
	s.registry.BreakAfter(-1)
	f.want(0, "run")
	if sent := s.registry.Sent(); sent > s.size*3/2 {
		t.Errorf("%d bytes of %d were pulled: the second run began anew", sent, s.size)
	}
	if a, j := f.done(); a != 2 || j != 2 {
		t.Errorf("%d answers and %d judgments; want 2 and 2", a, j)
	}
	before := s.counter.Whole()
	f.want(0, "run")
	if n := s.counter.Whole() - before; n != 0 {
		t.Errorf("a run with nothing left to do made %d calls", n)
	}
}

func (s *stage) unknown(t *testing.T) {
	f := s.arena(t, strings.Replace(pair, `name: Wild, model_id: "MODEL"`, `name: Wild, model_id: "NOPE"`, 1), "What is two and two?")
	if _, said := f.want(4, "generate"); !strings.Contains(said, "its registry has no such model") {
		t.Errorf("the run says %q; want that the registry does not have the model", said)
	}
	if a, _ := f.done(); a != 1 {
		t.Errorf("%d answers; want that of the other model", a)
	}
}

// long is a prompt of about so many tokens.
func long(tokens int) string {
	return strings.Repeat("The quick brown fox jumps over the lazy dog. ", tokens/10) + "Which animal is lazy?"
}

func (s *stage) cut(t *testing.T) {
	generates := func(yaml string, code int) string {
		t.Helper()
		f := s.arena(t, yaml, "What is two and two?", long(330))
		_, said := f.want(code, "generate")
		out, _ := f.want(0, "failures")
		if a, _ := f.done(); code == 3 && (a != 2 || !strings.Contains(out, "prompt_cut")) {
			t.Errorf("%d answers, failures %q; want 2, and prompts that were cut\n%s", a, out, said)
		} else if code == 0 && a != 4 {
			t.Errorf("%d answers; want 4, with nothing cut\n%s", a, said)
		}
		return out
	}
	if out := generates(strings.ReplaceAll(pair, "MODEL\"", "MODEL\", num_ctx: 256"), 3); !strings.Contains(out, "num_ctx: auto") {
		t.Errorf("failures say %q; want what to do", out)
	}
	// The server's own context is 256, too; behind /v1 nobody can size it.
	if out := generates(strings.NewReplacer("URL", "URL/v1", ", kind: ollama", "").Replace(pair), 3); !strings.Contains(out, "kind: ollama") {
		t.Errorf("failures say %q; want what to do", out)
	}
	generates(pair, 0)
}

func (s *stage) restarts(t *testing.T) {
	var prompts []string
	for i := range 3 {
		prompts = append(prompts, fmt.Sprintf("What is %d and %d?", i, i+1))
	}
	f := s.arena(t, pair, prompts...)
	before := s.counter.Whole()
	cmd, out, said := f.command("run")
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	over := make(chan struct{})
	var code int
	go func() {
		code = ended(t, cmd.Wait())
		close(over)
	}()
	for _, n := range []int{2, 8} {
		s.counter.Wait(before+n, over)
		s.server.Kill()
		if err := s.server.Start(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	<-over
	if code != 0 {
		t.Fatalf("the run ended with %d\n%s%s", code, out, said)
	}
	a, j := f.done()
	if a != 6 || j != 6 {
		t.Errorf("%d answers and %d judgments; want 6 and 6", a, j)
	}
	if n := s.counter.Whole() - before; n > a+j || n < a {
		t.Errorf("the server was paid %d times for %d answers and %d judgments", n, a, j)
	}
}
