package web

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"

	"openarena/internal/testkit/attacks"
)

// arenaOf runs an arena of the files given; a judge at JUDGE says what say makes of the number of its call.
func arenaOf(t *testing.T, files map[string]string, say func(n int) string) *world {
	t.Helper()
	var calls atomic.Int64
	judge := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		io.Copy(io.Discard, r.Body)
		n := int(calls.Add(1)) - 1
		json.NewEncoder(w).Encode(map[string]any{
			"choices": []any{map[string]any{"message": map[string]any{"role": "assistant", "content": say(n)}, "finish_reason": "stop"}},
			"usage":   map[string]any{"prompt_tokens": 5, "completion_tokens": 5},
		})
	}))
	defer judge.Close()
	dir := filepath.Join(t.TempDir(), "arena")
	if err := os.MkdirAll(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	for name, text := range files {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(strings.ReplaceAll(text, "JUDGE", judge.URL+"/v1")), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if err := run(dir); err != nil {
		t.Fatal(err)
	}
	return openWorld(t, dir)
}

// verdict is a reply of a judge with that explanation.
func verdict(explanation string) string {
	return fmt.Sprintf(`{"analysis": %s, "score_a": 7, "score_b": 5, "verdict": "A>B"}`, quoted(explanation))
}

func quoted(text string) string {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	e.Encode(text)
	return strings.TrimSpace(b.String())
}

// unharmed fails where a page holds what nobody of ours wrote.
func (w *world) unharmed(path string) {
	w.t.Helper()
	status, text := w.get(path)
	if status != http.StatusOK {
		w.t.Errorf("%s is %d", path, status)
	}
	for _, wrong := range attacks.Audit(text, false) {
		w.t.Errorf("%s: %.300s", path, wrong)
	}
}

// TestAttacksAsTexts: every text of the corpus is a prompt with its category, an answer and what a judge says.
func TestAttacksAsTexts(t *testing.T) {
	all := attacks.All()
	var prompts, x, y strings.Builder
	for i, a := range all {
		prompt := quoted(fmt.Sprint(i, " ", a.Text))
		fmt.Fprintf(&prompts, `{"prompt": %s, "topic": %s, "ideal": %s}`+"\n", prompt, quoted(all[(i+1)%len(all)].Name+"<b>"), quoted(a.Text))
		fmt.Fprintf(&x, `{"prompt": %s, "output": %s}`+"\n", prompt, quoted(a.Text))
		fmt.Fprintf(&y, `{"prompt": %s, "output": %s}`+"\n", prompt, quoted("so "+all[(i+7)%len(all)].Text))
	}
	w := arenaOf(t, map[string]string{
		"arena.yaml": `models:
  - {name: X, answers: {path: x.jsonl, prompt_field: prompt, field: output}}
  - {name: Y, answers: {path: y.jsonl, prompt_field: prompt, field: output}}
judges: [{name: J, model_id: j, endpoint: {url: JUDGE}, max_invalid_rate: 1}]
judging: {orders: fixed}
datasets: [{path: prompts.jsonl, category_field: topic, reference_field: ideal}]
`, "prompts.jsonl": prompts.String(), "x.jsonl": x.String(), "y.jsonl": y.String(),
	}, func(n int) string { return verdict(all[n%len(all)].Text) })
	paths := w.battlePaths()
	if len(paths) != len(all) {
		t.Errorf("there are %d battles; want one for each of %d attacks", len(paths), len(all))
	}
	for i, path := range paths {
		w.unharmed(path + "?view=" + views[i%len(views)].Name)
		if i%8 == 0 {
			w.unharmed("/prompt/" + strings.Split(path, "/")[2])
		}
	}
	for _, l := range navigation() {
		w.unharmed(l.Path)
	}
}

// TestAttacksAsNames: models and judges are called so.
func TestAttacksAsNames(t *testing.T) {
	all := attacks.Lines()
	var models strings.Builder
	for _, a := range all {
		name := strings.ReplaceAll(quoted(a.Text), "$", "$$")
		fmt.Fprintf(&models, "  - {name: %s, model_id: %s, answers: {path: x.jsonl, prompt_field: prompt, field: output}}\n", name, name)
	}
	w := arenaOf(t, map[string]string{
		"arena.yaml": `models:
  - {name: X, answers: {path: y.jsonl, prompt_field: prompt, field: output}}
` + models.String() + `judges: [{name: ` + quoted(all[0].Text) + `, model_id: j, endpoint: {url: JUDGE}}]
judging: {orders: fixed, pairs: {baseline: X}}
datasets: [{path: prompts.jsonl}]
`, "prompts.jsonl": `{"prompt": "p"}`, "x.jsonl": `{"prompt": "p", "output": "one"}`, "y.jsonl": `{"prompt": "p", "output": "two"}`,
	}, func(int) string { return verdict("so") })
	paths := w.battlePaths()
	if len(paths) != len(all) {
		t.Errorf("there are %d battles; want one for each of %d names", len(paths), len(all))
	}
	for _, path := range paths {
		w.unharmed(path)
	}
	w.unharmed("/prompt/" + strings.Split(paths[0], "/")[2])
	for _, l := range navigation() {
		w.unharmed(l.Path)
	}
}
