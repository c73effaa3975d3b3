package dataset

import (
	"bufio"
	"bytes"
	stdcsv "encoding/csv"
	"encoding/json"
	"errors"
	"io"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"unicode/utf8"
)

// encoding/json is the oracle: both take and refuse the same rows, and see the same values in them.
func FuzzJSONRow(f *testing.F) {
	for _, s := range []string{
		`{}`, `{"a":1}`, `{"a":-0,"b":1e5,"c":[true,false,null],"d":{"e":"\u00e9\ud83d\ude00\n"}}`, `{"a":"\ud800"}`, "{\"a\":\"\xff\"}",
		`{"a":1,}`, `{"a":01}`, `{"a":"`, `{"a" : [ ] } `, `[1]`, `{"a":tru}`, `{"a":1.}`, `{"a":.5}`, `{"a":1E+}`, `{"a":"\u12"}`, `{"a":1,"a":2}`,
	} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		o, err := new(jsonReader).object(data)
		dec := json.NewDecoder(bytes.NewReader(data))
		dec.UseNumber()
		var want map[string]any
		wantErr := dec.Decode(&want)
		if wantErr == nil {
			if _, more := dec.Token(); !errors.Is(more, io.EOF) {
				wantErr = errors.New("more")
			}
		}
		if bytes.Equal(bytes.TrimSpace(data), []byte("null")) || bytes.Count(data, []byte("["))+bytes.Count(data, []byte("{")) > maxDepth {
			return // null is no row; the oracle nests deeper
		}
		if (err == nil) != (wantErr == nil) {
			t.Fatalf("object(%q) = %v; encoding/json says %v", data, err, wantErr)
		}
		if err != nil {
			var bad badRow
			if !errors.As(err, &bad) {
				t.Fatalf("object(%q) fails with a %T", data, err)
			}
			return
		}
		if !utf8.Valid(data) || strings.Contains(strings.ToLower(string(data)), `\ud`) || strings.Contains(string(data), "-0") {
			return // replaced by the oracle, kept by us
		}
		if got := comparable(o); !reflect.DeepEqual(got, any(want)) {
			t.Fatalf("object(%q) = %v; encoding/json reads %v", data, got, want)
		}
		read := &jsonReader{need: map[string]bool{}}
		if o, err := read.object(data); err != nil || len(o.names) == 0 && len(want) > 0 {
			t.Fatalf("reading over the fields of %q: %v, %v", data, o, err)
		}
	})
}

// comparable is v as encoding/json has it with UseNumber.
func comparable(v any) any {
	switch v := v.(type) {
	case *Object:
		m := make(map[string]any)
		for name, value := range v.All() {
			m[name] = comparable(value)
		}
		return m
	case []any:
		list := make([]any, len(v))
		for i := range v {
			list[i] = comparable(v[i])
		}
		return list
	case int64:
		b, _ := json.Marshal(v)
		return json.Number(b)
	}
	return v
}

// encoding/csv is the oracle wherever it is exact: not for a CR, which it drops, and up to the first row it refuses.
func FuzzCSV(f *testing.F) {
	for _, s := range []string{"a,b\n1,2\n", "a\n\"x\ny\"\n", "a,b\n\"1\"\"\",\n\n3,4", "a\n\"", "a\nb\"c\n", "a,b\n\"x\"y,1\n2,3", ",\n,\n", "a,b\n1\n"} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		if bytes.ContainsRune(data, '\r') || bytes.HasPrefix(data, []byte("\uFEFF")) {
			return
		}
		oracle := stdcsv.NewReader(bytes.NewReader(data))
		oracle.FieldsPerRecord = -1
		c := &csv{lines: lines{r: bufio.NewReader(bytes.NewReader(data))}, comma: ','}
		for {
			want, wantErr := oracle.Read()
			err := c.row()
			if (err == nil) != (wantErr == nil) {
				t.Fatalf("%q: line %d: row() = %v; encoding/csv says %v", data, c.start, err, wantErr)
			}
			if err != nil {
				return
			}
			if got := c.cells(); !reflect.DeepEqual(got, want) {
				t.Fatalf("%q: line %d: cells %q; encoding/csv reads %q", data, c.start, got, want)
			}
		}
	})
}

// Whatever lies in a file, a walk ends, and every row is usable or says why not.
func FuzzFiles(f *testing.F) {
	for ending := range formats {
		f.Add(ending, []byte("{\"prompt\":\"x\"}\n"))
		f.Add(ending+".gz", []byte("\x1f\x8b\x08"))
		f.Add(ending+".zst", []byte("\x28\xb5\x2f\xfd"))
	}
	f.Add("json", []byte(`{"a":{"b":[]},"c":[{"prompt":"x"}]}`))
	f.Fuzz(func(t *testing.T, ending string, data []byte) {
		if _, _, err := formatOf("a." + ending); err != nil || strings.ContainsAny(ending, "/\x00") || len(ending) > 20 {
			return
		}
		name := filepath.Join(t.TempDir(), "a."+ending)
		if err := os.WriteFile(name, data, 0o600); err != nil {
			t.Fatal(err)
		}
		fs := &files{names: []string{name}, place: folder("")}
		rec := &recipe{field: newFieldPath("prompt")}
		ended := false
		for r, err := range fs.walk(t.Context(), every, rec.needs()) {
			if ended {
				t.Fatal("a row came after the end")
			}
			var bad *RowError
			if err != nil {
				ended = !errors.As(err, &bad)
				continue
			}
			row, err := rec.row(r, &absences{})
			if err == nil && (len(row.Messages) == 0 || !utf8.ValidString(row.Messages[0].Content)) {
				t.Fatalf("row %+v is not usable", row)
			}
		}
	})
}
