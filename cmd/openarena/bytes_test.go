package main

import (
	"encoding/csv"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
)

// hostileTexts are prompts that some program on the way might take for something else.
func hostileTexts() []string {
	return []string{
		strings.Repeat("Ten megabytes. ", largest/15),
		strings.Repeat("\x00", 1000) + "NULs" + strings.Repeat("\x00", 1000),
		"every control character: \x01\x02\x03\x04\x05\x06\x07\x08\t\n\v\f\r\x0e\x0f\x10\x1f\x7f\u0080\u009b\u009f",
		"שלום עולם — مرحبا \u202eabc\u202c \u2066x\u2069 \u200f",
		"👨\u200d👩\u200d👧\u200d👦 🏳️\u200d🌈 🇩🇰 👍🏽 \U0001F9FF",
		"line\u2028paragraph\u2029next\u0085end",
		"=HYPERLINK(\"http://127.0.0.1/\"&A1,\"x\")", "+1+cmd|' /C calc'!A0", "-2+3", "@SUM(1,2)", "\t=1", "'=1",
		"\x1b[31mred\x1b[0m \x1b]0;title\x07 \x1b[2J\x1b]8;;http://127.0.0.1/\x1b\\link\x1b]8;;\x1b\\",
		"Windows\r\nlines\r\n, old Mac\rlines, \n\n  and spaces around \n ",
		`quotes " and "" and ' and \ and \\ and \n and \u0041 and ${HOME} and {{.x}} and <script>&amp;</script>`,
		"a,b;c|d\te", "only\rreturns\r", "\ufeffa byte order mark", "U+FFFD \ufffd, U+FFFE \ufffe, U+10FFFF \U0010ffff", "é", "e\u0301",
		"{\"prompt\": \"no row\"}", "--- |\n- yaml: [", "null", "0", "true", "ﷺ" + strings.Repeat("\u0300", 300),
	}
}

const (
	bytesArena = `default_endpoint: {url: "${URL}"}
models: [{name: %s, model_id: echo}, {name: %s, model_id: twin}]
judge_model: {name: Judge, model_id: judge}
datasets:
  - {path: prompts.jsonl, category_field: topic}
  - {path: prompts.csv}
`
	// Names of models are people's texts, too.
	echoName = "=Echo, \"the 1st\" 👨\u200d👩\u2028\u202e"
	twinName = "@Twin\x1b[31m\x07\r\n\t"
)

// TestBytes follows texts from two files over the wire into the database and into every export: no byte is changed, by
// whomever it was written, and one that a file cannot give truly is left out by name.
func TestBytes(t *testing.T) {
	t.Parallel()
	b := newBytesTest(t)
	code, _, said := b.try("run")
	for _, want := range []string{
		"prompts.jsonl:1: the prompt is empty", "prompts.jsonl: " + fmt.Sprint(len(b.prompts)) + " prompts", "2 rows left out",
		"prompts.csv: " + fmt.Sprint(len(hostileTexts())) + " prompts",
	} {
		if !strings.Contains(said, want) {
			t.Errorf("run does not say %q:\n%.2000s", want, said)
		}
	}
	if code != exitPartly {
		t.Fatalf("exit code %d; want %d, for rows were left out\n%.2000s", code, exitPartly, said)
	}
	for _, model := range []string{"echo", "twin"} {
		sameTexts(t, "prompts of "+model+" on the wire", b.mirror.prompts[model], b.prompts)
	}
	b.database()
	for _, format := range []string{"jsonl", "json", "csv"} {
		b.ranked(format)
		b.battles(format)
		b.ratings(format)
	}
	t.Attr("figure", fmt.Sprintf("texts: %d, up to %d MB, byte for byte on the wire, in the database and in 9 exports", len(b.prompts), largest>>20))
}

type bytesTest struct {
	*folder
	mirror  *mirror
	prompts []string
	answers map[string]map[string]string // by prompt and name
}

