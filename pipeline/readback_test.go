package pipeline

import (
	"context"
	"encoding/json"
	"iter"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"openarena/configs"
	"openarena/pipeline/dataset"
	"openarena/pipeline/export"
	"openarena/providers"
)

// lessons is an arena of prompts alone.
type lessons struct {
	export.Arena
	prompts []*export.Prompt
}

func (l lessons) Prompts(context.Context, bool) iter.Seq2[*export.Prompt, error] {
	return func(yield func(*export.Prompt, error) bool) {
		for _, p := range l.prompts {
			if !yield(p, nil) {
				return
			}
		}
	}
}

// What is exported for trainers reads back as a dataset: the same rows from Parquet as from JSON Lines, texts and lists of messages
// to the letter.
func TestExportsReadBack(t *testing.T) {
	nasty := []string{"", "\"\\", "a\nb\r\nc\td", "NUL \x00 \x08\x1f\x7f", "\u2028 👩‍👩‍👧‍👦 \uFEFF", "<b>&amp;</b>", "{\"role\":\"user\"}", "no UTF-8 \xff\xc3"}
	var all lessons
	for _, s := range nasty {
		all.prompts = append(all.prompts, &export.Prompt{
			Messages:  []providers.Message{{Role: "system", Content: s}, {Role: "user", Content: "a" + s}, {Role: "assistant", Content: s}, {Role: "user", Content: s + "."}},
			Answers:   []export.Answer{{Model: "A", Text: s + "better"}, {Model: "B", Text: "worse" + s}},
			Judgments: []export.Judgment{{First: 0, Second: 1, Judge: "J", Weight: 1, State: "decided", Level: 2}},
		})
	}
	dir := t.TempDir()
	for kind, rows := range map[string]int{"preference": 1, "reward": 1, "sft": 1, "kto": 2} {
		var read [2]any
		for i, format := range []string{"jsonl", "parquet"} {
			o := export.Options{Type: kind, Format: format}
			name := kind + "." + format
			s, err := writeLessons(t, filepath.Join(dir, name), all, o)
			if err != nil {
				t.Fatalf("%s: %v", name, err)
			}
			if want := rows * len(nasty); s.Rows != want {
				t.Fatalf("%s has %d rows; want %d: %+v", name, s.Rows, want, s)
			}
			_, objects, err := dataset.Peek(t.Context(), configs.Dataset{Path: filepath.Join(dir, name)}, dataset.From{}, 1000)
			if err != nil {
				t.Fatalf("%s: %v", name, err)
			}
			if len(objects) != s.Rows {
				t.Errorf("%s is read as %d rows; want %d", name, len(objects), s.Rows)
			}
			text, err := json.Marshal(objects)
			if err != nil {
				t.Fatal(err)
			}
			if err := json.Unmarshal(text, &read[i]); err != nil { // 2 and 2.0 are the same number
				t.Fatal(err)
			}
		}
		for k, text := range nasty {
			field := map[bool]string{true: "messages", false: "prompt"}[kind == "sft"]
			row := read[0].([]any)[k*rows].(map[string]any)
			last := row[field].([]any)[3].(map[string]any)
			if want := strings.ToValidUTF8(text, "\uFFFD") + "."; last["role"] != "user" || last["content"] != want {
				t.Errorf("row %d of %s ends its prompt with %q; want %q", k*rows, kind, last, want)
			}
		}
		if diff := cmp.Diff(read[0], read[1]); diff != "" {
			t.Errorf("%s reads back as (-jsonl +parquet):\n%s", kind, diff)
		}
	}
}

func writeLessons(t *testing.T, path string, all lessons, o export.Options) (export.Summary, error) {
	f, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	return export.Write(t.Context(), f, all, o)
}
