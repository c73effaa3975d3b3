package hub

import (
	"encoding/json"
	"fmt"
	"hash/fnv"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"reflect"
	"regexp"
	"strings"
	"sync/atomic"
	"testing"
)

// arena is a model server whose replies depend on what is asked alone: contestants say who they are and what they were asked,
// and the judge's scores are drawn from whose answers it sees.
type arena struct{ judged atomic.Int64 }

var answered = regexp.MustCompile(`(\S+) on (Puzzle \d+: [^.]*)\.`)

func (a *arena) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	var q struct {
		Model    string
		Messages []struct{ Content string }
	}
	if err := json.NewDecoder(r.Body).Decode(&q); err != nil || len(q.Messages) == 0 {
		http.Error(w, "no chat", http.StatusBadRequest)
		return
	}
	asked := q.Messages[len(q.Messages)-1].Content
	text := q.Model + " on " + asked + "."
	if shown := answered.FindAllStringSubmatch(asked, -1); q.Model == "llama3" && len(shown) == 2 {
		a.judged.Add(1)
		h := fnv.New64a()
		fmt.Fprint(h, shown)
		lot, scores := h.Sum64()>>8, []int{1, 6, 7, 10} // few, so that some means are equal
		text = fmt.Sprintf("Explanation: So it seems.\nScore-A: %d\nScore-B: %d", scores[lot%4], scores[lot/4%4])
	}
	w.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(w).Encode(map[string]any{ // a client that went away needs no answer
		"choices": []any{map[string]any{"message": map[string]string{"role": "assistant", "content": text}, "finish_reason": "stop"}},
		"usage":   map[string]int{"prompt_tokens": 1, "completion_tokens": 1},
	})
}

// pythonConfig has the keys, models and dataset of the Python program's own file.
const pythonConfig = `
default_endpoint:
  url: "URL"
judge_model:
  name: "JudgeModel"
  model_id: "llama3"
models:
  - {name: "Open hermes", model_id: "openhermes"}
  - {name: "Mistral v0.3", model_id: "mistral"}
  - {name: "Phi 3 medium", model_id: "phi3:14b"}
  - name: ChatGPT3.5
    model_id: "gpt-3.5-turbo"
    endpoint: {url: "URL", api_key: "sk-python"}
datasets:
  - name: "skunkworksAI/reasoning-0.01"
    description: "Reasoning dataset"
    split: "train"
    field: "instruction"
    limit: 10
`

