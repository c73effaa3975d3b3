package battlefile

import (
	"bytes"
	stdcsv "encoding/csv"
	"encoding/json"
	"errors"
	"math"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"openarena/pipeline/rating"
)

// encoding/json is the oracle: both take and refuse the same lines, and see the same in the known fields.
func FuzzJSON(f *testing.F) {
	for _, s := range []string{
		`{}`, ` { "model_a" : "x" , "model_b":"\u00e9\ud83d\ude00\n"} `, `{"p_a":-1.5e+3,"z":{"a":[1,{}],"b":"]"}}`, `{"winner":"\ud800"}`, "{\"a\":\"\xff\"}",
		`{"weight":1,}`, `{"weight":01}`, `{"judge":"`, `[1]`, `{"a":tru}`, `{"a":1.}`, `{"a":[}`, `{"\u0070_a":1}`, `{"a":"\u12"}`, `{"a":{"b":1}]}`, `{"a":"x	y"}`,
	} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		if bytes.ContainsRune(data, '\n') || !utf8.Valid(data) || len(bytes.Trim(data, " \t\r")) == 0 {
			return
		}
		b := &block{text: data}
		b.begin()
		s := scanner{text: data, block: b}
		err := s.object()
		var want map[string]any
		wantErr := json.Unmarshal(data, &want)
		if wantErr == nil && want == nil {
			return // null is no object to us
		}
		if err != nil && (strings.HasSuffix(err.Error(), "is there twice; leave one out") || strings.HasSuffix(err.Error(), "a lone surrogate")) {
			return // stricter than the oracle
		}
		if (err == nil) != (wantErr == nil) {
			var number *json.UnmarshalTypeError // the oracle keeps numbers as float64
			if errors.As(wantErr, &number) {
				return
			}
			t.Fatalf("object(%q) = %v; encoding/json says %v", data, err, wantErr)
		}
		if err != nil || bytes.Contains(bytes.ToLower(data), []byte(`\ud`)) {
			return
		}
		for k := modelA; k < known; k++ {
			v := b.line.get(k)
			switch w := want[k.String()].(type) {
			case nil:
				if v.kind != kindMissing {
					t.Fatalf("%q: %v is %v; encoding/json has none", data, k, v.kind)
				}
			case string:
				if v.kind != kindText || string(v.text) != w {
					t.Fatalf("%q: %v is %q; encoding/json reads %q", data, k, v.text, w)
				}
			case float64:
				if n, err := b.line.number(k); v.kind != kindNumber || err != nil || n != w {
					t.Fatalf("%q: %v is %v, %v; encoding/json reads %v", data, k, n, err, w)
				}
			default:
				if v.kind != kindOther {
					t.Fatalf("%q: %v is %v", data, k, v.kind)
				}
			}
		}
	})
}

// encoding/csv is the oracle wherever it is exact: not for a CR, which it drops, and up to the first row it refuses.
func FuzzCSV(f *testing.F) {
	for _, s := range []string{"a,b\n1,2\n", "a\n\"x\ny\"\n", "a,b\n\"1\"\"\",\n\n3,4", "a\n\"", "a\nb\"c\n", "a,b\n\"x\"y,1\n2,3", ",\n,\n", "\"\"\n\"\""} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		if bytes.ContainsRune(data, '\r') {
			return
		}
		oracle := stdcsv.NewReader(bytes.NewReader(data))
		oracle.FieldsPerRecord = -1
		c := cells{text: data, block: new(block)}
		for {
			for len(c.text) > 0 && c.text[0] == '\n' {
				c.text = c.text[1:]
			}
			want, wantErr := oracle.Read()
			if len(c.text) == 0 {
				if wantErr == nil {
					t.Fatalf("%q: nothing is left; encoding/csv reads %q", data, want)
				}
				return
			}
			row, err := c.next()
			if (err == nil) != (wantErr == nil) {
				t.Fatalf("%q: next() = %q, %v; encoding/csv says %q, %v", data, row, err, want, wantErr)
			}
			if err != nil {
				return
			}
			var got []string
			for _, one := range row {
				got = append(got, string(one))
			}
			if !slices.Equal(got, want) {
				t.Fatalf("%q: cells %q; encoding/csv reads %q", data, got, want)
			}
		}
	})
}

// Whatever lies in a file, reading ends, every battle can be counted, and where blocks are cut does not show.
func FuzzFile(f *testing.F) {
	for _, s := range []string{
		one, one + `{"model_a":"y","model_b":"x","p_a":0.3,"weight":2,"prompt":"p","judge":1,"len_a":1,"len_b":2}`,
		"model_a,model_b,winner,prompt\nx,y,a,\"p\nq\"\n", "\uFEFFmodel_a,model_b,p_a\r\nx,y,1\r\n", "\x1f\x8b\x08", "\x28\xb5\x2f\xfd", "[]", "{", "\"",
		`{"model_a":"x","model_b":"y","verdict":"A>B","state":"decided","score_a":1,"score_b":0}`,
	} {
		f.Add("f.jsonl", []byte(s))
		f.Add("f.csv", []byte(s))
		f.Add("-", []byte(s))
	}
	f.Fuzz(func(t *testing.T, name string, data []byte) {
		var first []Battle
		var firstErr error
		for i, size := range []int{blockSize, 16} {
			file := New(name, bytes.NewReader(data))
			file.block = size
			var all []Battle
			err := file.Read(t.Context(), Want{Clusters: true}, func(b *Battle) error {
				if b.A == b.B || !(b.Score >= 0 && b.Score <= 1) || !(b.Share >= 0 && b.Share <= 1) || math.Abs(b.First) != 1 ||
					!(b.Weight >= rating.MinWeight && b.Weight <= rating.MaxWeight) || !utf8.ValidString(file.Models()[b.A]) || int(b.B) >= len(file.Models()) {
					t.Fatalf("%q: %+v is no battle", data, b)
				}
				kept := *b
				kept.Sides = nil
				all = append(all, kept)
				return nil
			})
			if i == 0 {
				first, firstErr = all, err
				continue
			}
			same := slices.EqualFunc(first, all, func(x, y Battle) bool {
				x.Sides, y.Sides = nil, nil
				return x.A == y.A && x.B == y.B && x.Cluster == y.Cluster && x.Score == y.Score && x.Share == y.Share && x.Weight == y.Weight && x.First == y.First && x.Invalid == y.Invalid
			})
			if (err == nil) != (firstErr == nil) || err == nil && !same || err != nil && err.Error() != firstErr.Error() {
				t.Fatalf("%q in blocks of %d bytes: %v, %v; in one: %v, %v", data, size, all, err, first, firstErr)
			}
		}
	})
}
