package dataset

import (
	"bytes"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/parquet-go/parquet-go"

	"openarena/configs"
)

// TestPublicShapes reads rows in the shapes of public sets, by the settings that their users would write.
func TestPublicShapes(t *testing.T) {
	for _, c := range []struct {
		set, row string
		settings configs.Dataset
		want     string // what read says behind the place
	}{
		{"skunkworksAI/reasoning-0.01", `{"instruction":"Q","reasoning":"R","output":"A","reasoning_chains":[{"step":1,"thought":"T"}]}`,
			configs.Dataset{Field: "instruction"}, " | user: Q"},
		{"HuggingFaceH4/ultrafeedback_binarized", `{"prompt":"Q","prompt_id":"1","chosen":[{"content":"Q","role":"user"},{"content":"A","role":"assistant"}],"rejected":[],"messages":[],"score_chosen":8.0}`,
			configs.Dataset{}, " | user: Q"},
		{"the same, by its chosen answer", `{"prompt":"Q","chosen":[{"content":"Q","role":"user"},{"content":"A","role":"assistant"}]}`,
			configs.Dataset{Field: "chosen"}, " | user: Q"},
		{"HuggingFaceH4/ultrachat_200k", `{"prompt":"Q","prompt_id":"1","messages":[{"content":"Q","role":"user"},{"content":"A","role":"assistant"},{"content":"Q2","role":"user"},{"content":"A2","role":"assistant"}]}`,
			configs.Dataset{Field: "messages"}, " | user: Q | assistant: A | user: Q2"},
		{"the same, its first question alone", `{"messages":[{"content":"Q","role":"user"},{"content":"A","role":"assistant"}]}`,
			configs.Dataset{Field: "messages[0].content"}, " | user: Q"},
		{"teknium/OpenHermes-2.5", `{"custom_instruction":null,"conversations":[{"from":"human","value":"Q","weight":null},{"from":"gpt","value":"A","weight":null}],"source":"s","system_prompt":null}`,
			configs.Dataset{Field: "conversations", SystemField: "system_prompt"}, " | user: Q"},
		{"Open-Orca/SlimOrca", `{"conversations":[{"from":"system","value":"S","weight":null},{"from":"human","value":"Q","weight":0},{"from":"gpt","value":"A","weight":1}]}`,
			configs.Dataset{Field: "conversations"}, " | system: S | user: Q"},
		{"Open-Orca/OpenOrca", `{"id":"flan.1","system_prompt":"","question":"Q","response":"A"}`,
			configs.Dataset{Field: "question", SystemField: "system_prompt"}, " | user: Q"},
		{"Intel/orca_dpo_pairs", `{"system":"S","question":"Q","chosen":"A","rejected":"B"}`,
			configs.Dataset{Field: "question", SystemField: "system"}, " | system: S | user: Q"},
		{"lmsys/lmsys-chat-1m", `{"conversation_id":"c","model":"m","conversation":[{"content":"Q","role":"user"},{"content":"A","role":"assistant"}],"turn":1,"language":"English","openai_moderation":[{"flagged":false}],"redacted":false}`,
			configs.Dataset{Field: "conversation", CategoryField: "language"}, " | user: Q | category: English"},
		{"allenai/WildChat-1M", `{"conversation":[{"content":"Q","role":"user","toxic":false,"turn_identifier":7},{"content":"A","role":"assistant","toxic":false,"turn_identifier":7}],"model":"m","hashed_ip":"x"}`,
			configs.Dataset{Field: "conversation"}, " | user: Q"},
		{"allenai/tulu-3-sft-mixture", `{"id":"1","messages":[{"content":"Q","role":"user"},{"content":"A","role":"assistant"}],"source":"s"}`,
			configs.Dataset{Field: "messages", CategoryField: "source"}, " | user: Q | category: s"},
		{"tatsu-lab/alpaca", `{"instruction":"I","input":"","output":"A","text":"T"}`,
			configs.Dataset{Template: "{{.instruction}}{{if .input}}\n\n{{.input}}{{end}}"}, " | user: I"},
		{"the same, with an input", `{"instruction":"I","input":"X","output":"A","text":"T"}`,
			configs.Dataset{Template: "{{.instruction}}{{if .input}}\n\n{{.input}}{{end}}"}, " | user: I\n\nX"},
		{"databricks/databricks-dolly-15k", `{"instruction":"I","context":"X","response":"A","category":"open_qa"}`,
			configs.Dataset{Template: "{{.context}}\n\n{{.instruction}}", CategoryField: "category"}, " | user: X\n\nI | category: open_qa"},
		{"openai/gsm8k", `{"question":"Q","answer":"5 #### 5"}`,
			configs.Dataset{Field: "question", ReferenceField: "answer"}, " | user: Q | reference: 5 #### 5"},
		{"MT-Bench's question.jsonl", `{"question_id":81,"category":"writing","turns":["Q1","Q2"]}`,
			configs.Dataset{Field: "turns[0]", CategoryField: "category"}, " | user: Q1 | category: writing"},
		{"the same, its last question", `{"question_id":81,"turns":["Q1","Q2"]}`,
			configs.Dataset{Field: "turns[-1]"}, " | user: Q2"},
		{"the same, without saying which", `{"question_id":81,"turns":["Q1","Q2"]}`,
			configs.Dataset{Field: "turns"}, ": field turns is a list of texts; write field: turns[0] for the first of them"},
		{"Arena-Hard's question.jsonl", `{"question_id":"x","category":"arena-hard-v0.1","cluster":"c","turns":[{"content":"Q"}]}`,
			configs.Dataset{Field: "turns[0].content", CategoryField: "cluster"}, " | user: Q | category: c"},
		{"nvidia/HelpSteer2", `{"prompt":"Q","response":"A","helpfulness":3,"verbosity":2}`, configs.Dataset{}, " | user: Q"},
		{"nvidia/HelpSteer3", `{"domain":"code","language":"go","context":[{"role":"user","content":"Q"}],"response1":"A"}`,
			configs.Dataset{Field: "context", CategoryField: "domain"}, " | user: Q | category: code"},
		{"lmarena-ai/arena-human-preference-140k", `{"conversation_a":[{"role":"user","content":[{"type":"text","text":"Q","image":null}]},{"role":"assistant","content":[{"type":"text","text":"A","image":null}]}]}`,
			configs.Dataset{Field: "conversation_a"}, " | user: Q"},
		{"Kaggle's LMSYS, a list as JSON in a cell", `{"id":1,"prompt":"[\"Q1\",\"Q2\"]"}`, configs.Dataset{Field: "prompt[0]"}, " | user: Q1"},
		{"OpenAI's batches", `{"custom_id":"1","body":{"model":"m","messages":[{"role":"developer","content":"S"},{"role":"user","content":[{"type":"input_text","text":"Q"}]}]}}`,
			configs.Dataset{Field: "body.messages"}, " | system: S | user: Q"},
	} {
		dir := t.TempDir()
		write(t, dir, "a.jsonl", c.row+"\n")
		c.settings.Path, c.settings.Limit = "a.jsonl", -1
		want := "a.jsonl:1" + c.want
		if strings.HasPrefix(c.want, ":") {
			want = "bad: " + want
		}
		if diff := cmp.Diff([]string{want}, read(t, c.settings, dir)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", c.set, diff)
		}
	}
}