// TestPythonProgram runs the Python OpenArena itself and openarena on one configuration, dataset and model server, and wants
// the same rows. The program has no licence under which it could be kept here: OPENARENA_PYTHON_PROGRAM says where its
// llm_arena.py is. Without it the rule that was read in it is tried, by TestRankedRowsByThePythonProgramsRule in cmd/openarena.
func TestPythonProgram(t *testing.T) {
	interpreter := python(t)
	program := os.Getenv("OPENARENA_PYTHON_PROGRAM")
	if program == "" {
		t.Skip("OPENARENA_PYTHON_PROGRAM does not say where the Python program's llm_arena.py is")
	}
	if out, err := exec.CommandContext(t.Context(), interpreter, "-m", "pip", "install", "-q", "aiohttp==3.14.5").CombinedOutput(); err != nil {
		t.Skipf("aiohttp cannot be installed: %v\n%s", err, out)
	}
	h := newHub(t)
	h.AddDataset("skunkworksAI/reasoning-0.01", reasoning())
	var models arena
	s := httptest.NewServer(&models)
	t.Cleanup(s.Close)
	config := strings.ReplaceAll(pythonConfig, "URL", s.URL+"/v1/chat/completions")

	theirs := t.TempDir()
	write(t, filepath.Join(theirs, "arena_config.yaml"), config)
	cmd := exec.CommandContext(t.Context(), interpreter, program)
	cmd.Dir, cmd.Env = theirs, append(os.Environ(), "HF_ENDPOINT="+h.URL, "HF_HOME="+theirs, "HF_HUB_DISABLE_XET=1", "HF_HUB_DISABLE_PROGRESS_BARS=1")
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("the Python program: %v\n%s", err, tail(string(out)))
	}
	data, err := os.ReadFile(filepath.Join(theirs, "training_data.json"))
	if err != nil {
		t.Fatal(err)
	}
	var want []row
	if err := json.Unmarshal(data, &want); err != nil {
		t.Fatal(err)
	}
	if n := models.judged.Swap(0); n != 60 || len(want) != 9 {
		t.Errorf("the Python program had %d pairs judged and wrote %d rows; want 60 and 9, since a prompt is there twice", n, len(want))
	}

	f := newFolder(t, "HF_ENDPOINT="+h.URL)
	write(t, filepath.Join(f.dir, "arena_config.yaml"), strings.Replace(config, `"llama3"`, `"llama3"`+"\n  protocol: scores", 1)+"judging: {orders: fixed}\n")
	f.openarena("run", "-c", "arena_config.yaml")
	var got []row
	for line := range strings.Lines(f.openarena("export", "-c", "arena_config.yaml", "--type", "ranked")) {
		var r row
		if err := json.Unmarshal([]byte(line), &r); err != nil {
			t.Fatal(err)
		}
		got = append(got, r)
	}
	if a, b := byPrompt(got), byPrompt(want); len(a) != len(got) || !reflect.DeepEqual(a, b) {
		t.Errorf("rows are\n%v\nthe Python program's\n%v", a, b)
	}
	t.Logf("%d rows are the same", len(want))
}

type row struct {
	Prompt string
	Ranked []map[string]any `json:"ranked_models"`
}

func byPrompt(rows []row) map[string]row {
	all := map[string]row{}
	for _, r := range rows {
		all[r.Prompt] = r
	}
	return all
}

// reasoning is a dataset of that name with rows of ours; the first ten have a prompt twice.
func reasoning() map[string][]byte {
	var b strings.Builder
	for i := range 20 {
		if i == 7 {
			i = 3
		}
		fmt.Fprintf(&b, "{\"instruction\": \"Puzzle %d: is %d odd?\", \"reasoning\": \"…\", \"output\": \"…\"}\n", i, i)
	}
	return map[string][]byte{"README.md": []byte("---\nlicense: apache-2.0\n---\n"), "reasoning.jsonl": []byte(b.String())}
}

func write(t *testing.T, name, text string) {
	t.Helper()
	if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

// programFolder is where openarena runs.
type programFolder struct {
	t           *testing.T
	dir, binary string
	env         []string
}

// newFolder builds openarena, and makes a folder for it.
func newFolder(t *testing.T, env ...string) *programFolder {
	t.Helper()
	f := &programFolder{t: t, dir: t.TempDir(), binary: filepath.Join(t.TempDir(), "openarena")}
	if out, err := exec.CommandContext(t.Context(), "go", "build", "-buildvcs=false", "-o", f.binary, "openarena/cmd/openarena").CombinedOutput(); err != nil {
		t.Fatalf("go build: %v\n%s", err, out)
	}
	f.env = append(append(os.Environ(), "HOME="+f.dir, "HF_HOME="+filepath.Join(f.dir, "hf"), "NO_COLOR=1"), env...)
	return f
}

// openarena runs the program, which must succeed, and returns its stdout.
func (f *programFolder) openarena(args ...string) string {
	f.t.Helper()
	var out, said strings.Builder
	cmd := exec.CommandContext(f.t.Context(), f.binary, args...)
	cmd.Dir, cmd.Env, cmd.Stdout, cmd.Stderr = f.dir, f.env, &out, &said
	if err := cmd.Run(); err != nil {
		f.t.Fatalf("openarena %q: %v\n%s%s", args, err, out.String(), said.String())
	}
	return out.String()
}
