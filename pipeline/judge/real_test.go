package judge

import (
	"bufio"
	"cmp"
	"encoding/json"
	"os"
	"strings"
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

func (r recorded) reply() Reply { return Reply{Text: r.Content, Finish: r.FinishReason} }

func (r recorded) battle() Case {
	return Case{Messages: []providers.Message{{Role: "user", Content: r.Question}}, First: r.A, Second: r.B}
}

func (r recorded) parse(p Protocol) Verdict { return p.Parse(r.reply(), r.battle()) }

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

// What each of the 180 replies says was labelled by reading it: testdata/judge-replies.labels.tsv. "-" is no verdict.
func TestRecordedRepliesByHand(t *testing.T) {
	read := map[string]func(recorded) Verdict{
		"scores_verdict":        func(r recorded) Verdict { return r.parse(protocols["scores_verdict"]) },
		"scores":                func(r recorded) Verdict { return r.parse(protocols["scores"]) },
		"scores_verdict, prose": func(r recorded) Verdict { return ReadProse(protocols["scores_verdict"], r.reply(), r.battle()) },
		"scores, prose":         func(r recorded) Verdict { return ReadProse(protocols["scores"], r.reply(), r.battle()) },
	}
	labels := handLabels(t)
	for i, r := range recordedReplies(t) {
		for how, read := range read {
			got := cmp.Or(read(r).Label(), "-")
			if want := labels[i][how]; got != want {
				t.Errorf("reply %d, %s: read as %s; %s by hand (%s):\n%s", i, how, got, want, labels[i]["what it says"], r.Content)
			}
		}
	}
}

// handLabels are the columns of each line, by their titles.
func handLabels(t *testing.T) (all []map[string]string) {
	t.Helper()
	b, err := os.ReadFile("testdata/judge-replies.labels.tsv")
	if err != nil {
		t.Fatal(err)
	}
	lines := strings.Split(strings.TrimSpace(string(b)), "\n")
	titles := strings.Split(lines[0], "\t")
	for _, line := range lines[1:] {
		row := map[string]string{}
		for i, cell := range strings.Split(line, "\t") {
			row[titles[i]] = cell
		}
		all = append(all, row)
	}
	if len(all) != 180 {
		t.Fatalf("%d labels; want 180", len(all))
	}
	return all
}
