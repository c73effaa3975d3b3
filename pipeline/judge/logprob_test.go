package judge

import (
	"fmt"
	"math"
	"testing"

	"github.com/google/go-cmp/cmp"

	"openarena/configs"
	"openarena/providers"
)

// top are alternatives by their probabilities.
func top(pairs ...any) []providers.Alternative {
	var all []providers.Alternative
	for i := 0; i < len(pairs); i += 2 {
		all = append(all, providers.Alternative{Token: pairs[i].(string), Logprob: math.Log(pairs[i+1].(float64))})
	}
	return all
}

func TestParseLogprob(t *testing.T) {
	for _, tt := range []struct {
		why  string
		r    Reply
		ties string
		want string // preference and verdict
	}{
		{"surely A", Reply{Text: "A", Finish: providers.FinishLength, Top: top("A", 0.98, "B", 0.01, "C", 0.01)}, "", "0.985 A>>B - - logprob"},
		{"rather B", Reply{Top: top("B", 0.6, "A", 0.3, "C", 0.1)}, "", "0.350 B>A - - logprob"},
		{"a tie counts half", Reply{Top: top("C", 0.8, "A", 0.1, "B", 0.1)}, "", "0.500 A=B - - logprob"},
		{"torn between A and B", Reply{Top: top("A", 0.5, "B", 0.5)}, "", "0.500 A=B - - logprob"},
		{"spellings of one letter are one", Reply{Top: top("A", 0.3, " A", 0.3, "\u0120a", 0.2, "**A", 0.1, "B", 0.1)}, "", "0.900 A>>B - - logprob"},
		{"what else it might have said does not count", Reply{Top: top("The", 0.6, "A", 0.3, "B", 0.1)}, "", "0.750 A>B - - logprob"},
		{"the letter that was said does not count", Reply{Text: "B", Top: top("A", 0.9, "B", 0.1)}, "", "0.900 A>>B - - logprob"},
		{"no ties: the lesser half", Reply{Top: top("C", 0.5, "A", 0.26, "B", 0.24)}, "forbid", "0.520 A>B - - logprob"},
		{"no ties: none", Reply{Top: top("A", 0.5, "B", 0.5)}, "forbid", "invalid no_verdict"},

		{"something else altogether", Reply{Text: "The", Top: top("The", 0.9, "I", 0.05, "A", 0.01)}, "", "invalid no_verdict"},
		{"no logprobs", Reply{Text: "A"}, "", "invalid no_logprobs"},
		{"a refusal", Reply{Refusal: "no", Top: top("A", 1.0)}, "", "invalid refusal"},
		{"a filter", Reply{Finish: providers.FinishFiltered, Top: top("A", 1.0)}, "", "invalid filtered"},
	} {
		c := plainCase
		if tt.ties != "" {
			c.Rubric = &configs.Rubric{Ties: tt.ties}
		}
		v := logprob{}.Parse(tt.r, c)
		got := brief(v)
		if v.Preference != nil {
			got = fmt.Sprintf("%.3f %s", *v.Preference, got)
		}
		if got != tt.want || inconsistentPreference(v) {
			t.Errorf("%s: read as %s; want %s", tt.why, got, tt.want)
		}
	}
	if v := (logprob{}).Parse(Reply{Top: top("A", 0.6, "B", 0.3, "C", 0.1)}, plainCase); v.Explanation != "A 60.0 %, B 30.0 %, a tie 10.0 %" {
		t.Errorf("it explains itself with %q", v.Explanation)
	}
}

func inconsistentPreference(v Verdict) bool {
	return (v.Preference == nil) != (v.State == Invalid) || v.Preference != nil && (*v.Preference < 0 || *v.Preference > 1)
}

func TestOneTokenIsAskedFor(t *testing.T) {
	q := logprob{}.Ask(plainCase, Settings{Analysis: "full"})
	if q.Schema != nil || q.FollowUpSchema != nil || !q.OneToken {
		t.Errorf("the question is %+v; want one token in no form", q)
	}
	for _, tt := range []struct {
		why          string
		params, want map[string]any
	}{
		{"by default", nil, map[string]any{"max_tokens": int64(1), "logprobs": true, "top_logprobs": int64(20)}},
		{"another name for the limit", map[string]any{"max_completion_tokens": int64(500)}, map[string]any{"max_completion_tokens": int64(1), "logprobs": true, "top_logprobs": int64(20)}},
		{"fewer alternatives", map[string]any{"top_logprobs": int64(5)}, map[string]any{"max_tokens": int64(1), "logprobs": true, "top_logprobs": int64(5)}},
	} {
		for _, kind := range []Kind{First, Retry, FollowUp} {
			if _, got := (Reask{Kind: kind, Scale: 2}).Apply(q, tt.params, Reply{}); cmp.Diff(tt.want, got) != "" {
				t.Errorf("%s, %s: -want +got:\n%s", tt.why, kind, cmp.Diff(tt.want, got))
			}
		}
	}
}
