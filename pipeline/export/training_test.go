package export

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"openarena/configs"
	"openarena/providers"
)

// both is one judge's verdict in both orders: that a is better than b by so many levels.
func both(a, b, level int) []Judgment { return orders(a, b, level, level) }

// orders are one judge's verdicts, from a's side, with a shown first and with b.
func orders(a, b, first, second int) []Judgment {
	one := func(a, b, level int) Judgment {
		state := "decided"
		if level == 0 {
			state = "tie"
		}
		return Judgment{First: a, Second: b, Judge: "main", Weight: 1, State: state, Level: level}
	}
	return []Judgment{one(a, b, first), one(b, a, -second)}
}

func join[T any](lists ...[]T) (all []T) {
	for _, l := range lists {
		all = append(all, l...)
	}
	return all
}

// classroom is an arena of prompts as training data is made from: a conversation, system messages, thoughts, samples.
func classroom() *fixed {
	three := []Answer{{Model: "Alpha", Text: "best \"one\""}, {Model: "Beta", Text: "fair\none"}, {Model: "Gamma", Text: "worst"}}
	ranked := join(both(0, 1, 1), both(0, 2, 2), both(1, 2, 1))
	chat := join(user("Hello"), []providers.Message{{Role: "assistant", Content: "Hi."}}, user("Name a colour."))
	thoughtful := []Answer{
		{Model: "Alpha", Text: "<think>\nhm\n</think>\n\nBlue."}, {Model: "Beta", Text: "Red.", Reasoning: "why not"}, {Model: "Gamma", Text: "42"},
	}
	return &fixed{prompts: []*Prompt{
		{Hash: "01", Messages: user("one turn"), Answers: three, Judgments: ranked},
		{Hash: "02", Messages: join([]providers.Message{{Role: "system", Content: "Be kind."}}, user("with a system message")), Answers: three, Judgments: ranked},
		{Hash: "03", Messages: chat, Answers: thoughtful, Judgments: ranked},
		{Hash: "04", Messages: user("a tie and an unsure judge"), Answers: three, Judgments: join(both(0, 1, 0), orders(0, 2, 1, -1))},
		{Hash: "05", Messages: user("not judged"), Answers: three},
	}}
}

func TestTrainingGolden(t *testing.T) {
	for kind, trainers := range trainings {
		for trainer := range trainers {
			for _, meta := range []bool{false, true} {
				var b bytes.Buffer
				if _, err := Write(t.Context(), &b, classroom(), Options{Type: kind, For: trainer, Format: "jsonl", WithMeta: meta}); err != nil {
					t.Fatal(err)
				}
				name := kind + "." + trainer
				if meta {
					name += ".meta"
				}
				compareGolden(t, name+".golden.jsonl", b.String())
			}
		}
	}
}

func compareGolden(t *testing.T, name, got string) {
	t.Helper()
	golden := filepath.Join("testdata", "training", name)
	if *update {
		if err := os.WriteFile(golden, []byte(got), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(golden)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), got); diff != "" {
		t.Errorf("%s (-want +got):\n%s", golden, diff)
	}
}

func TestTrainingUsage(t *testing.T) {
	for _, c := range []struct {
		about, want string
		o           Options
	}{
		{"a trainer that nobody knows", `unknown trainer "x"; sft is loaded by trl, axolotl, llama-factory, openrlhf, verl`, Options{Type: "sft", For: "x"}},
		{"a combination that is not loaded", `openrlhf loads no kto data: it has no KTO trainer; trl, axolotl, llama-factory do`, Options{Type: "kto", For: "openrlhf"}},
		{"a format that it cannot read", `axolotl loads no csv: a cell of csv is text, and it wants lists; choose jsonl, json or parquet`, Options{Type: "sft", For: "axolotl", Format: "csv"}},
		{"a mode of another type", `the export type sft has no mode "all_pairs"; it has top1, target_lost, policy`, Options{Type: "sft", Mode: "all_pairs"}},
		{"a mode that needs a model", `mode policy is about one model: name it`, Options{Type: "kto", Mode: "policy"}},
		{"a model that nobody asks for", `a model is named, and mode best_worst is about all of them; target_lost and policy are about one`, Options{Type: "preference", Model: "A"}},
		{"thinking", `thinking: there is no "x"; there are strip and keep`, Options{Type: "sft", Thinking: "x"}},
		{"a filter of another type", `min_score has no effect on the type kto: leave it out`, Options{Type: "kto", Filters: Filters{MinScore: 5}}},
		{"a filter out of range", `min_margin: 3 is not between 0 and 2; levels go from -2 to 2`, Options{Type: "preference", Filters: Filters{MinMargin: 3}}},
		{"thresholds that cross", `false_to (8) must be below true_from (7)`, Options{Type: "kto", Filters: Filters{FalseTo: 8}}},
		{"what cannot be allowed", `allow: there is no "ties"; there are invalid, flagged, inconsistent, unfinished`, Options{Type: "sft", Filters: Filters{Allow: []string{"ties"}}}},
		{"a filter of a type for nobody", `the export type ranked is for no trainer, so that filters has no effect on it: leave it out, or export preference, reward, kto or sft`,
			Options{Filters: Filters{Strict: true}}},
	} {
		if _, err := Write(t.Context(), new(bytes.Buffer), classroom(), c.o); !errors.As(err, new(*UsageError)) || err.Error() != c.want {
			t.Errorf("%s: %v; want a UsageError: %s", c.about, err, c.want)
		}
	}
	for _, trainer := range Trainers { // each has its reason
		for kind := range trainings {
			if trainings[kind][trainer] == nil && configs.NotLoaded(kind, trainer) == "" {
				t.Errorf("%s for %s is refused without a reason", kind, trainer)
			}
		}
	}
}

