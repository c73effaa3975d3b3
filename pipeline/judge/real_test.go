package judge

import (
	"bufio"
	"encoding/json"
	"fmt"
	"os"
	"slices"
	"testing"

	"openarena/providers"
)

// recorded is one line of testdata/judge-replies.jsonl.
type recorded struct {
	Server         string `json:"server"`
	Model          string `json:"model"`
	ResponseFormat string `json:"response_format"`
	Question       string `json:"question"`
	A              string `json:"a"`
	B              string `json:"b"`
	Content        string `json:"content"`
	FinishReason   string `json:"finish_reason"`
}

func recordedReplies(t testing.TB) []recorded {
	t.Helper()
	f, err := os.Open("testdata/judge-replies.jsonl")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	var all []recorded
	for lines := bufio.NewScanner(f); lines.Scan(); {
		var r recorded
		if err := json.Unmarshal(lines.Bytes(), &r); err != nil {
			t.Fatalf("line %d: %v", len(all)+1, err)
		}
		all = append(all, r)
	}
	if len(all) != 180 {
		t.Fatalf("%d recorded replies; want 180", len(all))
	}
	return all
}

func (r recorded) parse(p Protocol) Verdict {
	c := Case{Messages: []providers.Message{{Role: "user", Content: r.Question}}, First: r.A, Second: r.B}
	return p.Parse(Reply{Text: r.Content, Finish: r.FinishReason}, c)
}

// Where a server enforced the schema, our reading is that of a plain JSON decoder.
func TestRecordedSchemaReplies(t *testing.T) {
	valid := 0
	for i, r := range recordedReplies(t) {
		if r.ResponseFormat != "json_schema" {
			continue
		}
		v := r.parse(scoresVerdict{})
		var want struct {
			Analysis string   `json:"analysis"`
			ScoreA   *float64 `json:"score_a"`
			ScoreB   *float64 `json:"score_b"`
			Verdict  string   `json:"verdict"`
		}
		if err := json.Unmarshal([]byte(r.Content), &want); err != nil {
			if v.State != Invalid || v.Reason != Truncated {
				t.Errorf("reply %d, cut in its analysis: %s, reason %q; want invalid, truncated", i, v.State, v.Reason)
			}
			continue
		}
		valid++
		if v.Label() != want.Verdict || *v.ScoreA != *want.ScoreA || *v.ScoreB != *want.ScoreB || v.Explanation != want.Analysis {
			t.Errorf("reply %d: read as %+v; want %+v", i, v, want)
		}
	}
	if valid != 58 {
		t.Errorf("%d replies follow the schema; want 58", valid)
	}
}

// Of the 120 other replies, these hold a whole verdict. Every one was checked by eye; another one would be made up.
func TestRecordedFreeReplies(t *testing.T) {
	tests := map[string][]string{
		"scores_verdict": {
			"11 A=B", // a full object, then the same object begun again and cut
			"27 A>>B", "94 A>>B",
		},
		"scores": {
			"11 B>A", "12 A=B", "20 A=B", "21 A=B", "22 A=B", "26 A=B", "27 A=B", "31 A=B", "32 B>A", "33 A=B", "34 A=B",
			"35 A=B", "37 B>>A", "81 B>A", "82 B>A", "93 B>>A", "94 A=B", "96 A=B", "151 B>A",
		},
	}
	for name, want := range tests {
		var got []string
		for i, r := range recordedReplies(t) {
			if v := r.parse(protocols[name]); r.ResponseFormat != "json_schema" && v.State != Invalid {
				got = append(got, fmt.Sprintf("%d %s", i, v.Label()))
			}
		}
		if !slices.Equal(got, want) {
			t.Errorf("%s reads verdicts in %q; want %q", name, got, want)
		}
	}
}
