package battlefile

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/zstd"
	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// everything wants what lines may have; counts must be there then.
var everything = Want{Clusters: true}

// read is what a file says, a line per battle, and its error as the last.
func read(t testing.TB, name, text string, want Want) []string {
	t.Helper()
	f := New(name, strings.NewReader(text))
	var got []string
	err := f.Read(t.Context(), want, func(b *Battle) error {
		s := fmt.Sprintf("%s - %s %v", f.Models()[b.A], f.Models()[b.B], b.Score)
		if b.Invalid {
			s = fmt.Sprintf("%s - %s invalid", f.Models()[b.A], f.Models()[b.B])
		}
		if b.Share != b.Score {
			s += fmt.Sprintf(" share %.3f", b.Share)
		}
		if b.Weight != 1 {
			s += fmt.Sprintf(" weight %v", b.Weight)
		}
		if b.First != 1 {
			s += " b first"
		}
		if want.Clusters && !b.Invalid {
			s += fmt.Sprintf(" #%d", b.Cluster)
		}
		if want.By != "" {
			s += " in " + f.Groups()[b.Group]
		}
		for i, c := range b.Sides {
			s += fmt.Sprintf(" %s %v:%v", want.Counts[i], c[0], c[1])
		}
		got = append(got, s)
		return nil
	})
	var bad *LinesError
	switch {
	case errors.As(err, &bad):
		return strings.Split(err.Error(), "\n") // what was put does not count
	case err != nil:
		got = append(got, "end: "+err.Error())
	}
	return got
}

const one = `{"model_a":"x","model_b":"y","winner":"a"}` + "\n"

// judged is a line of an export.
func judged(word string) string {
	return `{"model_a":"x","model_b":"y","state":"decided","verdict":"` + word + `"}` + "\n"
}

