package browser

import (
	"encoding/json"
	"strings"
	"testing"
)

// ordinary is an arena as people have it: names long and short, prompts in several scripts, two datasets with categories, and
// two judges that do not always agree.
const ordinary = `default_endpoint: {url: "URL"}
models:
  - {name: Llama 3.2, model_id: llama, price: {input: 0.1, output: 0.4}}
  - {name: "Qwen2.5-Coder-32B-Instruct-GPTQ-Int4 with a system prompt and a name that goes on", model_id: qwen, price: {input: 0.6, output: 1.2}}
  - {name: مرحبا 7B, model_id: marhaba, price: {input: 0.2, output: 0.2}}
  - {name: Gemma, model_id: gemma}
judges:
  - {name: Careful, model_id: careful, price: {input: 1, output: 2}}
  - {name: Hasty, model_id: hasty, protocol: verdict3}
datasets:
  - {path: questions.jsonl, field: prompt, category_field: topic}
  - {path: tasks.jsonl, field: prompt, category_field: topic}
`

// questions and tasks are its prompts, by category.
var (
	questions = [][2]string{
		{"facts", "What is the capital of Australia?"}, {"facts", "ما هي عاصمة أستراليا؟"}, {"facts", "オーストラリアの首都はどこですか。"},
		{"reasoning", "I have 12 apples and give away 5. How many are left?"}, {"reasoning", "כמה זמן נוסעת הרכבת?\nהיא יוצאת ב־9:40 ומגיעה ב־11:05."},
		{"reasoning", "A very long question. " + strings.Repeat("It goes on and says little that is new. ", 60)},
	}
	tasks = [][2]string{
		{"code", "Explain:\n```go\nfor i := range 10 { fmt.Println(i) }\n```\n" + strings.Repeat("unbroken", 60)},
		{"writing", "Write two lines of a poem about the first snow."}, {"writing", "## A title\n\n- one\n- two\n\n| a | b |\n|---|---|\n| 1 | 2 |"},
	}
)

func rows(t *testing.T, prompts [][2]string) string {
	t.Helper()
	var b strings.Builder
	for _, p := range prompts {
		line, err := json.Marshal(map[string]string{"topic": p[0], "prompt": p[1]})
		check(t, err)
		b.Write(line)
		b.WriteByte('\n')
	}
	return b.String()
}

// ordinaryArena makes one that has not run.
func ordinaryArena(t *testing.T) *Arena {
	t.Helper()
	return newArena(t, map[string]string{"arena.yaml": ordinary, "questions.jsonl": rows(t, questions), "tasks.jsonl": rows(t, tasks)})
}
