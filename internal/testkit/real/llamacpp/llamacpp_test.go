package llamacpp

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

const (
	key     = "sk-real-0123456789abcdef"
	prompts = 3
	// patience is how long anything may take on however slow a machine.
	patience = 8 * time.Minute
)

// llamaCpp starts a server that must end with the test; whether it is ready is for the caller to wait for.
func llamaCpp(t *testing.T, env ...string) *Server {
	t.Helper()
	wanted(t)
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	if err := Fetch(ctx, root); err != nil {
		t.Skip(err)
	}
	log, err := os.Create(filepath.Join(t.TempDir(), "server.log"))
	if err != nil {
		t.Fatal(err)
	}
	s := NewServer(root, freePort(t), key, log, env...)
	start(t, s)
	t.Cleanup(func() {
		s.Kill()
		log.Close()
		if text, err := os.ReadFile(log.Name()); err == nil && t.Failed() {
			t.Logf("the server's log ends with\n%s", text[max(0, len(text)-3000):])
		}
	})
	return s
}

func start(t *testing.T, s *Server) {
	t.Helper()
	if err := s.Start(); err != nil {
		t.Skipf("the server cannot be started here: %v", err)
	}
}

func await(t *testing.T, s *Server, status int) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	if err := s.Await(ctx, status); err != nil {
		t.Fatal(err)
	}
}

const arena = `default_endpoint: {url: "${URL}", api_key: "${KEY}", concurrency: 2}
models:
  - {name: Cold, model_id: smollm2-135m, params: {temperature: 0, max_tokens: 16}}
  - {name: Warm, model_id: smollm2-135m, params: {temperature: 0.8, seed: 7, max_tokens: 16}}
judge_model: {name: Judge, model_id: smollm2-135m, analysis: none, params: {temperature: 0.7, max_tokens: 80}, structured: json_schema, reask: 0}
datasets: [{path: prompts.txt}]
`

// standing is what `status --json` tells of an arena.
type standing struct {
	Generate struct{ Done int }
	Judge    struct{ Done, Invalid int }
	Models   []struct{ Calls int }
	Judges   []struct{ Calls int }
}

func read(t *testing.T, status string) (st standing) {
	t.Helper()
	if err := json.Unmarshal([]byte(status), &st); err != nil {
		t.Fatal(err)
	}
	return st
}

// calls is how many replies are in the books: two equal answers are a tie without one.
func (st standing) calls() (n int) {
	for _, m := range append(st.Models, st.Judges...) {
		n += m.Calls
	}
	return n
}

func questions() string {
	var b strings.Builder
	for i := range prompts {
		fmt.Fprintf(&b, "What is %d and %d?\n", i, i+1)
	}
	return b.String()
}