func TestRead(t *testing.T) {
	for _, c := range []struct {
		about, name, text string
		want              Want
		expect            []string
	}{
		{"every way to end", "f.jsonl", one + `{"model_b":"x","model_a":"y","winner":"b"}` + "\n" +
			`{"model_a":"x","model_b":"z","winner":"tie"}` + "\n" + `{"model_a":"x","model_b":"z","p_a":0.25}`, Want{},
			[]string{"x - y 1", "y - x 0", "x - z 0.5", "x - z 0.25"}},
		{"the words of FastChat and arena-rank", "f.jsonl", strings.ReplaceAll(one, `"a"`, `"model_a"`) + strings.ReplaceAll(one, `"a"`, `"model_b"`) +
			strings.ReplaceAll(one, `"a"`, `"tie (bothbad)"`) + strings.ReplaceAll(one, `"a"`, `"both_bad"`), Want{},
			[]string{"x - y 1", "x - y 0", "x - y 0.5", "x - y 0.5"}},
		{"prompts are clusters, numbers and text alike, and a battle without one is its own", "f.jsonl",
			`{"model_a":"x","model_b":"y","winner":"a","prompt":8}` + "\n" + one + `{"model_a":"x","model_b":"y","winner":"b","prompt":"8"}` + "\n" +
				one + `{"model_a":"x","model_b":"y","winner":"b","prompt":"\u0039"}` + "\n" + `{"model_a":"x","model_b":"y","winner":"b","prompt":9}` + "\n" +
				`{"model_a":"x","model_b":"y","winner":"b","prompt":null}` + "\n", everything,
			[]string{"x - y 1 #0", "x - y 1 #1", "x - y 0 #0", "x - y 1 #2", "x - y 0 #3", "x - y 0 #3", "x - y 0 #4"}},
		{"battles without a prompt before the first with one have clusters of their own as well", "f.jsonl",
			one + one + `{"model_a":"x","model_b":"y","winner":"b","prompt":"p"}` + "\n" + one + `{"model_a":"x","model_b":"y","winner":"b","prompt":"p"}` + "\n", everything,
			[]string{"x - y 1 #0", "x - y 1 #1", "x - y 0 #2", "x - y 1 #3", "x - y 0 #2"}},
		{"weights, counts and who was first", "f.jsonl",
			`{"model_a":"x","model_b":"y","winner":"a","weight":0.5,"len_a":10,"len_b":2e1,"shown_first":"b","headers_a":1,"headers_b":0}` + "\n", Want{Counts: []string{"headers", "length"}},
			[]string{"x - y 1 weight 0.5 b first headers 1:0 length 10:20"}},
		{"numbers of any length", "f.jsonl", `{"model_a":"x","model_b":"y","p_a":0.5000000000000000000000,"len_a":36893488147419103232,"len_b":123456789012345}` + "\n", Want{Counts: []string{"length"}},
			[]string{"x - y 0.5 length 3.6893488147419103e+19:1.23456789012345e+14"}},
		{"verdicts of all kinds", "f.jsonl", judged("A>>B") + judged("A>B") + judged("A=B") + judged("B>A") + judged("B>>A"), Want{},
			[]string{"x - y 1", "x - y 1", "x - y 0.5", "x - y 0", "x - y 0"}},
		{"groups", "f.jsonl", `{"model_a":"x","model_b":"y","winner":"a","judge":"j","category":7}` + "\n" + one, Want{By: "category"},
			[]string{"x - y 1 in 7", "x - y 1 in "}},
		{"unknown fields of any shape, escapes, spaces, CRLF, empty lines, a byte order mark", "f.jsonl",
			"\uFEFF\r\n { \"model\\u005fa\" : \"x\\\"\\ud83d\\ude00\" , \"n\": [1,{\"model_a\":\"]}\\\"\"}], \"model_b\":\"y\",\"e\":-1.5e+3,\"t\":true,\"u\":null,\"v\":\"\\n\",\"winner\":\"a\"} \r\n \n",
			Want{}, []string{`x"😀 - y 1`}},
		{"a row of csv, its last line without an end", "f.csv", "id,winner,model_b,model_a,prompt,weight\n1,a,y,x,\"p, \"\"q\"\"\nr\",2\n\n2,tie,y,x,,\r\n3,b,z,\"x\",\"p, \"\"q\"\"\nr\",1", everything,
			[]string{"x - y 1 weight 2 #0", "x - y 0.5 #1", "x - z 0 #0"}},
		{"csv with points in place of a winner here and there", "f.csv", "\uFEFFmodel_a,model_b,winner,p_a\nx,y,,0.7\nx,y,b,\n", Want{},
			[]string{"x - y 0.7", "x - y 0"}},
		{"a name without an ending: the first letter decides", "-", "\n" + one, Want{}, []string{"x - y 1"}},
		{"the same for csv", "-", "model_a,model_b,p_a\nx,y,1\n", Want{}, []string{"x - y 1"}},
		{"nothing", "f.jsonl", "", Want{}, nil},
		{"nothing but lines", "-", "\n \n", Want{}, nil},
		{"a line of names only", "f.csv", "model_a,model_b,winner", Want{}, nil},
		{"an export of battles", "f.jsonl",
			`{"prompt_hash":"01","category":null,"model_a":"x","sample_a":0,"model_b":"y","sample_b":0,"order":"forward","judge":"main","state":"decided","reason":null,"verdict":"A>B","level":1,"score_a":8,"score_b":2}` + "\n" +
				`{"prompt_hash":"01","model_a":"y","model_b":"x","order":"reverse","judge":"main","state":"tie","verdict":"A=B","score_a":null}` + "\n" +
				`{"prompt_hash":"01","model_a":"x","model_b":"z","state":"invalid","reason":"truncated","verdict":null}` + "\n" +
				`{"prompt_hash":"02","model_a":"x","model_b":"z","verdict":"B>>A","score_a":0,"score_b":0}` + "\n", everything,
			[]string{"x - y 1 share 0.800 #0", "y - x 0.5 #0", "x - z invalid", "x - z 0 #1"}},
	} {
		if diff := cmp.Diff(c.expect, read(t, c.name, c.text, c.want)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", c.about, diff)
		}
	}
}