// pick names what a row holds by the models' first letters.
func picks(t *testing.T, a *fixed, o Options) (rows string, s Summary) {
	t.Helper()
	if o.Type == "" {
		o.Type = "preference"
	}
	o.WithMeta = true
	var b bytes.Buffer
	s, err := Write(t.Context(), &b, a, o)
	if err != nil && !errors.As(err, new(*EmptyError)) {
		t.Fatal(err)
	}
	var all []string
	for line := range strings.Lines(b.String()) {
		all = append(all, named(t, line))
	}
	return strings.Join(all, " "), s
}

func TestEvalSplit(t *testing.T) {
	a := &fixed{}
	for i := range 400 {
		p := *classroom().prompts[0]
		p.Hash = fmt.Sprintf("%064x", i)
		a.prompts = append(a.prompts, &p)
	}
	path := filepath.Join(t.TempDir(), "dpo.jsonl")
	o := Options{Type: "preference", Mode: "all_pairs", EvalSplit: 0.25, WithMeta: true}
	if _, err := Write(t.Context(), new(bytes.Buffer), a, o); !errors.As(err, new(*UsageError)) {
		t.Errorf("into one writer: %v; want a UsageError", err)
	}
	s, err := WriteFile(t.Context(), path, a, o)
	if err != nil {
		t.Fatal(err)
	}
	lines := func(path string) []string {
		text, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		return strings.Split(strings.TrimSuffix(string(text), "\n"), "\n")
	}
	train, eval := lines(path), lines(filepath.Join(filepath.Dir(path), "dpo.eval.jsonl"))
	if s.Rows != 1200 || s.EvalRows != len(eval) || len(train)+len(eval) != 1200 || len(eval) < 200 || len(eval) > 400 {
		t.Errorf("%d rows, %d for evaluation; the files have %d and %d", s.Rows, s.EvalRows, len(train), len(eval))
	}
	// All rows of a prompt are in one file, and the order is that of the arena in both.
	where := map[string]int{}
	for file, rows := range [][]string{train, eval} {
		last := ""
		for _, row := range rows {
			id := row[strings.Index(row, `"prompt_id":"`)+13:][:64]
			if other, met := where[id]; met && other != file || id < last {
				t.Fatalf("prompt %s is in both files, or behind %s", id, last)
			}
			where[id], last = file, id
		}
	}
}

// A file stays as it was when nothing is left for it, and the error says what took the rows.
func TestNothingLeft(t *testing.T) {
	path := filepath.Join(t.TempDir(), "dpo.jsonl")
	if err := os.WriteFile(path, []byte("what was there"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		about, want string
		arena       *fixed
		o           Options
	}{
		{"a filter takes all", "no row is left of 4: left out 1 by ties, 3 by max_length_ratio", classroom(), Options{Type: "preference", Filters: Filters{MaxLengthRatio: 1}}},
		{"nothing was judged", "there is no row to write: no battle that the mode asks for was judged yet", &fixed{}, Options{Type: "sft"}},
		{"two files", "no row is left of 4: left out 4 by min_score", classroom(), Options{Type: "sft", EvalSplit: 0.5, Filters: Filters{MinScore: 10}}},
	} {
		for _, format := range []string{"jsonl", "json", "csv", "parquet"} {
			c.o.Format = format
			var b bytes.Buffer
			if _, err := WriteFile(t.Context(), path, c.arena, c.o); !errors.As(err, new(*EmptyError)) || err.Error() != c.want {
				t.Errorf("%s: %v; want an EmptyError: %s", c.about, err, c.want)
			}
			if c.o.EvalSplit == 0 {
				if _, err := Write(t.Context(), &b, c.arena, c.o); !errors.As(err, new(*EmptyError)) || b.Len() > 0 {
					t.Errorf("%s as %s: %v, and %d bytes were written", c.about, format, err, b.Len())
				}
			}
			if text, _ := os.ReadFile(path); string(text) != "what was there" {
				t.Errorf("%s as %s: the file holds %q", c.about, format, text)
			}
		}
	}
	if all, _ := filepath.Glob(filepath.Join(filepath.Dir(path), "*")); len(all) != 1 {
		t.Errorf("%q are left behind", all)
	}
}
