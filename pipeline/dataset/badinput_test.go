package dataset

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"openarena/configs"
)

// Every row names what is wrong, and the rows around it are still read.
func TestBadRows(t *testing.T) {
	type set = configs.Dataset
	const ok = `{"prompt":"fine"}` + "\n"
	for _, c := range []struct {
		about, name, text string
		set               set
		want              []string
	}{
		{"a missing field names those that exist", "a.jsonl", `{"instruction":"x","output":"y"}` + "\n" + ok, set{},
			[]string{`bad: a.jsonl:1: no field "prompt"; fields here: instruction, output; perhaps field: instruction`, "a.jsonl:2 | user: fine"}},
		{"a typing mistake is guessed", "a.jsonl", ok, set{Field: "promt"},
			[]string{`bad: a.jsonl:1: no field "promt"; did you mean "prompt"? fields here: prompt`}},
		{"an object without fields", "a.jsonl", "{}\n" + ok, set{},
			[]string{`bad: a.jsonl:1: no field "prompt"; the row has no fields`, "a.jsonl:2 | user: fine"}},
		{"a field that is no text", "a.jsonl", `{"prompt":7}` + "\n" + `{"prompt":{"a":1}}` + "\n" + `{"prompt":null}` + "\n" + `{"prompt":true}`, set{},
			[]string{
				"bad: a.jsonl:1: field prompt is a number, neither text nor a list of messages",
				"bad: a.jsonl:2: field prompt is an object, neither text nor a list of messages; fields there: a",
				"bad: a.jsonl:3: field prompt is null, neither text nor a list of messages",
				"bad: a.jsonl:4: field prompt is true or false, neither text nor a list of messages",
			}},
		{"a row that is no object", "a.jsonl", "\"text\"\n[1]\n7\n" + ok, set{},
			[]string{
				"bad: a.jsonl:1: the row is text, not an object with fields",
				"bad: a.jsonl:2: the row is a list, not an object with fields",
				"bad: a.jsonl:3: the row is a number, not an object with fields",
				"a.jsonl:4 | user: fine",
			}},
		{"a row that is no JSON", "a.jsonl", "{\"prompt\":}\n{\"prompt\":\"x\"\n{'a':1}\n{\"prompt\":\"a\tb\"}\n{\"a\":01}\n{} {}\n{\"a\":\"\\x\"}\n{\"a\":NaN}\n" + ok, set{},
			[]string{
				"bad: a.jsonl:1: not JSON: column 11: a value is expected",
				"bad: a.jsonl:2: not JSON: it ends in the middle",
				"bad: a.jsonl:3: not JSON: column 2: a field name in quotes is expected",
				"bad: a.jsonl:4: not JSON: column 13: a control character inside a string; write it as an escape",
				`bad: a.jsonl:5: not JSON: column 7: "," or "}" is expected`,
				"bad: a.jsonl:6: not JSON: column 4: something follows the value",
				"bad: a.jsonl:7: not JSON: column 7: an unknown escape",
				"bad: a.jsonl:8: not JSON: column 6: a value is expected",
				"a.jsonl:9 | user: fine",
			}},
		{"a row cut at its end", "a.jsonl", ok + `{"prompt":"cu`, set{},
			[]string{"a.jsonl:1 | user: fine", "bad: a.jsonl:2: not JSON: it ends in the middle"}},
		{"nesting without end", "a.jsonl", strings.Repeat("[", 100_000) + "\n" + ok, set{},
			[]string{"bad: a.jsonl:1: not JSON: column 501: nested too deep", "a.jsonl:2 | user: fine"}},
		{"an empty prompt", "a.jsonl", `{"prompt":" \n\u00a0"}` + "\n" + ok, set{},
			[]string{"bad: a.jsonl:1: the prompt is empty (field prompt)", "a.jsonl:2 | user: fine"}},
		{"bytes that are no UTF-8", "a.jsonl", "{\"prompt\":\"ab\xffc\"}\n" + ok, set{},
			[]string{"bad: a.jsonl:1: field prompt is not valid UTF-8 at byte 3 (0xFF)", "a.jsonl:2 | user: fine"}},
		{"the same in a field that nobody needs", "a.jsonl", "{\"x\":\"\xff\",\"prompt\":\"fine\"}\n", set{},
			[]string{"a.jsonl:1 | user: fine"}},
		{"half of a character as an escape", "a.jsonl", `{"prompt":"a\ud83d"}` + "\n" + `{"prompt":"\ude00b"}` + "\n" + `{"prompt":"\ud83d\ude00"}`, set{},
			[]string{
				"bad: a.jsonl:1: field prompt holds half of a character, a lone surrogate, at byte 2",
				"bad: a.jsonl:2: field prompt holds half of a character, a lone surrogate, at byte 1",
				"a.jsonl:3 | user: 😀",
			}},
		{"cells missing or left over", "a.csv", "id,prompt\n1\n2,two\n3,three,3\n", set{},
			[]string{
				"bad: a.csv:2: the row has 1 cells, the first line 2",
				"a.csv:3 | user: two",
				"bad: a.csv:4: the row has 3 cells, the first line 2",
			}},
		{"quotes in the wrong places", "a.csv", "prompt,b\nsay \"hi\",1\n\"x\"y,2\n\"multi\nline\",3\nlast,4\n", set{},
			[]string{
				"bad: a.csv:2: cell 1 holds a quote but is not in quotes; put it in quotes and double those inside",
				"bad: a.csv:3: cell 1 goes on after its closing quote; double the quotes inside a cell",
				"a.csv:4 | user: multi\nline",
				"a.csv:6 | user: last",
			}},
		{"a tsv file may hold quotes as characters", "a.tsv", "prompt\tb\nsay \"hi\"\t1\n", set{}, []string{`a.tsv:2 | user: say "hi"`}},
		{"a quote that is never closed", "a.csv", "prompt\none\n\"two\nthree\n", set{},
			[]string{"a.csv:2 | user: one", "end: a.csv: line 3: cell 1 opens a quote that is never closed"}},
		{"two columns of one name", "a.csv", "prompt,prompt\na,b\n", set{}, []string{`end: a.csv: the first line names the column "prompt" twice`}},
		{"a csv file without anything", "a.csv", "", set{},
			[]string{"end: a.csv: the file is empty; a first line with the names of the columns is expected"}},
		{"a csv file without rows", "a.csv", "prompt\n", set{}, []string{"end: a.csv: no rows in the file"}},
		{"an empty file", "a.jsonl", "\n \n", set{}, []string{"end: a.jsonl: no rows in the file"}},
		{"an offset behind the end", "a.jsonl", ok + ok, set{Offset: 5},
			[]string{"end: a.jsonl: no rows in the file from offset 5 on; there are 2 in all"}},
		{"UTF-16", "a.txt", "\xff\xfeh\x00i\x00", set{}, []string{"end: a.txt: the file is UTF-16; save it as UTF-8"}},
		{"a list of other things", "a.json", `["x", {"prompt":"fine"}, 3]`, set{},
			[]string{
				"bad: a.json:1: the row is text, not an object with fields",
				"a.json:2 | user: fine",
				"bad: a.json:3: the row is a number, not an object with fields",
			}},
		{"an object around the rows", "a.json", `{"v":{"x":[1]},"n":[],"data":[{"prompt":"fine"}],"z":1}`, set{}, []string{"a.json:1 | user: fine"}},
		{"two lists in it", "a.json", `{"a":[{"prompt":"fine"}],"b":[{"prompt":"x"}]}`, set{},
			[]string{"a.json:1 | user: fine", "end: a.json: the object holds two lists, a and b; which one are the rows?"}},
		{"no list in it", "a.json", `{"prompt":"fine"}`, set{}, []string{"end: a.json: the object holds no list of rows"}},
		{"one object a line, as many .json files are", "a.json", ok + ok, set{}, []string{"a.json:1 | user: fine", "a.json:2 | user: fine"}},
		{"neither list nor object", "a.json", `7`, set{}, []string{"end: a.json: a list of objects is expected"}},
		{"a list that breaks", "a.json", `[{"prompt":"fine"},{"prompt":]`, set{},
			[]string{"a.json:1 | user: fine", "end: a.json: row 2: not JSON: invalid character ']' looking for beginning of value"}},
		{"a list that ends", "a.json", `[{"prompt":"fine"}`, set{}, []string{"a.json:1 | user: fine", "end: a.json: row 1: the file ends in the middle"}},
		{"something behind the list", "a.json", `[{"prompt":"fine"}] []`, set{}, []string{"a.json:1 | user: fine", "end: a.json: something follows the list of rows"}},
		{"no parquet", "a.parquet", "PAR1 but not really", set{}, nil},
		{"a system message twice", "a.jsonl", `{"s":"x","prompt":[{"role":"system","content":"y"},{"role":"user","content":"z"}]}`, set{SystemField: "s"},
			[]string{"bad: a.jsonl:1: both s and the list of messages hold a system message; leave out system_field"}},
		{"a category that is no text", "a.jsonl", `{"prompt":"x","c":["y"]}`, set{CategoryField: "c"}, []string{"bad: a.jsonl:1: field c is a list, not text"}},
		{"a reference that is missing", "a.jsonl", ok, set{ReferenceField: "answer"},
			[]string{"a.jsonl:1 | user: fine", `end: reference_field: no row has it: no field "answer"; fields here: prompt`}},
	} {
		t.Run(c.about, func(t *testing.T) {
			dir := t.TempDir()
			c.set.Path = write(t, dir, c.name, c.text)
			c.set.Limit = -1
			got := read(t, c.set, dir)
			if c.want == nil {
				if len(got) != 1 || !strings.HasPrefix(got[0], "end: a.parquet: not a whole parquet file: ") {
					t.Errorf("got %q", got)
				}
				return
			}
			if diff := cmp.Diff(c.want, got); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

func TestCutFiles(t *testing.T) {
	dir := t.TempDir()
	text := strings.Repeat(`{"prompt":"some words that compress, then others"}`+"\n", 20_000)
	for _, ending := range []string{".gz", ".zst"} {
		name := write(t, dir, "cut.jsonl"+ending, text)
		whole, err := os.ReadFile(filepath.Join(dir, name))
		if err != nil {
			t.Fatal(err)
		}
		for _, size := range []int{0, 3, len(whole) / 2, len(whole) - 1} {
			if err := os.WriteFile(filepath.Join(dir, name), whole[:size], 0o600); err != nil {
				t.Fatal(err)
			}
			got := read(t, configs.Dataset{Path: name, Limit: -1}, dir)
			if last := got[len(got)-1]; !strings.HasPrefix(last, "end: "+name+": ") {
				t.Errorf("%s of %d bytes ends with %q; want an error that names it", name, size, last)
			}
		}
	}
}

func TestDamagedParquet(t *testing.T) {
	dir := t.TempDir()
	var rows []parquetRow
	for range 300 {
		rows = append(rows, parquetRow{Prompt: "x", Messages: []turn{{"x", "user"}}})
	}
	whole := []byte(parquetText(t, rows))
	for i := 0; i < len(whole); i += 37 {
		bent := append([]byte(nil), whole...)
		bent[i] ^= 0x5A
		if err := os.WriteFile(filepath.Join(dir, "bent.parquet"), bent, 0o600); err != nil {
			t.Fatal(err)
		}
		for _, line := range read(t, configs.Dataset{Path: "bent.parquet", Field: "messages", Limit: -1}, dir) {
			if !strings.Contains(line, "bent.parquet") {
				t.Fatalf("byte %d bent: %q does not name the file", i, line)
			}
		}
	}
}

func TestOpenErrors(t *testing.T) {
	dir := t.TempDir()
	write(t, dir, "sub/a.jsonl", "{}\n")
	write(t, dir, "sub/readme.md", "x")
	write(t, dir, "plain.gz", "x")
	if err := os.Symlink("nowhere", filepath.Join(dir, "broken.jsonl")); err != nil {
		t.Fatal(err)
	}
	const known = "(csv, json, jsonl, ndjson, parquet, tsv, txt; each also .gz or .zst)"
	for _, c := range []struct {
		about string
		set   configs.Dataset
		want  string
	}{
		{"a file that is not there", configs.Dataset{Path: "no.jsonl"}, "no.jsonl: file does not exist; relative paths start at the folder of the configuration"},
		{"a link that leads nowhere", configs.Dataset{Path: "broken.jsonl"}, "broken.jsonl: file does not exist; relative paths start at the folder of the configuration"},
		{"a pattern that matches nothing", configs.Dataset{Path: "*.csv"}, "*.csv: no file matches; relative paths start at the folder of the configuration"},
		{"a pattern that is broken", configs.Dataset{Path: "[a.csv"}, `[a.csv: a [ is not closed, or a \ ends the pattern`},
		{"a folder", configs.Dataset{Path: "sub"}, "sub is a folder; name its files, such as sub/*.jsonl"},
		{"a device", configs.Dataset{Path: os.DevNull}, os.DevNull + " is not a regular file"},
		{"a format that nobody knows", configs.Dataset{Path: "sub/*"}, "sub/readme.md: its name does not end in a known format " + known},
		{"a compression around nothing known", configs.Dataset{Path: "plain.gz"}, "plain.gz: its name does not end in a known format " + known},
		{"a template that does not parse", configs.Dataset{Path: "sub/a.jsonl", Template: "a\n{{.x"}, "template:2: unclosed action"},
	} {
		_, err := Open(t.Context(), c.set, From{Dir: dir})
		if want := "dataset " + c.set.Path + ": " + c.want; err == nil || err.Error() != want {
			t.Errorf("%s: Open(%q) = %v; want %s", c.about, c.set.Path, err, want)
		}
	}
	if os.Getuid() != 0 { // the superuser may read everything
		write(t, dir, "closed.jsonl", "{}")
		if err := os.Chmod(filepath.Join(dir, "closed.jsonl"), 0); err != nil {
			t.Fatal(err)
		}
		if _, err := Open(t.Context(), configs.Dataset{Path: "closed.jsonl"}, From{Dir: dir}); err == nil || !strings.Contains(err.Error(), "closed.jsonl: permission denied") {
			t.Errorf("Open of an unreadable file = %v", err)
		}
	}
}
