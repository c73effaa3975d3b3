package providers

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestLeading(t *testing.T) {
	two := []Alternative{{"A", -0.1}, {" B", -2.5}}
	for _, tt := range []struct {
		why, raw string
		want     []Alternative
	}{
		{"as OpenAI sends it", `{"content":[{"token":"A","logprob":-0.1,"bytes":[65],"top_logprobs":[{"token":"A","logprob":-0.1},{"token":" B","logprob":-2.5}]}],"refusal":null}`, two},
		{"white space first", `{"content":[{"token":"\n","logprob":0,"top_logprobs":[{"token":"\n","logprob":0}]},{"token":"A","logprob":-0.1,"top_logprobs":[{"token":"A","logprob":-0.1},{"token":" B","logprob":-2.5}]}]}`, two},
		{"no alternatives", `{"content":[{"token":"A","logprob":-0.1}]}`, two[:1]},
		{"more than certain, less than possible", `{"content":[{"token":"A","logprob":0.5,"top_logprobs":[{"token":"A","logprob":0.5},{"token":"B","logprob":-1e300}]}]}`, []Alternative{{"A", 0}, {"B", -9999}}},
		{"null", `null`, nil},
		{"nothing in it", `{"content":null}`, nil},
		{"no tokens", `{"content":[]}`, nil},
		{"the shape of completions", `{"tokens":["A"],"token_logprobs":[-0.1]}`, nil},
		{"another shape", `[1,2]`, nil},
		{"a word", `"none"`, nil},
		{"absent", ``, nil},
	} {
		if d := cmp.Diff(tt.want, leading([]byte(tt.raw))); d != "" {
			t.Errorf("%s (-want +got):\n%s", tt.why, d)
		}
	}
}

// A reply is a reply, whatever shape its logprobs have.
func TestLogprobsFailNoReply(t *testing.T) {
	for raw, want := range map[string]int{`[]`: 0, `{"content":[{"token":"A","logprob":-1}]}`: 1, `7`: 0, `{"content":"x"}`: 0} {
		e, _, err := decode([]byte(`{"choices":[{"message":{"content":"A"},"logprobs":` + raw + `,"finish_reason":"length"}]}`))
		if err != nil || e.content != "A" || len(e.top) != want {
			t.Errorf("with logprobs %s: content %q, %d alternatives, %v; want A, %d", raw, e.content, len(e.top), err, want)
		}
	}
}