// Each line that cannot be used says why.
func TestBadLines(t *testing.T) {
	with := func(fields string) string { return `{"model_a":"x","model_b":"y",` + fields + "}\n" }
	for _, c := range []struct {
		about, text string
		want        Want
		expect      string // behind "f.jsonl:2: "
	}{
		{"no outcome", `{"model_a":"x","model_b":"y"}`, Want{}, "it has neither winner (a, b or tie) nor p_a (points of model_a, 0 to 1)"},
		{"two outcomes", with(`"winner":"a","p_a":1`), Want{}, "it has both winner and p_a; leave one out"},
		{"an unknown winner", with(`"winner":"A"`), Want{}, `winner is "A"; write a, b or tie (model_a, model_b, both_bad are read, too)`},
		{"an empty winner", with(`"winner":""`), Want{}, `winner is ""; write a, b or tie (model_a, model_b, both_bad are read, too)`},
		{"a winner by number", with(`"winner":1`), Want{}, "winner is a number; put text in quotes there"},
		{"a long winner", with(`"winner":"` + strings.Repeat("é", 100) + `"`), Want{}, `winner is "` + strings.Repeat("é", 30) + `…"; write a, b or tie (model_a, model_b, both_bad are read, too)`},
		{"points of text", with(`"p_a":"0.5"`), Want{}, "p_a is text; write a number without quotes"},
		{"points above 1", with(`"p_a":1.5`), Want{}, "p_a is 1.5, not between 0 and 1: it is the points of model_a, of 1 in all"},
		{"points below 0", with(`"p_a":-1e-9`), Want{}, "p_a is -1e-09, not between 0 and 1: it is the points of model_a, of 1 in all"},
		{"points without end", with(`"p_a":1e999`), Want{}, `p_a is "1e999", which is too large a number`},
		{"points that are none", with(`"p_a":NaN`), Want{}, "not JSON: column 36: a value is expected"},
		{"a weight below 0", with(`"winner":"a","weight":-1`), Want{}, "weight is -1, not between 1e-06 and 1e+06; leave out battles that do not count"},
		{"no weight", with(`"winner":"a","weight":0`), Want{}, "weight is 0, not between 1e-06 and 1e+06; leave out battles that do not count"},
		{"a list for a weight", with(`"winner":"a","weight":[1]`), Want{}, "weight is neither text nor a number; write a number without quotes"},
		{"a negative length", with(`"winner":"a","len_b":-5`), Want{}, "len_b is -5; it cannot be less than 0"},
		{"a length of text", with(`"winner":"a","len_a":"5"`), Want{}, "len_a is text; write a number without quotes"},
		{"no length where it is needed", with(`"winner":"a","len_a":5`), Want{Counts: []string{"length"}}, "len_a or len_b is missing; without both on every line the ratings cannot be controlled for length"},
		{"a group that is no name", with(`"winner":"a","judge":true`), Want{By: "judge"}, "judge is neither text nor a number; write one of these"},
		{"a prompt that is no text", with(`"winner":"a","prompt":["x"]`), Want{}, "prompt is neither text nor a number; write one of these"},
		{"another side", with(`"winner":"a","shown_first":"left"`), Want{}, `shown_first is "left"; write a or b`},
		{"nobody", `{"model_a":"","model_b":"y","winner":"a"}`, Want{}, "model_a is missing; every battle names both models"},
		{"nobody else", `{"model_a":"x","winner":"a"}`, Want{}, "model_b is missing; every battle names both models"},
		{"blanks for a name", `{"model_a":"x","model_b":"` + "\t" + `","winner":"a"}`, Want{}, "not JSON: column 27: a control character inside a text; write it as an escape"},
		{"a name that is blank", `{"model_a":"x","model_b":" \u00a0","winner":"a"}`, Want{}, "model_b is missing; every battle names both models"},
		{"a name that is null", `{"model_a":"x","model_b":null,"winner":"a"}`, Want{}, "model_b is missing; every battle names both models"},
		{"a number for a name", `{"model_a":4,"model_b":"y","winner":"a"}`, Want{}, "model_a is a number; put text in quotes there"},
		{"a battle with itself", `{"model_a":"y","model_b":"\u0079","winner":"a"}`, Want{}, `"y" meets itself; leave such battles out`},
		{"a field twice", with(`"winner":"a","winner":"b"`), Want{}, "winner is there twice; leave one out"},
		{"a field twice, once null", with(`"winner":null,"winner":"b"`), Want{}, "winner is there twice; leave one out"},
		{"an unknown verdict", with(`"verdict":"A>C"`), Want{}, `verdict is "A>C", none of A>>B, A>B, A=B, B>A, B>>A`},
		{"a line cut at its end", `{"model_a":"x","model_b":"y","win`, Want{}, "not JSON: it ends in the middle"},
		{"a list of them", `"x"`, Want{}, `not JSON: column 1: an object is expected, as in {"model_a": "x", "model_b": "y", "winner": "a"}`},
		{"two in a line", strings.TrimSpace(one) + one, Want{}, "not JSON: column 43: something follows the object"},
		{"a NUL behind it", strings.TrimSpace(one) + "\x00", Want{}, "not JSON: column 43: something follows the object"},
		{"no comma", `{"model_a":"x" "model_b":"y"}`, Want{}, `not JSON: column 16: "," or "}" is expected`},
		{"a comma too many", `{"model_a":"x",}`, Want{}, "not JSON: column 16: a field name in quotes is expected"},
		{"a number that is none", with(`"p_a":01`), Want{}, "not JSON: column 36: not a number"},
		{"an escape that is none", `{"model_a":"\x"}`, Want{}, "not JSON: column 12: the text has an escape or a control character that JSON does not know"},
		{"the same in an unknown field", `{"z":"\x"}`, Want{}, "not JSON: column 6: the text has an escape or a control character that JSON does not know"},
		{"half of a character", `{"model_a":"\ud83d"}`, Want{}, "not JSON: column 12: the text holds half of a character, a lone surrogate"},
		{"a list that is not JSON", `{"z":[1 2]}`, Want{}, "not JSON: column 6: the list or object that begins here is not JSON"},
		{"bytes that are no UTF-8", "{\"model_a\":\"x\xff\"}", Want{}, "not UTF-8 at byte 14 (0xFF); save the file as UTF-8"},
		{"nesting without end", `{"z":` + strings.Repeat("[", 100_000) + "}", Want{}, "not JSON: it ends in the middle"},
	} {
		if diff := cmp.Diff([]string{"f.jsonl:2: " + c.expect}, read(t, "f.jsonl", "\n"+c.text, c.want)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", c.about, diff)
		}
	}
}