// TestPromptShapes reads one field of many shapes.
func TestPromptShapes(t *testing.T) {
	for _, c := range []struct{ about, prompt, want string }{
		{"a list of one text", `["Q"]`, " | user: Q"},
		{"one message", `{"role":"user","content":"Q"}`, " | user: Q"},
		{"from beside content", `[{"from":"human","content":"Q"},{"from":"gpt","content":"A"}]`, " | user: Q"},
		{"role beside value", `[{"role":"user","value":"Q"}]`, " | user: Q"},
		{"user and assistant in ShareGPT", `[{"from":"user","value":"Q"},{"from":"assistant","value":"A"}]`, " | user: Q"},
		{"names of roles in upper case", `[{"role":"System","content":"S"},{"role":"User","content":"Q"}]`, " | system: S | user: Q"},
		{"Open Assistant's names", `[{"role":"prompter","content":"Q"},{"role":"assistant","content":"A"}]`, " | user: Q"},
		{"an answer that called a tool, cut", `[{"role":"user","content":"Q"},{"role":"assistant","content":null}]`, " | user: Q"},
		{"an answer that called a tool, inside", `[{"role":"user","content":"Q"},{"role":"assistant","content":null},{"role":"user","content":"R"}]`,
			": prompt has an empty assistant message"},
		{"a system message that is null", `[{"role":"system","content":null},{"role":"user","content":"Q"}]`, " | user: Q"},
		{"messages as JSON in a text", `"[{\"role\": \"user\", \"content\": \"Q\"}]"`, " | user: Q"},
		{"other JSON in a text stays text", `"[1, 2]"`, " | user: [1, 2]"},
		{"broken JSON in a text stays text", `"[{\"role\": \"user\", \"content\": \"Q\"}"`, ` | user: [{"role": "user", "content": "Q"}`},
		{"messages in columns", `{"role":["user","assistant"],"content":["Q","A"]}`, " | user: Q"},
		{"ShareGPT in columns", `{"from":["human","gpt"],"value":["Q","A"]}`, " | user: Q"},
		{"an object with a prompt inside", `{"id":1,"text":"Q"}`, ": field prompt is an object, neither text nor a list of messages; perhaps field: prompt.text"},
		{"an object without", `{"id":1}`, ": field prompt is an object, neither text nor a list of messages; fields there: id"},
		{"a number", `7`, ": field prompt is a number, neither text nor a list of messages"},
		{"another number", `[7]`, ": message 1 of prompt: it is a number, not an object with role and content"},
	} {
		dir := t.TempDir()
		write(t, dir, "a.jsonl", `{"prompt":`+c.prompt+"}\n")
		want := "a.jsonl:1" + c.want
		if strings.HasPrefix(c.want, ":") {
			want = "bad: " + want
		}
		if diff := cmp.Diff([]string{want}, read(t, configs.Dataset{Path: "a.jsonl", Limit: -1}, dir)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", c.about, diff)
		}
	}
}

