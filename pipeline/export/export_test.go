package export

import (
	"bytes"
	"context"
	stdcsv "encoding/csv"
	"encoding/json"
	"errors"
	"flag"
	"io"
	"iter"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"syscall"
	"testing"

	goccy "github.com/goccy/go-json"
	"github.com/google/go-cmp/cmp"

	"openarena/pipeline/rating"
	"openarena/providers"
)

var update = flag.Bool("update", false, "write the golden files anew")

// fixed is an arena in memory. With err it fails after its last prompt.
type fixed struct {
	prompts []*Prompt
	board   rating.Leaderboard
	err     error
}

func (f *fixed) Prompts(context.Context, bool) iter.Seq2[*Prompt, error] {
	return func(yield func(*Prompt, error) bool) {
		for _, p := range f.prompts {
			if !yield(p, nil) {
				return
			}
		}
		if f.err != nil {
			yield(nil, f.err)
		}
	}
}

func (f *fixed) Messages(_ context.Context, hash string) ([]providers.Message, error) {
	for _, p := range f.prompts {
		if p.Hash == hash {
			return p.Messages, nil
		}
	}
	return nil, errors.New("there is no such prompt")
}

func (f *fixed) Ratings(context.Context) (*rating.Leaderboard, error) { return &f.board, f.err }

func (f *fixed) Provenance(context.Context) (*Provenance, error) {
	return &Provenance{Config: json.RawMessage(`{"models":["Alpha"]}`), ParserVersion: 2, Hashes: func(context.Context) iter.Seq2[string, error] {
		return func(yield func(string, error) bool) {
			for _, p := range f.prompts {
				if !yield(p.Hash, nil) {
					return
				}
			}
		}
	}}, f.err
}

func ptr[T any](v T) *T { return &v }

func user(text string) []providers.Message { return []providers.Message{{Role: "user", Content: text}} }

// sample has a case of everything that a row can be.
func sample() *fixed {
	valid := func(first, second, level int, a, b *float64) Judgment {
		verdict := [...]string{"B>>A", "B>A", "A=B", "A>B", "A>>B"}[level+2]
		state := "decided"
		if level == 0 {
			state = "tie"
		}
		return Judgment{First: first, Second: second, Judge: "main", Weight: 1, State: state, Verdict: verdict,
			Level: level, ScoreFirst: a, ScoreSecond: b, Explanation: "because", Attempts: 1}
	}
	invalid := Judgment{First: 0, Second: 1, Judge: "main", Weight: 1, State: "invalid", Reason: "truncated", Attempts: 3}
	heavy := valid(2, 0, -1, ptr(4.0), ptr(7.0))
	heavy.Judge, heavy.Weight = "second, \"judge\"", 3
	three := []Answer{{Model: "Alpha", Text: "one"}, {Model: "Beta", Text: "two\nlines, and \"quotes\""}, {Model: "Gamma", Text: "three"}}
	return &fixed{
		prompts: []*Prompt{
			{Hash: "01", Messages: user("scores"), Answers: three, Judgments: []Judgment{
				valid(0, 1, 1, ptr(8.0), ptr(6.5)), valid(1, 0, 2, ptr(9.0), ptr(3.0)), heavy, invalid,
			}},
			{Hash: "02", Category: "kindness", Messages: append([]providers.Message{{Role: "system", Content: "Be kind."}}, user("levels only")...),
				Answers: three, Judgments: []Judgment{valid(2, 1, 1, nil, nil), valid(1, 2, 0, nil, nil)}},
			{Hash: "03", Messages: user("equal scores stay in file order"), Answers: three, Judgments: []Judgment{
				valid(2, 1, 0, ptr(5.0), ptr(5.0)), valid(1, 0, 0, ptr(5.0), ptr(5.0)),
			}},
			{Hash: "04", Messages: user("no valid verdict"), Answers: three, Judgments: []Judgment{invalid}},
			{Hash: "05", Messages: user("no verdict"), Answers: three[:1]},
			{Hash: "06", Messages: append(append(user("first turn"), providers.Message{Role: "assistant", Content: "answer"}), user("second turn")...),
				Answers:   []Answer{{Model: "Alpha", Text: "a0"}, {Model: "Alpha", Sample: 1, Text: "a1"}, {Model: "Beta", Text: "b"}},
				Judgments: []Judgment{valid(1, 2, -2, ptr(1.0), ptr(10.0))}},
		},
		board: rating.Leaderboard{Method: "bradley-terry", Interval: "clustered", Ratings: []rating.Rating{
			{Model: "Alpha, the first", Rating: ptr(1012.5), Lower: ptr(990.0), Upper: ptr(1030.25), Rank: ptr(1), Battles: 12,
				Elo: ptr(1000.0), WinRate: ptr(0.625), Ties: 2, Invalid: 1, Provisional: true,
				MeanTokens: ptr(312), CostUSD: ptr(0.0125)},
			{Model: "Beta", Battles: 0, Component: 1},
		}},
	}
}