func TestBadFiles(t *testing.T) {
	const head = "model_a,model_b,winner\n"
	for _, c := range []struct {
		about, name, text string
		expect            []string
	}{
		{"lines before and behind are counted", "f.jsonl", "\n" + one + "\r\n{}\n" + one + "{}", []string{
			"f.jsonl:4: model_a is missing; every battle names both models", "f.jsonl:6: model_a is missing; every battle names both models"}},
		{"many bad lines", "f.jsonl", strings.Repeat(`{"model_a":"x","model_b":"x"}`+"\n", 7) + strings.Repeat(one, 10_000) + strings.Repeat("{}\n", 20_000), []string{
			`f.jsonl:1: "x" meets itself; leave such battles out`, `f.jsonl:2: "x" meets itself; leave such battles out`,
			`f.jsonl:3: "x" meets itself; leave such battles out`, `f.jsonl:4: "x" meets itself; leave such battles out`,
			`f.jsonl:5: "x" meets itself; leave such battles out`, "and 20002 more: 20007 lines of f.jsonl cannot be used; mend or leave out all of them"}},
		{"a column missing", "f.csv", "model_a,winner\n", []string{`end: f.csv: no column model_b; the first line names "model_a", "winner"`}},
		{"no outcome", "f.csv", "model_a,model_b\n", []string{`end: f.csv: no column winner, and none p_a; the first line names "model_a", "model_b"`}},
		{"tabs", "f.csv", "model_a\tmodel_b\twinner\n", []string{`end: f.csv: no column model_a; the first line names "model_a\tmodel_b\twinner"; put commas between columns`}},
		{"a column twice", "f.csv", "model_a,model_b,winner,winner\n", []string{"end: f.csv: the first line names the column winner twice"}},
		{"an empty csv file", "f.csv", "\n\n", []string{"end: f.csv: the file is empty; a first line with the names of the columns is expected"}},
		{"a first line that breaks", "f.csv", "a\"b,model_a\n", []string{"end: f.csv: the first line, which names the columns: cell 1 holds a quote but is not in quotes; put it in quotes and double those inside"}},
		{"cells missing or left over", "f.csv", head + "x,y\nx,y,a,b\nx,y,a\n", []string{"f.csv:2: it has 2 cells, the first line 3", "f.csv:3: it has 4 cells, the first line 3"}},
		{"quotes in the wrong places, behind a cell of two lines", "f.csv", "z," + head + "\"a\nb\",x,y,a\nsay \"hi\",x,y,a\n\"x\"y,x,y,a\n\"\",x,y,c\n", []string{
			"f.csv:4: cell 1 holds a quote but is not in quotes; put it in quotes and double those inside",
			"f.csv:5: cell 1 goes on after its closing quote; double the quotes inside a cell",
			`f.csv:6: winner is "c"; write a, b or tie (model_a, model_b, both_bad are read, too)`}},
		{"a quote that is never closed", "f.csv", head + "x,y,a\nx,y,\"a\n", []string{"f.csv:3: cell 3 opens a quote that is never closed"}},
		{"words for numbers", "f.csv", "model_a,model_b,p_a,weight\nx,y,NaN,1\nx,y,0x1p-1,1\nx,y,1,Inf\nx,y,1,1e999\nx,y,,1\n", []string{
			`f.csv:2: p_a is "NaN", not a number`, `f.csv:3: p_a is "0x1p-1", not a number`, `f.csv:4: weight is "Inf", not a number`,
			`f.csv:5: weight is "1e999", which is too large a number`, "f.csv:6: it has neither winner (a, b or tie) nor p_a (points of model_a, 0 to 1)"}},
		{"bytes that are no UTF-8", "f.csv", head + "x\xff,y,a\n", []string{"f.csv:2: model_a: not UTF-8 at byte 2 (0xFF); save the file as UTF-8"}},
		{"UTF-16", "f.csv", "\xff\xfem\x00", []string{"end: f.csv: the file is UTF-16; save it as UTF-8"}},
		{"parquet", "f.parquet", "PAR1....", []string{"end: f.parquet: the file is parquet; write it as JSON Lines or CSV first"}},
		{"one list", "f.json", "\n[\n{}]", []string{"end: f.json: the file is one list; put one battle on each line, as `jq -c '.[]'` does"}},
		{"a cut gzip", "f.jsonl.gz", packed(one)[:20], []string{"end: f.jsonl.gz: the file ends in the middle of what is packed; it was not copied to its end"}},
		{"no gzip", "f.jsonl", "\x1f\x8b\x00", []string{"end: f.jsonl: the file ends in the middle of what is packed; it was not copied to its end"}},
	} {
		if diff := cmp.Diff(c.expect, read(t, c.name, c.text, Want{})); diff != "" {
			t.Errorf("%s (-want +got):\n%s", c.about, diff)
		}
	}
}