func TestMissingPromptFieldIsHinted(t *testing.T) {
	for row, want := range map[string]string{
		`{"id":1,"conversations":[],"question":"Q"}`: `no field "prompt"; fields here: id, conversations, question; perhaps field: conversations`,
		`{"id":1,"body":"Q"}`:                        `no field "prompt"; fields here: id, body`,
		`{"promt":"Q","question":"Q"}`:               `no field "prompt"; did you mean "promt"? fields here: promt, question`,
	} {
		dir := t.TempDir()
		write(t, dir, "a.jsonl", row)
		if diff := cmp.Diff([]string{"bad: a.jsonl:1: " + want}, read(t, configs.Dataset{Path: "a.jsonl", Limit: -1}, dir)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", row, diff)
		}
	}
}

// TestMessagesInACell: CSV has JSON in its cells, and a path leads into it.
func TestMessagesInACell(t *testing.T) {
	dir := t.TempDir()
	write(t, dir, "a.csv", "chat\n"+`"[{""role"": ""user"", ""content"": ""Q""}, {""role"": ""assistant"", ""content"": ""A""}]"`+"\n")
	for field, want := range map[string]string{
		"chat": " | user: Q", "chat[-1].content": " | user: A", "chat[0]": " | user: Q",
	} {
		if got := read(t, configs.Dataset{Path: "a.csv", Field: field, Limit: -1}, dir); len(got) != 1 || !strings.HasSuffix(got[0], want) {
			t.Errorf("field %s: %q; want %q", field, got, want)
		}
	}
}

