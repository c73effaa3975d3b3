package export

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/parquet-go/parquet-go"
	"github.com/parquet-go/parquet-go/format"
)

// rankedRow is a row of ranked as another program would declare it.
type rankedRow struct {
	Prompt *string         `parquet:"prompt,optional"`
	Models []rankedElement `parquet:"ranked_models,list,optional"`
}

type rankedElement struct {
	Name     *string  `parquet:"model_name,optional"`
	Score    *float64 `parquet:"avg_score,optional"`
	Response *string  `parquet:"response,optional"`
}

func asParquet(t *testing.T, a Arena, typ string) []byte {
	t.Helper()
	var b bytes.Buffer
	if _, err := Write(t.Context(), &b, a, Options{Type: typ, Format: "parquet"}); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func readParquet[T any](t *testing.T, file []byte) []T {
	t.Helper()
	rows, err := parquet.Read[T](bytes.NewReader(file), int64(len(file)))
	if err != nil {
		t.Fatal(err)
	}
	return rows
}

// What a row holds as jsonl it holds as parquet: texts of every kind, numbers, nothing, and conversations, which are JSON there.
func TestParquetHoldsWhatJSONLDoes(t *testing.T) {
	arena := sample()
	for _, s := range nasty {
		arena.prompts = append(arena.prompts, &Prompt{Messages: user(s), Answers: []Answer{{Model: s, Text: s}, {Model: "b", Text: "x"}, {Model: "unjudged"}},
			Judgments: []Judgment{{First: 0, Second: 1, Weight: 1, State: "decided", Verdict: "A>>B", Level: 2}}})
	}
	rows := readParquet[rankedRow](t, asParquet(t, arena, "ranked"))
	var want bytes.Buffer
	if _, err := Write(t.Context(), &want, arena, Options{}); err != nil {
		t.Fatal(err)
	}
	var got []byte
	for _, r := range rows {
		got = append(got, `{"prompt":`...)
		if strings.HasPrefix(*r.Prompt, `[{"role":`) {
			got = append(got, *r.Prompt...)
		} else {
			got = appendString(got, *r.Prompt)
		}
		got = append(got, `,"ranked_models":[`...)
		for i, m := range r.Models {
			if i > 0 {
				got = append(got, ',')
			}
			score := numberOrNull(m.Score)
			got = append(appendString(append(got, `{"model_name":`...), *m.Name), `,"avg_score":`...)
			got = append(score.appendJSON(got), `,"response":`...)
			got = append(appendString(got, *m.Response), '}')
		}
		got = append(got, "]}\n"...)
	}
	if diff := cmp.Diff(want.String(), string(got)); diff != "" {
		t.Errorf("(-jsonl +parquet):\n%.2000s", diff)
	}
}

// Every shape that a column may have, with nothing, little and much in it.
func TestParquetShapes(t *testing.T) {
	inner := recordOf(column{"names", listOf(aText)}, column{"n", aWhole})
	columns := []column{
		{"zebra", aText}, {"apple", aNumber}, {"truth", aTruth}, {"chosen", listOfMessages}, {"deep", listOf(inner)}, {"one", inner}, {"many", listOf(listOf(aWhole))},
	}
	var s scratch
	rows := [][]value{
		{text("z"), number(-0.5), truth(true), s.messages(user("hi")...),
			s.list(s.record(inner, s.list(text("a"), value{}, text("")), whole(-7)), s.record(inner, s.list(), value{}), s.record(inner, value{}, whole(1))),
			s.record(inner, s.list(text("b")), whole(2)), s.list(s.list(whole(1), whole(2)), s.list(), s.list(whole(3)))},
		{{}, {}, {}, {}, {}, s.record(inner, value{}, value{}), {}},
		{text(""), whole(3), truth(false), s.list(), s.list(), s.record(inner, s.list(), whole(0)), s.list()},
	}
	var b bytes.Buffer
	f := newParquet(&b, columns)
	var want []byte
	for _, row := range rows {
		if err := f.add(row); err != nil {
			t.Fatal(err)
		}
		want = append(appendObject(want, keys(columns), row), '\n')
	}
	if err := f.close(); err != nil {
		t.Fatal(err)
	}
	file, err := parquet.OpenFile(bytes.NewReader(b.Bytes()), int64(b.Len()))
	if err != nil {
		t.Fatal(err)
	}
	schema := `message row {
	optional binary zebra (STRING);
	optional double apple;
	optional boolean truth;
	optional group chosen (LIST) {
		repeated group list {
			required group element {
				optional binary role (STRING);
				optional binary content (STRING);
			}
		}
	}
	optional group deep (LIST) {
		repeated group list {
			required group element {
				optional group names (LIST) {
					repeated group list {
						optional binary element (STRING);
					}
				}
				optional int64 n (INT(64,true));
			}
		}
	}
	required group one {
		optional group names (LIST) {
			repeated group list {
				optional binary element (STRING);
			}
		}
		optional int64 n (INT(64,true));
	}
	optional group many (LIST) {
		repeated group list {
			optional group element (LIST) {
				repeated group list {
					optional int64 element (INT(64,true));
				}
			}
		}
	}
}`
	if diff := cmp.Diff(schema, file.Schema().String()); diff != "" {
		t.Errorf("the schema (-want +got):\n%s", diff)
	}
	if got := parquetJSON(t, file, columns); got != string(want) {
		t.Errorf("parquet holds\n%s\nwant\n%s", got, want)
	}
}

// parquetJSON is a file's rows as JSON lines, put together from the levels of the leaves.
func parquetJSON(t *testing.T, file *parquet.File, columns []column) string {
	t.Helper()
	reader := parquet.NewReader(file)
	defer reader.Close()
	var text []byte
	rows := make([]parquet.Row, 1)
	for {
		n, err := reader.ReadRows(rows)
		if n == 1 {
			var leaves [][]parquet.Value
			for _, values := range rows[0].Range {
				leaves = append(leaves, values)
			}
			var row []value
			for _, c := range columns {
				var v value
				v, leaves = assembled(c.shape, leaves, 0, 0)
				row = append(row, v)
			}
			text = append(appendObject(text, keys(columns), row), '\n')
		}
		if errors.Is(err, io.EOF) {
			return string(text)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
}

// assembled is the value of a shape whose leaves come first among these, and the leaves behind.
func assembled(s *shape, leaves [][]parquet.Value, def, depth int) (value, [][]parquet.Value) {
	switch s.form {
	case formRecord:
		v := value{kind: isRecord, of: s}
		for _, f := range s.fields {
			var item value
			item, leaves = assembled(f.shape, leaves, def, depth)
			v.items = append(v.items, item)
		}
		return v, leaves
	case formList:
		n := len(leaves) - skipLeaves(s.item)
		mine, rest := leaves[:len(leaves)-n], leaves[len(leaves)-n:]
		first := mine[0][0].DefinitionLevel()
		if first <= def {
			return value{}, rest
		}
		v := value{kind: isList}
		for first > def+1 && len(mine[0]) > 0 {
			item := make([][]parquet.Value, len(mine))
			for i, values := range mine {
				end := 1
				for end < len(values) && values[end].RepetitionLevel() > depth+1 {
					end++
				}
				item[i], mine[i] = values[:end], values[end:]
			}
			one, _ := assembled(s.item, item, def+2, depth+1)
			v.items = append(v.items, one)
		}
		return v, rest
	}
	v := leaves[0][0]
	rest := leaves[1:]
	switch {
	case v.IsNull():
		return value{}, rest
	case s.form == formText:
		return text(string(v.ByteArray())), rest
	case s.form == formNumber:
		return number(v.Double()), rest
	case s.form == formWhole:
		return whole(int(v.Int64())), rest
	}
	return truth(v.Boolean()), rest
}

func skipLeaves(s *shape) (n int) {
	switch s.form {
	case formRecord:
		for _, f := range s.fields {
			n += skipLeaves(f.shape)
		}
		return n
	case formList:
		return skipLeaves(s.item)
	}
	return 1
}

// grouped is ranked as parquet with row groups of so many bytes.
func grouped(t *testing.T, w io.Writer, a Arena, limit int) error {
	t.Helper()
	f := newParquet(w, rankedColumns)
	f.limit = limit
	if err := tables["ranked"].fill(t.Context(), a, f.add); err != nil {
		f.abandon()
		return err
	}
	return f.close()
}

// Many row groups, compressed at once, come in order, and the same bytes every time.
func TestParquetRowGroups(t *testing.T) {
	const rows = 300
	arena := &fixed{}
	for i := range rows {
		arena.prompts = append(arena.prompts, &Prompt{Messages: user(fmt.Sprint(i)), Answers: []Answer{{Model: "a", Text: strings.Repeat("x", 1000)}, {Model: "b", Text: "x"}},
			Judgments: []Judgment{{First: 0, Second: 1, Weight: 1, State: "decided", Verdict: "A>>B", Level: 2}}})
	}
	var first, again bytes.Buffer
	for _, b := range []*bytes.Buffer{&first, &again} {
		if err := grouped(t, b, arena, 40_000); err != nil {
			t.Fatal(err)
		}
	}
	if !bytes.Equal(first.Bytes(), again.Bytes()) {
		t.Error("the same rows became other bytes")
	}
	file, err := parquet.OpenFile(bytes.NewReader(first.Bytes()), int64(first.Len()))
	if err != nil {
		t.Fatal(err)
	}
	if n := len(file.RowGroups()); n != 9 {
		t.Errorf("%d row groups; want 9", n)
	}
	for i, g := range file.Metadata().RowGroups {
		if size := g.TotalByteSize; size > 45_000 {
			t.Errorf("row group %d has %d bytes; want about 40 kB", i, size)
		}
		for _, c := range g.Columns {
			if c.MetaData.Codec != format.Zstd {
				t.Errorf("a column of row group %d is %v; want zstd", i, c.MetaData.Codec)
			}
		}
	}
	for i, r := range readParquet[rankedRow](t, first.Bytes()) {
		if *r.Prompt != fmt.Sprint(i) {
			t.Fatalf("row %d is %s", i, *r.Prompt)
		}
	}
}

func TestParquetWithoutRows(t *testing.T) {
	for _, typ := range []string{"ranked", "battles", "ratings"} {
		file := asParquet(t, &fixed{}, typ)
		if rows := readParquet[any](t, file); len(rows) != 0 {
			t.Errorf("%s: %d rows; want none", typ, len(rows))
		}
	}
}

// A writer that fails ends the export with its error, in whichever row group it happens.
func TestParquetFailingWriter(t *testing.T) {
	full := errors.New("no space left")
	arena := &benchArena{benchPrompt(), 100}
	for _, room := range []int{0, 100, 2000} {
		if err := grouped(t, &small{room: room, err: full}, arena, 50_000); !errors.Is(err, full) {
			t.Errorf("with room for %d bytes: %v; want %v", room, err, full)
		}
	}
}

// small takes so many bytes.
type small struct {
	room int
	err  error
}

func (s *small) Write(b []byte) (int, error) {
	if s.room -= len(b); s.room < 0 {
		return 0, s.err
	}
	return len(b), nil
}
