package export

import (
	"bytes"
	stdcsv "encoding/csv"
	"encoding/json"
	"strings"
	"testing"
	"unicode/utf8"
)

// FuzzRows writes a prompt and an answer of any text in every format, and reads them back with other people's readers.
func FuzzRows(f *testing.F) {
	for _, s := range nasty[:len(nasty)-1] {
		f.Add(s, "plain")
		f.Add("plain", s)
	}
	f.Add("=1+1", "@SUM(A1)")
	f.Add("a\r", "\r\nb\n\r")
	f.Add(`""`, "\",\"\n")
	f.Fuzz(func(t *testing.T, prompt, answer string) {
		if !utf8.ValidString(prompt) || !utf8.ValidString(answer) || strings.ContainsRune(prompt+answer, '\uE000') {
			t.Skip("FuzzString has those; U+E000 stands for a line end below")
		}
		arena := &fixed{prompts: []*Prompt{{Messages: user(prompt), Answers: []Answer{{Model: "a", Text: answer}, {Model: "b", Text: "x"}},
			Judgments: []Judgment{{First: 0, Second: 1, Weight: 1, State: "decided", Verdict: "A>>B", Level: 2, Explanation: answer}}}}}
		for _, kind := range []string{"ranked", "battles"} {
			for _, format := range []string{"jsonl", "json", "csv"} {
				var b bytes.Buffer
				if _, err := Write(t.Context(), &b, arena, Options{Type: kind, Format: format}); err != nil {
					t.Fatal(err)
				}
				if !strings.Contains(readRows(t, format, b.Bytes()), spelt(t, answer)) {
					t.Errorf("%s as %s: %q is not in %q", kind, format, answer, &b)
				}
			}
		}
		var b bytes.Buffer
		if _, err := Write(t.Context(), &b, arena, Options{Format: "csv", CSVSafe: true}); err != nil {
			t.Fatal(err)
		}
		rows, err := stdcsv.NewReader(&b).ReadAll()
		if err != nil || len(rows) != 2 {
			t.Fatalf("--csv-safe: %d rows, %v", len(rows), err)
		}
		for _, cell := range rows[1] {
			if cell != "" && strings.ContainsRune("=+-@\t\r", rune(cell[0])) {
				t.Errorf("--csv-safe: the cell %q is a formula", cell)
			}
		}
	})
}

// readRows is the content of a file as JSON.
func readRows(t *testing.T, format string, text []byte) string {
	t.Helper()
	var value any
	switch format {
	case "csv":
		// encoding/csv reads a CRLF in a cell as LF: it reads them as a pair that it does not know.
		rows, err := stdcsv.NewReader(bytes.NewReader(bytes.ReplaceAll(text, []byte("\r\n"), []byte("\uE000")))).ReadAll()
		if err != nil || len(rows) != 2 {
			t.Fatalf("%d rows of CSV, %v: %q", len(rows), err, text)
		}
		all := ""
		for _, cell := range rows[1] {
			cell = strings.ReplaceAll(cell, "\uE000", "\r\n")
			if json.Unmarshal([]byte(cell), &value) == nil {
				all += spelt(t, value) // answers stand in a cell as JSON
			}
			all += spelt(t, cell)
		}
		return all
	case "jsonl":
		if bytes.IndexByte(text, '\n') != len(text)-1 {
			t.Fatalf("a row is not one line: %q", text)
		}
	}
	if err := json.Unmarshal(text, &value); err != nil {
		t.Fatalf("%s: %v: %q", format, err, text)
	}
	return spelt(t, value)
}

// spelt is a value as encoding/json writes it.
func spelt(t *testing.T, v any) string {
	t.Helper()
	text, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}