func newBytesTest(t *testing.T) *bytesTest {
	b := &bytesTest{folder: bareFolder(t), answers: map[string]map[string]string{}}
	long := strings.Repeat("long answer ", largest/12)
	b.mirror = &mirror{answers: map[string]string{
		"say much": jsonString(long), "say nothing": `""`, "say half a character": `"half \ud83d, \udc4d\ud83d done"`, "say bytes": "\"no UTF-8: \xff\xc3\"",
	}}
	for i, text := range hostileTexts() {
		if len(text) < largest/2 {
			b.mirror.explanations = append(b.mirror.explanations, fmt.Sprintf("%d: %s", i, text), text+".")
		}
	}
	b.env["URL"] = b.mirror.start(t)
	b.prompts = append(hostileTexts(), slices.Sorted(maps.Keys(b.mirror.answers))...)
	for _, prompt := range b.prompts {
		b.answers[prompt] = map[string]string{echoName: mirrored("echo", prompt), twinName: mirrored("twin", prompt)}
	}
	b.answers["say much"][echoName] = long
	b.answers["say nothing"][echoName] = ""
	b.answers["say half a character"][echoName] = "half \ufffd, \ufffd\ufffd done"
	b.answers["say bytes"][echoName] = "no UTF-8: \ufffd\ufffd"
	b.write("arena.yaml", fmt.Sprintf(bytesArena, jsonString(echoName), jsonString(twinName)))
	rows := []string{`{"prompt": ""}`, `{"prompt": "half a \ud83d character"}`}
	var table strings.Builder
	w := csv.NewWriter(&table)
	if err := w.Write([]string{"prompt"}); err != nil {
		t.Fatal(err)
	}
	for i, prompt := range b.prompts {
		rows = append(rows, fmt.Sprintf(`{"prompt": %s, "topic": %s}`, jsonString(prompt), jsonString(topic(prompt))))
		if i >= len(hostileTexts()) {
			continue
		}
		if err := w.Write([]string{prompt}); err != nil {
			t.Fatal(err)
		}
	}
	w.Flush()
	b.write("prompts.jsonl", strings.Join(rows, "\n")+"\n")
	b.write("prompts.csv", table.String())
	return b
}

// topic is a prompt's category.
func topic(prompt string) string {
	if len(prompt) > 100 {
		return "long"
	}
	return prompt
}

// sameTexts compares two heaps of texts.
func sameTexts(t *testing.T, what string, got, want []string) {
	t.Helper()
	got, want = slices.Sorted(slices.Values(got)), slices.Sorted(slices.Values(want))
	if len(got) != len(want) {
		t.Errorf("%s: %d texts; want %d", what, len(got), len(want))
	}
	for i := range min(len(got), len(want)) {
		if got[i] != want[i] {
			t.Errorf("%s: %.200q (%d bytes); want %.200q (%d bytes)", what, got[i], len(got[i]), want[i], len(want[i]))
			return
		}
	}
}

// database compares what is in the database.
func (b *bytesTest) database() {
	b.t.Helper()
	var prompts, answers, explained []string
	for line := range strings.Lines(b.openarena("db", "dump")) {
		var rec struct {
			Bucket   string
			Text     string
			Messages []struct{ Content string }
		}
		if err := json.Unmarshal([]byte(line), &rec); err != nil {
			b.t.Fatal(err)
		}
		switch rec.Bucket {
		case "prompts":
			prompts = append(prompts, rec.Messages[0].Content)
		case "answers":
			answers = append(answers, rec.Text)
		case "judgments":
			var said struct{ Analysis string }
			if err := json.Unmarshal([]byte(rec.Text), &said); err != nil {
				b.t.Fatal(err)
			}
			explained = append(explained, said.Analysis)
		}
	}
	var want []string
	for _, by := range b.answers {
		want = slices.AppendSeq(want, maps.Values(by))
	}
	sameTexts(b.t, "prompts in the database", prompts, b.prompts)
	sameTexts(b.t, "answers in the database", answers, want)
	sameTexts(b.t, "explanations in the database", explained, b.mirror.explained)
}
