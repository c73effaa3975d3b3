package judge

import (
	"testing"

	"openarena/configs"
	"openarena/providers"
)

func TestParseVerdict5(t *testing.T) {
	check(t, verdict5{}, providers.FinishStop, []reading{
		{"the reply that was asked for", `{"analysis":"A is right.","verdict":"A>>B"}`, "A>>B - - json"},
		{"arena-hard's own form", "My final verdict is: [[B>A]]", "B>A - - label"},
		{"scores were not asked for, so they cannot contradict", `{"score_a":1,"score_b":99,"verdict":"A>B"}`, "A>B - - json"},
		{"MT-Bench's form is another menu", "[[A]]", "invalid no_verdict off_menu"},
		{"a change of mind", "[[A>B]]\n\nNo:\n\n[[A=B]]", "A=B - - label conflict"},
		{"two verdicts in one object", `{"verdict":"A>B","verdict":"B>A"}`, "invalid conflict"},
	})
	v := verdict5{}.Parse(Reply{Reasoning: `{"analysis":"x","verdict":"A>B"}`, Finish: providers.FinishStop}, plainCase)
	if got := brief(v); got != "A>B - - json from_reasoning" {
		t.Errorf("a whole reply in the reasoning field is read as %s", got)
	}
}

func TestParseVerdict3(t *testing.T) {
	check(t, verdict3{}, providers.FinishStop, []reading{
		{"the reply that was asked for", `{"analysis":"A is right.","verdict":"A"}`, "A>B - - json"},
		{"a tie", `{"verdict":"C"}`, "A=B - - json"},
		{"a tie in words", `{"verdict":"tie"}`, "A=B - - json"},
		{"MT-Bench's own form", "Both are short. [[B]]", "B>A - - label"},
		{"MT-Bench's tie", "[[C]]", "A=B - - label"},
		{"a verdict line", "A is right.\n**Final verdict:** A", "A>B - - label"},
		{"the sign of another menu that means the same", "[[A>B]]", "A>B - - label"},
		{"much better is not on this menu", "[[A>>B]]", "invalid no_verdict off_menu"},
		{"single brackets name an answer, not a winner", "[A] is better than [B].", "invalid no_verdict"},
		{"double brackets outrank what refers to an answer", "[B] is short. [[A]]", "A>B - - label"},
		{"another letter", "[[D]]", "invalid no_verdict off_menu"},
		{"the last one counts", "[[A]]\nno, wait:\n[[B]]", "B>A - - label conflict"},
		{"a menu", "One of [[A]], [[B]], [[C]]", "invalid conflict"},
		{"another label after the object", `{"verdict":"A"} So: [[B]]`, "invalid conflict"},
	})
}

// Where the rubric forbids ties, a tie is off the menu, in every protocol.
func TestForbiddenTies(t *testing.T) {
	tests := map[string]string{
		"scores": "Score-A: 7\nScore-B: 7", "scores_verdict": `{"score_a":7,"score_b":7,"verdict":"A=B"}`,
		"verdict3": "[[C]]", "verdict5": "[[A=B]]",
	}
	for name, reply := range tests {
		for ties, want := range map[string]State{"allow": Tie, "discourage": Tie, "forbid": Invalid} {
			c := plainCase
			c.Rubric = &configs.Rubric{Ties: ties}
			v := protocols[name].Parse(Reply{Text: reply}, c)
			if v.State != want || want == Invalid && brief(v) != "invalid no_verdict off_menu" {
				t.Errorf("%s, ties: %s: %q is read as %s; want %s", name, ties, reply, brief(v), want)
			}
		}
	}
}
