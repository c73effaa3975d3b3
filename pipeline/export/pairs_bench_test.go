package export

import (
	"io"
	"strings"
	"testing"

	goccy "github.com/goccy/go-json"
	"github.com/parquet-go/parquet-go"

	"openarena/providers"
)

// goPair is a row of preference as other encoders are handed it: about 2.2 KB.
type goPair struct {
	Prompt   []goMessage `json:"prompt" parquet:"prompt,list"`
	Chosen   []goMessage `json:"chosen" parquet:"chosen,list"`
	Rejected []goMessage `json:"rejected" parquet:"rejected,list"`
}

type goMessage struct {
	Role    string `json:"role" parquet:"role"`
	Content string `json:"content" parquet:"content"`
}

var benchColumns = []column{{"prompt", listOfMessages}, {"chosen", listOfMessages}, {"rejected", listOfMessages}}

// pairTexts are a question and two answers, with a line end and a quote now and then as prose has them.
func pairTexts(i int) (prompt, chosen, rejected string) {
	line := "It depends on what is asked, and this line number " + string(rune('a'+i%26)) + " says why \"in short\" with an example.\n"
	return strings.Repeat(line, 2), strings.Repeat(line, 10), strings.Repeat("No: "+line, 9)
}

// writePairs writes n rows in a format, from values that are made row by row as in an export.
func writePairs(b *testing.B, format string, n int) {
	b.Helper()
	to := formats[format](io.Discard, benchColumns, Options{})
	var s scratch
	row := make([]value, 3)
	var texts [26][3]string
	for i := range texts {
		texts[i][0], texts[i][1], texts[i][2] = pairTexts(i)
	}
	b.ResetTimer()
	for i := range n {
		t := &texts[i%26]
		s.reset()
		row[0] = s.messages(providers.Message{Role: "user", Content: t[0]})
		row[1] = s.messages(providers.Message{Role: "assistant", Content: t[1]})
		row[2] = s.messages(providers.Message{Role: "assistant", Content: t[2]})
		if err := to.add(row); err != nil {
			b.Fatal(err)
		}
	}
	if err := to.close(); err != nil {
		b.Fatal(err)
	}
}

func goPairs() (rows [26]goPair) {
	for i := range rows {
		prompt, chosen, rejected := pairTexts(i)
		rows[i] = goPair{[]goMessage{{"user", prompt}}, []goMessage{{"assistant", chosen}}, []goMessage{{"assistant", rejected}}}
	}
	return rows
}

func BenchmarkPairs(b *testing.B) {
	b.Run("jsonl/ours", func(b *testing.B) { writePairs(b, "jsonl", b.N) })
	b.Run("jsonl/goccy", func(b *testing.B) {
		rows := goPairs()
		enc := goccy.NewEncoder(io.Discard)
		enc.SetEscapeHTML(false)
		b.ResetTimer()
		for i := range b.N {
			if err := enc.Encode(&rows[i%26]); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("parquet/ours", func(b *testing.B) { writePairs(b, "parquet", b.N) })
	b.Run("parquet/parquet-go", func(b *testing.B) {
		rows := goPairs()
		w := parquet.NewGenericWriter[goPair](io.Discard, parquet.Compression(&parquet.Zstd))
		b.ResetTimer()
		for i := range b.N {
			if _, err := w.Write(rows[i%26 : i%26+1]); err != nil {
				b.Fatal(err)
			}
			if i%4000 == 3999 { // as large as our row groups
				if err := w.Flush(); err != nil {
					b.Fatal(err)
				}
			}
		}
		if err := w.Close(); err != nil {
			b.Fatal(err)
		}
	})
}
