package judge

import (
	"strings"
	"testing"

	"openarena/configs"
	"openarena/providers"
)

func TestParseCriteria(t *testing.T) {
	// Without a rubric: correctness weighs 3, doing what was asked 2, clarity 1.
	check(t, criteria{}, providers.FinishStop, []reading{
		{"the weighted mean wins", `{"analysis":"x","c1_a":8,"c1_b":4,"c2_a":5,"c2_b":8,"c3_a":6,"c3_b":6}`, "A>B 6.666667 5.666667 json"},
		{"much better", `{"c1_a":9,"c1_b":2,"c2_a":9,"c2_b":2,"c3_a":9,"c3_b":9}`, "A>>B 9 3.166667 json"},
		{"equal means tie, whatever their parts", `{"c1_a":5,"c1_b":7,"c2_a":8,"c2_b":5,"c3_a":5,"c3_b":5}`, "A=B 6 6 json"},
		{"keys as judges write them", `{"C1-A":8,"c1_b":"4/10","C2_A":5,"c2 _b":8,"c2_b":8,"c3_a":6.5,"c3_b":6}`, "A>B 6.75 5.666667 json"},
		{"the last object counts", `{"c1_a":1,"c1_b":4,"c2_a":1,"c2_b":8,"c3_a":6,"c3_b":6} no: {"c1_a":8,"c1_b":4,"c2_a":5,"c2_b":8,"c3_a":6,"c3_b":6}`, "A>B 6.666667 5.666667 json conflict"},

		{"a criterion is missing", `{"c1_a":8,"c1_b":4,"c2_a":5,"c2_b":8,"c3_a":6}`, "invalid no_verdict"},
		{"a score is null", `{"c1_a":8,"c1_b":4,"c2_a":5,"c2_b":8,"c3_a":6,"c3_b":null}`, "invalid no_verdict"},
		{"a score out of range", `{"c1_a":8,"c1_b":4,"c2_a":50,"c2_b":8,"c3_a":6,"c3_b":6}`, "invalid out_of_range"},
		{"one key twice", `{"c1_a":8,"c1_b":4,"c1_b":9,"c2_a":5,"c2_b":8,"c3_a":6,"c3_b":6}`, "invalid conflict"},
		{"a verdict alone", `[[A>B]]`, "invalid no_verdict"},
		{"scores of another protocol", "Score-A: 8\nScore-B: 6", "invalid no_verdict"},
	})
	c := plainCase
	c.Rubric = &configs.Rubric{Criteria: []configs.Criterion{{Name: "wit", Weight: 0.1}, {Name: "truth", Weight: 0.2}}, Ties: "forbid"}
	for reply, want := range map[string]string{
		`{"c1_a":7,"c1_b":1,"c2_a":1,"c2_b":4}`:  "invalid no_verdict off_menu", // 0.1·7 + 0.2·1 = 0.1·1 + 0.2·4
		`{"c1_a":7,"c1_b":1,"c2_a":1,"c2_b":10}`: "B>>A 3 7 json",
	} {
		if got := brief(criteria{}.Parse(Reply{Text: reply}, c)); got != want {
			t.Errorf("under a rubric without ties %s is read as %s; want %s", reply, got, want)
		}
	}
}

// Twelve criteria are asked for and read like two.
func TestManyCriteria(t *testing.T) {
	c := plainCase
	c.Rubric = &configs.Rubric{Ties: "allow"}
	var reply strings.Builder
	for i := range 12 {
		c.Rubric.Criteria = append(c.Rubric.Criteria, configs.Criterion{Name: strings.Repeat("x", i+1), Weight: 1})
		reply.WriteString(`,"` + criterionKey(i, "a") + `":9,"` + criterionKey(i, "b") + `":2`)
	}
	q := criteria{}.Ask(c, Settings{Analysis: "none"})
	for _, key := range criterionKeys(12) {
		if !strings.Contains(string(q.Schema), `"`+key+`"`) || !strings.Contains(q.Messages[1].Content, `"`+key+`"`) {
			t.Errorf("the question does not ask for %s", key)
		}
	}
	if got := brief(criteria{}.Parse(Reply{Text: "{" + reply.String()[1:] + "}"}, c)); got != "A>>B 9 2 json" {
		t.Errorf("twelve criteria are read as %s", got)
	}
}