// TestLlamaCpp runs an arena on a real llama.cpp server: the doctor, a judge with a schema, a name that the server does not
// know, a prompt that is too long, keys.
func TestLlamaCpp(t *testing.T) {
	s := llamaCpp(t, "CONTEXT=1024")
	binary := program(t)
	f := newFolder(t, binary, "URL="+s.URL(), "KEY="+key)
	f.write("arena.yaml", arena)
	f.write("prompts.txt", questions())

	t.Run("a run begins while the server loads its model", func(t *testing.T) {
		await(t, s, 0)
		f.openarena(0, "run")
		out, _ := f.openarena(0, "status", "--json")
		st := read(t, out)
		if st.Generate.Done != 2*prompts || st.Judge.Done != 2*prompts || st.Judge.Invalid > prompts {
			t.Errorf("status is %+v; want %d answers and verdicts, most of which can be read", st, 2*prompts)
		}
	})
	t.Run("doctor", func(t *testing.T) {
		out, said := f.openarena(0, "doctor")
		for _, want := range []string{"key         accepted", "models      smollm2-135m", "Cold: answers in", "structured output: json_schema"} {
			if !strings.Contains(out, want) {
				t.Errorf("doctor does not say %q:\n%s%s", want, out, said)
			}
		}
	})
	t.Run("a wrong key", func(t *testing.T) {
		g := newFolder(t, binary, "URL="+s.URL(), "KEY=sk-wrong-0123456789")
		g.write("arena.yaml", arena)
		g.write("prompts.txt", questions())
		if out, _ := g.openarena(4, "doctor"); !strings.Contains(out, "failed   key") || !strings.Contains(out, "check api_key") {
			t.Errorf("doctor says\n%s", out)
		}
		if _, said := g.openarena(4, "run"); !strings.Contains(said, "check api_key") || strings.Contains(said, "sk-wrong") {
			t.Errorf("run says\n%s", said)
		}
	})
	t.Run("a name that the server does not know", func(t *testing.T) {
		g := newFolder(t, binary, "URL="+s.URL(), "KEY="+key)
		g.write("arena.yaml", strings.Replace(arena, "model_id: smollm2-135m, params: {temperature: 0,", "model_id: smolm2, params: {temperature: 0,", 1))
		g.write("prompts.txt", "What is one and one?\n")
		if out, _ := g.openarena(0, "doctor"); !strings.Contains(out, "the server does not list smolm2, but answers") {
			t.Errorf("doctor says\n%s", out)
		}
		if _, said := g.openarena(0, "generate"); strings.Count(said, `was asked for "smolm2" and answers as "smollm2-135m"`) != 1 {
			t.Errorf("a run does not say once that another model answers:\n%s", said)
		}
	})
	t.Run("a prompt that is too long fails alone", func(t *testing.T) {
		g := newFolder(t, binary, "URL="+s.URL(), "KEY="+key)
		g.write("arena.yaml", arena)
		g.write("prompts.txt", "What is one and one?\n"+strings.Repeat("word ", 3000)+"\n")
		g.openarena(3, "run")
		out, _ := g.openarena(0, "failures", "--json")
		if n := strings.Count(out, `"context_length"`); n != 2 || strings.Count(out, `"permanent":true`) != 2 {
			t.Errorf("failures are\n%s\nwant 2 for the context, for good", out)
		}
	})
}

// TestLlamaCppRestarts kills the server in the middle of a run and starts it anew. Nothing is lost, and nothing that was answered
// is asked for again, in this run or the next.
func TestLlamaCppRestarts(t *testing.T) {
	s := llamaCpp(t)
	await(t, s, 200)
	once, err := NewOnce(s.URL())
	if err != nil {
		t.Fatal(err)
	}
	proxy := httptest.NewServer(once)
	t.Cleanup(proxy.Close)
	f := newFolder(t, program(t), "URL="+proxy.URL+"/v1", "KEY="+key)
	f.write("arena.yaml", arena)
	f.write("prompts.txt", questions())

	cmd, _, said := f.command("run")
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	reach(t, once, prompts/2)
	s.Kill()
	start(t, s)
	err = cmd.Wait()
	t.Logf("the run that met the restart: %v\n%s", err, said)
	await(t, s, 200)
	f.openarena(0, "run")
	total, twice, loading, _ := once.Answers()
	out, _ := f.openarena(0, "status", "--json")
	st := read(t, out)
	if st.Generate.Done != 2*prompts || st.Judge.Done != 2*prompts {
		t.Errorf("status is %+v; want %d answers and verdicts", st, 2*prompts)
	}
	if total != st.calls() || twice != 0 {
		t.Errorf("%d whole answers, %d of them to requests that had one; the books hold %d and none should be there twice", total, twice, st.calls())
	}
	f.openarena(0, "run")
	if again, _, _, _ := once.Answers(); again != total {
		t.Errorf("a run that has nothing to do made %d calls", again-total)
	}
	f.openarena(0, "db", "check")
	t.Attr("figure", fmt.Sprintf("whole answers: %d, paid twice: %d, refused while loading: %d", total, twice, loading))
}

// reach waits for so many whole answers.
func reach(t *testing.T, o *Once, n int) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	for {
		total, _, _, changed := o.Answers()
		if total >= n {
			return
		}
		select {
		case <-changed:
		case <-ctx.Done():
			t.Fatalf("%d answers; want %d", total, n)
		}
	}
}
