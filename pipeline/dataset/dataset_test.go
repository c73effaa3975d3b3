package dataset

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/zstd"
	"github.com/parquet-go/parquet-go"

	"openarena/configs"
)

// write puts a file below dir, compressed as its name says, and returns its name.
func write(t testing.TB, dir, name, content string) string {
	t.Helper()
	data := []byte(content)
	switch filepath.Ext(name) {
	case ".gz":
		var b bytes.Buffer
		w := gzip.NewWriter(&b)
		if _, err := w.Write(data); err != nil {
			t.Fatal(err)
		}
		if err := w.Close(); err != nil {
			t.Fatal(err)
		}
		data = b.Bytes()
	case ".zst":
		w, err := zstd.NewWriter(nil)
		if err != nil {
			t.Fatal(err)
		}
		data = w.EncodeAll(data, nil)
	}
	full := filepath.Join(dir, name)
	if err := os.MkdirAll(filepath.Dir(full), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(full, data, 0o600); err != nil {
		t.Fatal(err)
	}
	return name
}

// read returns the rows and errors of a dataset, in order, as lines of text: "place role: content | …" or the error.
func read(t testing.TB, d configs.Dataset, dir string) []string {
	t.Helper()
	s, err := Open(t.Context(), d, From{Dir: dir})
	if err != nil {
		return []string{"open: " + err.Error()}
	}
	var got []string
	for row, err := range s.Rows(context.Background()) {
		var bad *RowError
		switch {
		case errors.As(err, &bad):
			got = append(got, "bad: "+bad.Error())
		case err != nil:
			got = append(got, "end: "+err.Error())
		default:
			line := row.Place
			for _, m := range row.Messages {
				line += " | " + m.Role + ": " + m.Content
			}
			if row.Reference != "" {
				line += " | reference: " + row.Reference
			}
			if row.Category != "" {
				line += " | category: " + row.Category
			}
			got = append(got, line)
		}
	}
	return got
}

type turn struct {
	Content string `parquet:"content"`
	Role    string `parquet:"role"`
}

type parquetRow struct {
	ID       int64   `parquet:"id"`
	Prompt   string  `parquet:"prompt"`
	Topic    *string `parquet:"topic,optional"`
	Messages []turn  `parquet:"messages,list"`
	Score    float64 `parquet:"score"`
}

func parquetText(t testing.TB, rows []parquetRow) string {
	t.Helper()
	var b bytes.Buffer
	w := parquet.NewGenericWriter[parquetRow](&b, parquet.MaxRowsPerRowGroup(100), parquet.PageBufferSize(512))
	if _, err := w.Write(rows); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// nasty are texts that careless readers change.
var nasty = []string{
	"plain",
	" leading and trailing \t",
	"emoji 👩‍👩‍👧‍👦 and flags 🇪🇺",
	"עברית and العربية",
	"a NUL \x00 inside",
	"CRLF\r\nLF\nCR\rend",
	"line separators \u2028 \u2029 and a BOM \uFEFF",
	`quotes " and \ and ""`,
	"comma, semicolon; tab\t",
	strings.Repeat("a long line ", 90_000),
}

func TestFormats(t *testing.T) {
	texts := map[string]func(prompts []string) string{
		"jsonl": func(prompts []string) string {
			var b strings.Builder
			for _, p := range prompts {
				text, _ := json.Marshal(map[string]string{"prompt": p, "more": "x"})
				b.Write(append(text, '\n'))
			}
			return b.String()
		},
		"json": func(prompts []string) string {
			var rows []map[string]string
			for _, p := range prompts {
				rows = append(rows, map[string]string{"prompt": p})
			}
			text, _ := json.MarshalIndent(rows, "", "  ")
			return string(text)
		},
		"csv": func(prompts []string) string { return separated(prompts, ",") },
		"tsv": func(prompts []string) string { return separated(prompts, "\t") },
		"parquet": func(prompts []string) string {
			var rows []parquetRow
			for i, p := range prompts {
				rows = append(rows, parquetRow{ID: int64(i), Prompt: p, Messages: []turn{{p, "user"}, {"a", "assistant"}}})
			}
			return parquetText(t, rows)
		},
	}
	texts["ndjson"] = texts["jsonl"]
	dir := t.TempDir()
	for format, text := range texts {
		for _, compression := range []string{"", ".gz", ".zst"} {
			name := write(t, dir, "set."+format+compression, text(nasty))
			t.Run(name, func(t *testing.T) {
				s, err := Open(t.Context(), configs.Dataset{Path: name, Limit: -1}, From{Dir: dir})
				if err != nil {
					t.Fatal(err)
				}
				var got []string
				for row, err := range s.Rows(t.Context()) {
					if err != nil {
						t.Fatal(err)
					}
					if len(row.Messages) != 1 || row.Messages[0].Role != "user" {
						t.Fatalf("%s: messages %v; want one of the user", row.Place, row.Messages)
					}
					got = append(got, row.Messages[0].Content)
				}
				if diff := cmp.Diff(nasty, got); diff != "" {
					t.Errorf("texts changed (-want +got):\n%.2000s", diff)
				}
			})
		}
	}
}

func separated(prompts []string, comma string) string {
	b := new(strings.Builder)
	b.WriteString("id" + comma + "prompt\n")
	for i, p := range prompts {
		fmt.Fprintf(b, "%d%s\"%s\"\n", i, comma, strings.ReplaceAll(p, `"`, `""`))
	}
	return b.String()
}

func TestTxtLines(t *testing.T) {
	dir := t.TempDir()
	want := []string{"p.txt:1 | user:  one ", "p.txt:3 | user: two\r", "p.txt:4 | user: three"}
	for _, ending := range []string{"", ".gz", ".zst"} {
		name := write(t, dir, "p.txt"+ending, "\uFEFF one \r\n  \ntwo\r\r\nthree")
		var expect []string
		for _, w := range want {
			expect = append(expect, strings.Replace(w, "p.txt", name, 1))
		}
		got := read(t, configs.Dataset{Path: name, Field: "prompt", Limit: -1}, dir)
		if diff := cmp.Diff(expect, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
}

func TestPlaceAndExtras(t *testing.T) {
	dir := t.TempDir()
	write(t, dir, "a.jsonl", "\n"+`{"q": "Hi", "sys": "Be kind.", "ref": 42, "topic": null}`+"\n")
	got := read(t, configs.Dataset{Path: "a.jsonl", Field: "q", SystemField: "sys", ReferenceField: "ref", CategoryField: "topic", Limit: -1}, dir)
	want := []string{"a.jsonl:2 | system: Be kind. | user: Hi | reference: 42"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestParquetShapes(t *testing.T) {
	dir := t.TempDir()
	topic := "maths"
	var rows []parquetRow
	for i := range 250 { // three row groups, many pages
		r := parquetRow{ID: int64(i), Prompt: fmt.Sprint("p", i), Score: 0.5}
		if i%2 == 0 {
			r.Topic = &topic
		}
		for k := range i % 4 {
			r.Messages = append(r.Messages, turn{fmt.Sprint(i, "-", k), []string{"user", "assistant"}[k%2]})
		}
		rows = append(rows, r)
	}
	write(t, dir, "p.parquet", parquetText(t, rows))
	d := configs.Dataset{Path: "p.parquet", Field: "messages", CategoryField: "topic", ReferenceField: "score", Limit: -1}
	got := read(t, d, dir)
	for i, r := range rows {
		want := fmt.Sprintf("p.parquet:%d", i+1)
		if n := i % 4; n == 0 {
			want = "bad: " + want + ": the prompt is empty (messages has no user message)"
		} else {
			for k := range n - (1 - n%2) {
				want += fmt.Sprintf(" | %s: %s", r.Messages[k].Role, r.Messages[k].Content)
			}
			want += " | reference: 0.5"
			if r.Topic != nil {
				want += " | category: maths"
			}
		}
		if got[i] != want {
			t.Fatalf("row %d: %q; want %q", i+1, got[i], want)
		}
	}
	d.Offset, d.Limit = 239, 2 // far enough to seek
	if diff := cmp.Diff([]string{got[239], got[240]}, read(t, d, dir)); diff != "" {
		t.Errorf("offset 239 (-want +got):\n%s", diff)
	}
	d.Field = "messages[0].content"
	if got := read(t, d, dir); got[0] != "p.parquet:240 | user: 239-0 | reference: 0.5" {
		t.Errorf("messages[0].content of row 240 is %q", got[0])
	}
}