func packed(text string) string {
	var b bytes.Buffer
	z := gzip.NewWriter(&b)
	_, _ = io.WriteString(z, text)
	_ = z.Close()
	return b.String()
}

func TestPackedFiles(t *testing.T) {
	dir := t.TempDir()
	z, err := zstd.NewWriter(nil)
	if err != nil {
		t.Fatal(err)
	}
	for name, text := range map[string]string{"f.jsonl": one, "f.jsonl.gz": packed(one), "f.jsonl.zst": string(z.EncodeAll([]byte(one), nil)), "unpacked.csv.gz": "model_a,model_b,winner\nx,y,a\n"} {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		f, err := Open(path)
		if err != nil {
			t.Fatal(err)
		}
		n := 0
		if err := f.Read(t.Context(), Want{}, func(*Battle) error { n++; return nil }); err != nil || n != 1 {
			t.Errorf("%s: %d battles, %v; want 1", name, n, err)
		}
		if err := f.Close(); err != nil {
			t.Error(err)
		}
	}
	if _, err := Open(filepath.Join(dir, "none.csv")); err == nil || !strings.HasSuffix(err.Error(), "none.csv: no such file or directory") && runtime.GOOS != "windows" {
		t.Errorf("Open of no file = %v", err)
	}
	if _, err := Open(dir); err == nil || !strings.HasSuffix(err.Error(), "is a folder; name one file of battles") {
		t.Errorf("Open of a folder = %v", err)
	}
}