// TestAbsentFields: a row may lack a system message, a reference, a category; a whole set lacks one by mistake only.
func TestAbsentFields(t *testing.T) {
	for _, c := range []struct {
		about, rows string
		want        []string
	}{
		{"in some rows", `{"prompt":"a"}` + "\n" + `{"prompt":"b","system":"S","meta":{"ref":"R"},"topic":"T"}` + "\n",
			[]string{"a.jsonl:1 | user: a", "a.jsonl:2 | system: S | user: b | reference: R | category: T"}},
		{"null counts as there", `{"prompt":"a","system":null,"meta":{"ref":null},"topic":null}` + "\n", []string{"a.jsonl:1 | user: a"}},
		{"in all rows", `{"prompt":"a","sytem":"S","meta":{"ref":"R"},"topic":"T"}` + "\n",
			[]string{"a.jsonl:1 | user: a | reference: R | category: T",
				`end: system_field: no row has it: no field "system"; did you mean "sytem"? fields here: prompt, sytem, meta, topic`}},
		{"inside, in all rows", `{"prompt":"a","system":"S","meta":{},"topic":"T"}` + "\n",
			[]string{"a.jsonl:1 | system: S | user: a | category: T", `end: reference_field: no row has it: in meta: no field "ref"; the row has no fields`}},
		{"of the wrong type", `{"prompt":"a","system":["S"],"meta":{"ref":"R"},"topic":"T"}` + "\n",
			[]string{"bad: a.jsonl:1: field system is a list, not text"}},
	} {
		dir := t.TempDir()
		write(t, dir, "a.jsonl", c.rows)
		d := configs.Dataset{Path: "a.jsonl", Limit: -1, SystemField: "system", ReferenceField: "meta.ref", CategoryField: "topic"}
		if diff := cmp.Diff(c.want, read(t, d, dir)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", c.about, diff)
		}
	}
}

func TestSuggest(t *testing.T) {
	for row, want := range map[string]string{
		`{"prompt":"Q","messages":[{"role":"user","content":"Q"}]}`: "field: prompt",
		`{"id":1,"conversations":[{"from":"human","value":"Q"}]}`:   "field: conversations",
		`{"chat":"x","turns":["Q1","Q2"]}`:                          "field: turns[0]",
		`{"system":"S","question":"Q","chosen":"A"}`:                "field: question\nsystem_field: system",
		`{"instruction":"I","input":"","output":"A"}`:               `template: "{{.instruction}}{{if .input}}\n\n{{.input}}{{end}}"`,
		`{"messages":"[{\"role\":\"user\",\"content\":\"Q\"}]"}`:    "field: messages",
		`{"messages":{"role":["user"],"content":["Q"]}}`:            "field: messages",
		`{"a":1,"b":"x"}`: "",
	} {
		dir := t.TempDir()
		write(t, dir, "a.jsonl", row)
		if got := suggested(t, dir); got != want {
			t.Errorf("Suggest(%s) = %q; want %q", row, got, want)
		}
	}
}

// suggested is what Suggest says of the rows in a.jsonl.
func suggested(t *testing.T, dir string) string {
	t.Helper()
	fields, _, err := Peek(t.Context(), configs.Dataset{Path: "a.jsonl"}, From{Dir: dir}, 5)
	if err != nil {
		t.Fatal(err)
	}
	return Suggest(fields)
}

// TestShapesInParquet reads lists of structs, structs of lists, and JSON in a text, of which only the columns that are
// needed are decoded.
func TestShapesInParquet(t *testing.T) {
	type message struct {
		Role    string `parquet:"role"`
		Content string `parquet:"content"`
	}
	type columns struct {
		From  []string `parquet:"from,list"`
		Value []string `parquet:"value,list"`
	}
	type row struct {
		Messages []message `parquet:"messages,list"`
		Turns    []string  `parquet:"turns,list"`
		Sequence columns   `parquet:"sequence"`
		Text     string    `parquet:"text"`
		Meta     struct {
			System *string `parquet:"system,optional"`
		} `parquet:"meta"`
	}
	dir := t.TempDir()
	rows := []row{{
		Messages: []message{{"user", "Q"}, {"assistant", "A"}}, Turns: []string{"T1", "T2"},
		Sequence: columns{[]string{"human", "gpt"}, []string{"Q", "A"}}, Text: `[{"role":"user","content":"Q"}]`,
	}}
	var b bytes.Buffer
	if err := parquet.Write(&b, rows); err != nil {
		t.Fatal(err)
	}
	write(t, dir, "a.parquet", b.String())
	for field, want := range map[string]string{
		"messages": "Q", "messages[0].content": "Q", "messages[-1].content": "A", "turns[-1]": "T2", "sequence": "Q", "sequence.value[0]": "Q", "text": "Q",
	} {
		d := configs.Dataset{Path: "a.parquet", Field: field, Limit: -1, SystemField: "meta.system"}
		if diff := cmp.Diff([]string{"a.parquet:1 | user: " + want}, read(t, d, dir)); diff != "" {
			t.Errorf("field %s (-want +got):\n%s", field, diff)
		}
	}
}
