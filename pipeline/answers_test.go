package pipeline

import (
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"openarena/store"
)

const fileArena = `models: [{name: A, model_id: a}, {name: Old, answers: {path: old.jsonl}}]
judges: [{name: J, model_id: j}]
datasets: [{path: prompts.jsonl}]
`

// answerLines are jsonl rows of prompts and answers, in turn.
func answerLines(pairs ...string) string {
	var b strings.Builder
	for i := 0; i < len(pairs); i += 2 {
		b.WriteString(`{"prompt": "` + pairs[i] + `", "answer": "` + pairs[i+1] + `"}` + "\n")
	}
	return b.String()
}

// answerTexts are the texts of all answers, sorted.
func answerTexts(t *testing.T, r store.Reader) string {
	t.Helper()
	var all []string
	for rec, err := range r.Scan(t.Context(), store.Answers, store.Range{}, store.WithBody) {
		if err != nil {
			t.Fatal(err)
		}
		said, err := parseReply(rec.Meta, rec.Body)
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, said.Text)
	}
	slices.Sort(all)
	return strings.Join(all, " ")
}

func TestAnswersThatCannotBeUsedReplaceNothing(t *testing.T) {
	w := offline(t)
	w.write("prompts.jsonl", questions("a b"))
	w.write("old.jsonl", answerLines("a", "one", "b", "two"))
	db := w.open()
	mustSync(t, w.arena(fileArena), db)
	misspelt := strings.Replace(fileArena, "old.jsonl", "old.jsonl, field: awnser", 1)
	for range 2 { // the error stays as long as its cause
		if _, err := w.arena(misspelt).Sync(t.Context(), db); err == nil || !strings.Contains(err.Error(), "awnser") {
			t.Errorf("Sync() with a misspelt field = %v; want an error that names it", err)
		}
		if got := answerTexts(t, db); got != "one two" {
			t.Errorf("after that error the answers are %q; want the old ones", got)
		}
	}
	w.write("old.jsonl", `{"prompt": "a", "answer": "one", "other": "new"}`+"\n"+`{"prompt": "b", "answer": "two", "other": "newer"}`+"\n")
	mustSync(t, w.arena(fileArena), db)
	mustSync(t, w.arena(strings.Replace(fileArena, "old.jsonl", "old.jsonl, field: other", 1)), db)
	if got := answerTexts(t, db); got != "new newer" {
		t.Errorf("with another field of the same file the answers are %q; want new newer", got)
	}
}

// A replacement was killed half-way, and then the old file put back as it was, its time included.
func TestKilledReplacementIsNotTakenForTheOldFile(t *testing.T) {
	long := strings.Repeat("x", bulkBytes/2)
	prompts := strings.Fields("a b c d e f g h")
	var was, is, want []string
	for _, p := range prompts {
		was, is, want = append(was, p, "old-"+p), append(is, p, long+p), append(want, "old-"+p)
	}
	for left := range 5 { // the definitions, then two answers a commit
		w := offline(t)
		w.write("prompts.jsonl", questions(strings.Join(prompts, " ")))
		w.write("old.jsonl", answerLines(was...))
		path := filepath.Join(w.dir, "old.jsonl")
		info, err := os.Stat(path)
		if err != nil {
			t.Fatal(err)
		}
		a, db := w.arena(fileArena), w.open()
		mustSync(t, a, db)
		w.write("old.jsonl", answerLines(is...))
		if _, err := a.Sync(t.Context(), &dying{db, left}); !errors.Is(err, errKilled) {
			t.Fatalf("after %d commits Sync() = %v; want to be killed", left, err)
		}
		w.write("old.jsonl", answerLines(was...))
		if err := os.Chtimes(path, info.ModTime(), info.ModTime()); err != nil {
			t.Fatal(err)
		}
		mustSync(t, a, db)
		if got := answerTexts(t, db); got != strings.Join(want, " ") {
			t.Errorf("killed after %d commits, with the old file put back the answers are %.60q…; want %q", left, got, want)
		}
	}
}

func TestOneBrokenFileLeavesTheOthersWhole(t *testing.T) {
	w := offline(t)
	w.write("prompts.jsonl", questions("a b"))
	w.write("old.jsonl", answerLines("a", "one", "b", "two"))
	w.write("more.jsonl", answerLines("a", "three"))
	a := w.arena(strings.Replace(fileArena, "{name: Old,", "{name: Older, answers: {path: more.jsonl}}, {name: Old,", 1))
	db := w.open()
	mustSync(t, a, db)
	w.write("more.jsonl", answerLines("b", "four"))
	w.write("old.jsonl", "{}\n")
	if _, err := a.Sync(t.Context(), db); err == nil || !strings.Contains(err.Error(), "Old") {
		t.Errorf("Sync() = %v; want an error that names the contestant", err)
	}
	if got := answerTexts(t, db); got != "four one two" {
		t.Errorf("the answers are %q; want the first file's new one, and the broken one's old ones", got)
	}
}