var xs = bytes.Repeat([]byte("x"), 1<<20)

// endless is a line that goes on and on, made up as it is read.
type endless struct {
	lead string
	left int
}

func (e *endless) Read(p []byte) (int, error) {
	if e.lead != "" {
		n := copy(p, e.lead)
		e.lead = e.lead[n:]
		return n, nil
	}
	if e.left == 0 {
		return 0, io.EOF
	}
	n := min(len(p), e.left)
	copy(p[:n], xs)
	n = min(n, len(xs))
	e.left -= n
	return n, nil
}

func TestLongLine(t *testing.T) {
	for name, lead := range map[string]string{"f.jsonl": one + `{"z":"`, "f.csv": "model_a,model_b,winner\n\"", "header.csv": "\""} {
		in := &endless{lead, 100 << 20}
		f := New(name, in)
		if f.most != maxLine {
			t.Errorf("a battle may have %d bytes; want %d", f.most, maxLine)
		}
		f.most = 1 << 20
		err := f.Read(t.Context(), Want{}, func(*Battle) error { return nil })
		if err == nil || !strings.Contains(err.Error(), "is longer than 16 MiB") || in.left < 98<<20 {
			t.Errorf("%s: a line of 100 MiB = %v with %d left unread; want an error after the first", name, err, in.left)
		}
		if name == "f.jsonl" && !strings.HasPrefix(err.Error(), "f.jsonl:2: ") {
			t.Errorf("%s: %v; want the line", name, err)
		}
	}
}

// Blocks are joined so that nothing shows where they were cut, or which core was quicker.
func TestBlocks(t *testing.T) {
	for _, name := range []string{"f.jsonl", "f.csv"} {
		var text strings.Builder
		if name == "f.csv" {
			text.WriteString("z,model_a,model_b,winner,prompt,category\n")
		}
		const lines = 5000
		for i := range lines {
			z := strings.Repeat("z\n", i%23)
			if name == "f.csv" {
				fmt.Fprintf(&text, "\"%s\"\"\",m%d,m%d,a,%d,c%d\n", z, i%101, 101+i%7, i/3, i%31)
			} else {
				fmt.Fprintf(&text, `{"z":%q,"model_a":"m%d","model_b":"m%d","winner":"a","prompt":%d,"category":"c%d"}`+"\n", z, i%101, 101+i%7, i/3, i%31)
			}
		}
		f := New(name, strings.NewReader(text.String()))
		f.block = 300
		i := 0
		err := f.Read(t.Context(), Want{Clusters: true, By: "category"}, func(b *Battle) error {
			want := fmt.Sprintf("m%d m%d %d c%d", i%101, 101+i%7, i/3, i%31)
			if got := fmt.Sprintf("%s %s %d %s", f.Models()[b.A], f.Models()[b.B], b.Cluster, f.Groups()[b.Group]); got != want {
				return fmt.Errorf("battle %d is %s; want %s", i, got, want)
			}
			i++
			return nil
		})
		if err != nil || i != lines {
			t.Errorf("%s: %d battles, %v", name, i, err)
		}
		if want := []string{"m0", "m101", "m1", "m102"}; !cmp.Equal(f.Models()[:4], want) {
			t.Errorf("%s: models are numbered %v …; want %v", name, f.Models()[:4], want)
		}
	}
}

// Whoever hands on battles may stop, and so may the user.
func TestStop(t *testing.T) {
	text := strings.Repeat(one, 100_000)
	stop := errors.New("stop")
	if err := New("f.jsonl", strings.NewReader(text)).Read(t.Context(), Want{}, func(*Battle) error { return stop }); !errors.Is(err, stop) {
		t.Errorf("Read with a put that fails = %v", err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	err := New("f.jsonl", strings.NewReader(text)).Read(ctx, Want{}, func(*Battle) error { cancel(); return nil })
	if !errors.Is(err, context.Canceled) {
		t.Errorf("Read after a signal = %v", err)
	}
}
