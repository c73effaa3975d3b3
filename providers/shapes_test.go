package providers

import (
	"encoding/json"
	"testing"

	gojson "github.com/goccy/go-json"
	"github.com/google/go-cmp/cmp"
)

func TestWellFormed(t *testing.T) {
	for _, c := range []struct {
		name, body string
		want       bool
	}{
		{"plain", `{"a":"b"}`, true},
		{"an escape that is no surrogate", `"\u00e4"`, true},
		{"a pair", `"\ud83d\ude00"`, true},
		{"two pairs", `"\ud83d\ude00\uD83D\uDE00"`, true},
		{"the first half alone", `"\ud83d"`, false},
		{"the first half before another escape", `"\ud83d\n"`, false},
		{"the first half twice", `"\ud83d\ud83d\ude00"`, false},
		{"the second half alone", `"\ude00"`, false},
		{"an escaped backslash before what looks like one", `"\\ud83d"`, true},
		{"a raw broken byte", "\"\xff\"", false},
		{"a raw surrogate", "\"\xed\xa0\xbd\"", false},
		{"a backslash at the end", `"\`, true},
		{"an escape at the end", `"\ud8`, true},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := wellFormed([]byte(c.body)); got != c.want {
				t.Errorf("wellFormed(%s) = %v; want %v", c.body, got, c.want)
			}
		})
	}
}

// FuzzDecode holds the fast decoder against encoding/json: whatever both accept means the same.
func FuzzDecode(f *testing.F) {
	for _, s := range []string{
		completionOf("Four."), completionOf("a\x00b"), `{"choices":[{"message":{"content":[{"type":"text","text":"x"}]}}]}`,
		`{"choices":[{"message":{"content":"\ud83d"}}]}`, `{"choices":[{}],"usage":{"prompt_tokens":1e3}}`, `{"choices":null} x`,
		`{"CHOICES":[{"Message":{"content":"x"}}]}`, "{\"choices\":[{\"message\":{\"content\":\"a\x00b\"}}]}", `{"a":01,"choices":[]}`,
		`{"choices":[{"message":{"content":"x"}}],"choices":[]}`, `[]`, `{"error":{"a":[1,{"b":null}]}}`,
	} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		got, repaired, err := decode(body)
		var slow completion[text, count]
		slowErr := json.Unmarshal(body, &slow)
		if err == nil && slowErr == nil {
			if d := cmp.Diff(unpack(&slow), got, cmp.AllowUnexported(envelope{})); d != "" {
				t.Errorf("decode(%q) differs from encoding/json (-want +got):\n%s", body, d)
			}
		}
		if err != nil && slowErr == nil {
			t.Errorf("decode(%q) = %v; encoding/json accepts it", body, err)
		}
		if err == nil && slowErr != nil {
			t.Errorf("decode(%q) accepts what encoding/json does not: %v", body, slowErr)
		}
		if repaired != !wellFormed(body) {
			t.Errorf("decode(%q): repaired = %v", body, repaired)
		}
	})
}

// FuzzEncode holds the fast encoder against encoding/json.
func FuzzEncode(f *testing.F) {
	f.Add("m", "What?", "stop", "\u2028 \xff <&> \x00 \"", 0.1)
	f.Add("", "", "a\"b", "", 1e21)
	f.Fuzz(func(t *testing.T, model, content, name, value string, number float64) {
		r := &Request{Model: model, Messages: []Message{{"user", content}}, Params: map[string]any{"x" + name: value, "temperature": number}}
		got, err := encode(r, false)
		if err != nil {
			t.Skip() // NaN and the infinities
		}
		var back struct {
			Model    string
			Messages []Message
		}
		if err := json.Unmarshal(got, &back); err != nil {
			t.Fatalf("encode gives invalid JSON %q: %v", got, err)
		}
		want := struct {
			Model    string
			Messages []Message
		}{toValid(t, model), []Message{{"user", toValid(t, content)}}}
		if d := cmp.Diff(want, back); d != "" {
			t.Errorf("the server reads something else than was meant (-meant +read):\n%s", d)
		}
	})
}

// toValid is s as encoding/json sends it.
func toValid(t *testing.T, s string) string {
	b, err := json.Marshal(s)
	if err != nil {
		t.Fatal(err)
	}
	var back string
	if err := json.Unmarshal(b, &back); err != nil {
		t.Fatal(err)
	}
	return back
}

// handStruct is the decoder one would write first.
type handStruct struct {
	Model   string `json:"model"`
	Choices []struct {
		Message struct {
			Content string `json:"content"`
		} `json:"message"`
		FinishReason string `json:"finish_reason"`
	} `json:"choices"`
	Usage struct {
		PromptTokens     int64 `json:"prompt_tokens"`
		CompletionTokens int64 `json:"completion_tokens"`
	} `json:"usage"`
}

func BenchmarkDecode(b *testing.B) {
	body := []byte(completionOf(proseOf(2000)))
	b.Run("ours", func(b *testing.B) {
		b.SetBytes(int64(len(body)))
		for b.Loop() {
			if e, _, err := decode(body); err != nil || !e.chosen {
				b.Fatal(err)
			}
		}
	})
	b.Run("encoding/json", func(b *testing.B) {
		b.SetBytes(int64(len(body)))
		for b.Loop() {
			var h handStruct
			if err := json.Unmarshal(body, &h); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("goccy", func(b *testing.B) {
		b.SetBytes(int64(len(body)))
		for b.Loop() {
			var h handStruct
			if err := gojson.Unmarshal(body, &h); err != nil {
				b.Fatal(err)
			}
		}
	})
}
