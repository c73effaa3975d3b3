package dataset

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"openarena/configs"
	"openarena/providers"
)

func TestFingerprintAndStat(t *testing.T) {
	dir := t.TempDir()
	write(t, dir, "a.txt", "one\n")
	write(t, dir, "b.txt", "two\n")
	marks := func() [2]string {
		s, err := Open(t.Context(), configs.Dataset{Path: "*.txt"}, From{Dir: dir})
		if err != nil {
			t.Fatal(err)
		}
		content, err := s.Fingerprint(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		stat, err := s.Stat(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		return [2]string{content, stat}
	}
	before := marks()
	if again := marks(); again != before {
		t.Fatalf("asked twice: %v, then %v", before, again)
	}
	later := time.Unix(2_000_000_000, 1)
	if err := os.Chtimes(filepath.Join(dir, "a.txt"), later, later); err != nil {
		t.Fatal(err)
	}
	touched := marks()
	if touched[0] != before[0] || touched[1] == before[1] {
		t.Errorf("a touched file: fingerprint, stat %v; was %v; only stat may change", touched, before)
	}
	for _, c := range []struct {
		about  string
		change func()
	}{
		{"other words of the same length", func() { write(t, dir, "a.txt", "eno\n") }},
		{"a line moved to the other file", func() { write(t, dir, "a.txt", "one\ntwo\n"); write(t, dir, "b.txt", "") }},
		{"a third file", func() { write(t, dir, "c.txt", "") }},
		{"another name", func() {
			if err := os.Rename(filepath.Join(dir, "c.txt"), filepath.Join(dir, "d.txt")); err != nil {
				t.Fatal(err)
			}
		}},
	} {
		old := marks()
		if c.change(); marks()[0] == old[0] {
			t.Errorf("%s: the fingerprint stays %s", c.about, old[0])
		}
	}
}

func TestCancel(t *testing.T) {
	dir := t.TempDir()
	write(t, dir, "a.txt", strings.Repeat("line\n", 1000))
	s, err := Open(t.Context(), configs.Dataset{Path: "a.txt", Limit: -1}, From{Dir: dir})
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	rows := 0
	for _, err := range s.Rows(ctx) {
		if err != nil {
			if !errors.Is(err, context.Canceled) {
				t.Errorf("a cancelled walk ends with %v; want context.Canceled", err)
			}
			break
		}
		rows++
		cancel()
	}
	if rows != 1 {
		t.Errorf("%d rows came; want none after the cancel", rows)
	}
	if _, err := s.Fingerprint(ctx); !errors.Is(err, context.Canceled) {
		t.Errorf("Fingerprint = %v; want context.Canceled", err)
	}
}

func TestErrEmpty(t *testing.T) {
	dir := t.TempDir()
	write(t, dir, "a.txt", "")
	write(t, dir, "b.txt", "\n")
	s, err := Open(t.Context(), configs.Dataset{Path: "*.txt", Limit: -1}, From{Dir: dir})
	if err != nil {
		t.Fatal(err)
	}
	for _, err := range s.Rows(t.Context()) {
		if !errors.Is(err, ErrEmpty) || err.Error() != "*.txt: no rows in 2 files" {
			t.Errorf("Rows of empty files yields %v; want ErrEmpty with the pattern", err)
		}
		return
	}
	t.Error("Rows of empty files yields nothing; want ErrEmpty")
}

func TestAnswers(t *testing.T) {
	dir := t.TempDir()
	write(t, dir, "out/1.jsonl", `{"instruction":"Hi","output":"Hello","x":1}
{"instruction":[{"role":"system","content":"S"},{"role":"user","content":"Q"},{"role":"assistant","content":"old"}],"output":""}
{"instruction":"Hi","output":null}
{"instruction":"Hi"}
`)
	write(t, dir, "out/2.csv", "instruction,output\n\"a, b\",\" c \"\n")
	s, err := Answers(configs.Answers{Path: "out/*", PromptField: "instruction", Field: "output"}, dir)
	if err != nil {
		t.Fatal(err)
	}
	var got []AnswerRow
	var bad []string
	for row, err := range s.Rows(t.Context()) {
		if err != nil {
			bad = append(bad, err.Error())
			continue
		}
		got = append(got, row)
	}
	want := []AnswerRow{
		{[]providers.Message{{Role: "user", Content: "Hi"}}, "Hello", "out/1.jsonl:1"},
		{[]providers.Message{{Role: "system", Content: "S"}, {Role: "user", Content: "Q"}}, "", "out/1.jsonl:2"},
		{[]providers.Message{{Role: "user", Content: "a, b"}}, " c ", "out/2.csv:2"},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	wantBad := []string{
		"out/1.jsonl:3: field output is null, not text",
		`out/1.jsonl:4: no field "output"; fields here: instruction`,
	}
	if diff := cmp.Diff(wantBad, bad); diff != "" {
		t.Errorf("errors (-want +got):\n%s", diff)
	}
	if _, err := Answers(configs.Answers{Path: "none/*"}, dir); err == nil || !strings.HasPrefix(err.Error(), "answers none/*: none/*: no file matches") {
		t.Errorf("Answers of no file = %v", err)
	}
}

func TestPeek(t *testing.T) {
	dir := t.TempDir()
	write(t, dir, "a.jsonl", `{"z":"<x>","a":null,"m":[{"role":"user","content":"q"}]}
{"z":7,"a":1.50,"l":[{"k":true}]}
broken
{"z":"not read"}
`)
	fields, rows, err := Peek(t.Context(), configs.Dataset{Path: "a.jsonl"}, From{Dir: dir}, 3)
	if err == nil || err.Error() != "a.jsonl:3: not JSON: column 1: a value is expected" {
		t.Errorf("Peek over a broken row = %v", err)
	}
	var types []string
	for _, f := range fields {
		types = append(types, f.Name+": "+f.Type)
	}
	if diff := cmp.Diff([]string{"z: mixed", "a: number or null", "m: list of messages", "l: list"}, types); diff != "" {
		t.Errorf("fields (-want +got):\n%s", diff)
	}
	text := ""
	for _, r := range rows {
		b, err := r.MarshalJSON()
		if err != nil {
			t.Fatal(err)
		}
		text += string(b) + "\n"
	}
	want := `{"z":"<x>","a":null,"m":[{"role":"user","content":"q"}]}` + "\n" + `{"z":7,"a":1.50,"l":[{"k":true}]}` + "\n"
	if diff := cmp.Diff(want, text); diff != "" {
		t.Errorf("rows keep their order (-want +got):\n%s", diff)
	}
}

// A file of 20 MB is read with a heap of a few: no format keeps more than a row or a page.
func TestStreaming(t *testing.T) {
	if testing.Short() {
		t.Skip("writes 20 MB per format")
	}
	const rows, length = 5_000, 4_000
	text := strings.Repeat("words, ", length/7)
	quoted, err := json.Marshal(text)
	if err != nil {
		t.Fatal(err)
	}
	for format, line := range map[string][3]string{ // what comes before, for each row, after
		"jsonl": {"", `{"prompt":` + string(quoted) + "}\n", ""},
		"json":  {"[{}", `,{"prompt":` + string(quoted) + "}", "]"},
		"csv":   {"prompt\n", `"` + text + "\"\n", ""},
		"txt":   {"", text + "\n", ""},
	} {
		t.Run(format, func(t *testing.T) {
			name := filepath.Join(t.TempDir(), "big."+format)
			f, err := os.Create(name)
			if err != nil {
				t.Fatal(err)
			}
			w := bufio.NewWriter(f)
			fmt.Fprint(w, line[0])
			for range rows {
				fmt.Fprint(w, line[1])
			}
			fmt.Fprint(w, line[2])
			if err := errors.Join(w.Flush(), f.Close()); err != nil {
				t.Fatal(err)
			}
			s, err := Open(t.Context(), configs.Dataset{Path: name, Limit: -1, Sample: rows}, From{})
			if err != nil {
				t.Fatal(err)
			}
			var before, now runtime.MemStats
			runtime.GC()
			runtime.ReadMemStats(&before)
			n, most := 0, uint64(0)
			for range s.Rows(t.Context()) {
				if n++; n%(rows/4) == 0 {
					runtime.GC()
					runtime.ReadMemStats(&now)
					most = max(most, now.HeapAlloc-min(now.HeapAlloc, before.HeapAlloc))
				}
			}
			if n != rows || most > 4<<20 {
				t.Errorf("%d rows with a heap of %d more bytes; want %d rows with less than 4 MiB", n, most, rows)
			}
		})
	}
}

func TestLongLine(t *testing.T) {
	dir := t.TempDir()
	write(t, dir, "a.jsonl", `{"prompt":"before"}`+"\n"+strings.Repeat("x", maxRow+1)+"\n"+`{"prompt":"after"}`)
	want := []string{"a.jsonl:1 | user: before", "bad: a.jsonl:2: the line is longer than 64 MiB", "a.jsonl:3 | user: after"}
	if diff := cmp.Diff(want, read(t, configs.Dataset{Path: "a.jsonl", Limit: -1}, dir)); diff != "" {
		t.Errorf("(-want +got):\n%.500s", diff)
	}
}