func TestGolden(t *testing.T) {
	for _, typ := range []string{"ranked", "battles", "ratings"} {
		for _, format := range []string{"jsonl", "json", "csv"} {
			var b bytes.Buffer
			sum, err := Write(t.Context(), &b, sample(), Options{Type: typ, Format: format})
			if err != nil {
				t.Fatal(err)
			}
			if want := map[string]int{"ranked": 4, "battles": 10, "ratings": 2}[typ]; sum.Rows != want {
				t.Errorf("%s as %s: %d rows; want %d", typ, format, sum.Rows, want)
			}
			golden := filepath.Join("testdata", typ+".golden."+format)
			if *update {
				if err := os.WriteFile(golden, b.Bytes(), 0o600); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(golden)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(string(want), b.String()); diff != "" {
				t.Errorf("%s (-want +got):\n%s", golden, diff)
			}
		}
	}
}

func TestDefaultsAndEmpty(t *testing.T) {
	for _, c := range []struct {
		about string
		o     Options
		want  string
	}{
		{"no rows as jsonl, the default", Options{}, ""},
		{"no rows as json", Options{Format: "json"}, "[]\n"},
		{"no rows as csv", Options{Format: "csv"}, "prompt,ranked_models\n"},
	} {
		var b bytes.Buffer
		if sum, err := Write(t.Context(), &b, &fixed{}, c.o); sum.Rows != 0 || err != nil || b.String() != c.want {
			t.Errorf("%s: %q, %d rows, %v; want %q", c.about, &b, sum.Rows, err, c.want)
		}
	}
}

func TestUnknownNames(t *testing.T) {
	for _, c := range []struct {
		about string
		o     Options
		want  string
	}{
		{"a type that nobody knows", Options{Type: "x"}, `unknown export type "x"; there are battles, kto, preference, ranked, ratings, reward, sft`},
		{"a format that nobody knows", Options{Format: "xml"}, `unknown export format "xml"; there are csv, json, jsonl, parquet`},
	} {
		path := filepath.Join(t.TempDir(), "out")
		_, err := WriteFile(t.Context(), path, sample(), c.o)
		var usage *UsageError
		if !errors.As(err, &usage) || err.Error() != c.want {
			t.Errorf("%s: %v; want a UsageError: %s", c.about, err, c.want)
		}
		if _, err := os.Stat(path); err == nil {
			t.Errorf("%s: a file was written", c.about)
		}
	}
}

// The columns of ratings are the fields that every Rating has, in their order, and what they rest on.
func TestRatingColumns(t *testing.T) {
	var want []string
	for f := range reflect.TypeFor[rating.Rating]().Fields() {
		if tag := f.Tag.Get("json"); tag != "-" && !strings.Contains(tag, ",omitempty") {
			want = append(want, tag)
		}
	}
	want = append(want, "method", "interval", "uncontrolled")
	var got []string
	for _, c := range tables["ratings"].columns {
		got = append(got, c.name)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

var nasty = []string{
	"", " ", "\n", "a,b;c\td", `"`, `""`, `\`, `\"`, "\\u0041", "CR\rLF\nCRLF\r\n", "NUL \x00 and \x1f and \x7f", "<b>&amp;</b>",
	"\u2028 \u2029 \uFEFF", "👩‍👩‍👧‍👦 🇪🇺", "עברית \u202e العربية", "12345678\"", "1234567\"8", "ééééééééé\\é", strings.Repeat("x\"", 100_000),
}

func TestNastyTexts(t *testing.T) {
	arena := &fixed{}
	for _, s := range nasty {
		arena.prompts = append(arena.prompts, &Prompt{Messages: user(s), Answers: []Answer{{Model: s, Text: s}, {Model: "b", Text: "x"}},
			Judgments: []Judgment{{First: 0, Second: 1, Weight: 1, State: "decided", Verdict: "A>>B", Level: 2}}})
	}
	type ranking []struct {
		Name     string   `json:"model_name"`
		Score    *float64 `json:"avg_score"`
		Response string   `json:"response"`
	}
	type row struct {
		Prompt string  `json:"prompt"`
		Models ranking `json:"ranked_models"`
	}
	readers := map[string]func([]byte) []row{
		"jsonl": func(b []byte) (rows []row) {
			for line := range bytes.Lines(b) {
				var r row
				if err := json.Unmarshal(line, &r); err != nil {
					t.Fatalf("%.100q: %v", line, err)
				}
				rows = append(rows, r)
			}
			return rows
		},
		"json": func(b []byte) (rows []row) {
			if err := json.Unmarshal(b, &rows); err != nil {
				t.Fatal(err)
			}
			return rows
		},
		"csv": func(b []byte) (rows []row) {
			// encoding/csv reads a CRLF in a cell as LF: it reads them as a pair that it does not know.
			cells, err := stdcsv.NewReader(bytes.NewReader(bytes.ReplaceAll(b, []byte("\r\n"), []byte("\uE000")))).ReadAll()
			if err != nil {
				t.Fatal(err)
			}
			for _, c := range cells[1:] {
				r := row{Prompt: strings.ReplaceAll(c[0], "\uE000", "\r\n")}
				if err := json.Unmarshal([]byte(c[1]), &r.Models); err != nil {
					t.Fatal(err)
				}
				rows = append(rows, r)
			}
			return rows
		},
	}
	for format, read := range readers {
		var b bytes.Buffer
		if _, err := Write(t.Context(), &b, arena, Options{Format: format}); err != nil {
			t.Fatal(err)
		}
		rows := read(b.Bytes())
		if len(rows) != len(nasty) {
			t.Fatalf("%s: %d rows; want %d", format, len(rows), len(nasty))
		}
		for i, s := range nasty {
			if r := rows[i]; r.Prompt != s || r.Models[0].Name != s || r.Models[0].Response != s || *r.Models[0].Score != 10 || *r.Models[1].Score != 1 {
				t.Errorf("%s: %.50q came back as %.200q", format, s, r.Prompt)
			}
		}
		for _, raw := range []string{"<b>&amp;</b>", "\u2028"} {
			if !bytes.Contains(b.Bytes(), []byte(raw)) {
				t.Errorf("%s: %q is escaped", format, raw)
			}
		}
	}
}

func TestInvalidUTF8(t *testing.T) {
	for _, format := range []string{"jsonl", "csv"} {
		var b bytes.Buffer
		a := &fixed{board: rating.Leaderboard{Ratings: []rating.Rating{{Model: "a\xffb"}}}}
		if _, err := Write(t.Context(), &b, a, Options{Type: "ratings", Format: format}); err != nil {
			t.Fatal(err)
		}
		if !strings.Contains(b.String(), "a\uFFFDb") {
			t.Errorf("%s: %q; want U+FFFD in the place of the byte", format, &b)
		}
	}
}

func TestCSVSafe(t *testing.T) {
	for cell, want := range map[string]string{
		"=1+1": "'=1+1", "+1": "'+1", "-1": "'-1", "@SUM(A1)": "'@SUM(A1)", "\tx": "'\tx", "\r=1": "\"'\r=1\"", `=HYPERLINK("x","y")`: `"'=HYPERLINK(""x"",""y"")"`,
		"a=b": "a=b", "": `""`, " =1": " =1", "'": "'",
	} {
		if got := string(csv{safe: true}.row(nil, []value{text(cell)})); got != want+"\n" {
			t.Errorf("safe cell of %q = %q; want %q", cell, got, want)
		}
		exact, err := stdcsv.NewReader(bytes.NewReader((csv{}).row(nil, []value{text(cell), text("")}))).Read()
		if err != nil || exact[0] != cell {
			t.Errorf("cell of %q reads as %q, %v", cell, exact, err)
		}
	}
	if got := string(csv{safe: true}.row(nil, []value{number(-1.5), whole(-2), {}})); got != "-1.5,-2,\n" {
		t.Errorf("safe numbers are %q; want them as they are", got)
	}
}

func TestNumbers(t *testing.T) {
	for f, want := range map[float64]string{0: "0", 5.5: "5.5", 20.0 / 3: "6.666666666666667", 1e6: "1000000", 123456789: "123456789", 1e-7: "1e-07", 1e21: "1e+21", -0.5: "-0.5"} {
		if got := string(appendNumber(nil, f)); got != want {
			t.Errorf("appendNumber(%v) = %s; want %s", f, got, want)
		}
	}
}

func TestFullDevice(t *testing.T) {
	if _, err := os.Stat("/dev/full"); err != nil {
		t.Skip("no /dev/full here")
	}
	if _, err := WriteFile(t.Context(), "/dev/full", sample(), Options{}); !errors.Is(err, syscall.ENOSPC) {
		t.Errorf("writing to a full device = %v; want ENOSPC", err)
	}
}

func FuzzString(f *testing.F) {
	for _, s := range nasty[:len(nasty)-1] {
		f.Add(s)
	}
	for n := range 9 { // around the end of a stride, where there is least room
		f.Add(strings.Repeat("\x01", stride-4+n) + "\"é")
		f.Add(strings.Repeat("é", stride/2-4+n) + "\n\xff")
	}
	f.Fuzz(func(t *testing.T, s string) {
		var got string
		if err := json.Unmarshal(appendString(nil, s), &got); err != nil || got != strings.ToValidUTF8(s, "\uFFFD") && got != s {
			t.Fatalf("appendString(%q) reads as %q, %v", s, got, err)
		}
	})
}

// benchArena yields one prompt of about 3 KB n times.
type benchArena struct {
	prompt *Prompt
	n      int
}

func (a *benchArena) Prompts(context.Context, bool) iter.Seq2[*Prompt, error] {
	return func(yield func(*Prompt, error) bool) {
		for range a.n {
			if !yield(a.prompt, nil) {
				return
			}
		}
	}
}

func (a *benchArena) Messages(context.Context, string) ([]providers.Message, error) {
	return a.prompt.Messages, nil
}

func (a *benchArena) Ratings(context.Context) (*rating.Leaderboard, error) { return nil, nil }
func (a *benchArena) Provenance(context.Context) (*Provenance, error)      { return nil, nil }

func benchPrompt() *Prompt {
	answer := strings.Repeat("The answer has \"quotes\", lines\nand plain words that need nothing at all, as most texts do. ", 8)
	p := &Prompt{Messages: user(answer)}
	for _, m := range []string{"Alpha", "Beta", "Gamma"} {
		p.Answers = append(p.Answers, Answer{Model: m, Text: answer})
	}
	p.Judgments = []Judgment{{First: 0, Second: 1, Weight: 1, State: "decided", Level: 1}, {First: 1, Second: 2, Weight: 1, State: "decided", Level: 1}}
	return p
}

func BenchmarkJSONL(b *testing.B) {
	b.ReportAllocs()
	a := &benchArena{benchPrompt(), b.N}
	if _, err := Write(b.Context(), io.Discard, a, Options{}); err != nil {
		b.Fatal(err)
	}
}

// BenchmarkGoccy encodes the same rows with goccy/go-json.
func BenchmarkGoccy(b *testing.B) {
	b.ReportAllocs()
	type entry struct {
		Name     string   `json:"model_name"`
		Score    *float64 `json:"avg_score"`
		Response string   `json:"response"`
	}
	type row struct {
		Prompt string  `json:"prompt"`
		Models []entry `json:"ranked_models"`
	}
	enc := goccy.NewEncoder(io.Discard)
	enc.SetEscapeHTML(false)
	for p, _ := range (&benchArena{benchPrompt(), b.N}).Prompts(b.Context(), false) {
		r := row{Prompt: p.Messages[0].Content}
		scores, _ := scoresOf(p)
		for i, ans := range p.Answers {
			r.Models = append(r.Models, entry{ans.Model, scores[i], ans.Text})
		}
		if err := enc.Encode(r); err != nil {
			b.Fatal(err)
		}
	}
}
