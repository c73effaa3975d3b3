package fakellm

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
)

func TestVerdictsFollowTheAnswersQuality(t *testing.T) {
	s := start(t, Options{})
	const n = 40
	consistent, decided := 0, 0
	for i := range n {
		prompt := fmt.Sprintf("Question %d?", i)
		a := ask(t, s, question("alpha", prompt)).Choices[0].Message.Content
		b := ask(t, s, question("beta", prompt)).Choices[0].Message.Content
		there, back := verdictOn(t, s, a, b), verdictOn(t, s, b, a)
		if there == flip[back] {
			consistent++
		}
		if there != "A=B" {
			decided++
		}
	}
	if consistent < n*6/10 || consistent == n {
		t.Errorf("%d of %d battles have one verdict in both orders; want most, not all", consistent, n)
	}
	if decided < n/2 {
		t.Errorf("%d of %d battles are decided; want most", decided, n)
	}
}

var flip = map[string]string{"A>>B": "B>>A", "A>B": "B>A", "A=B": "A=B", "B>A": "A>B", "B>>A": "A>>B"}

// verdictOn asks for structured output and checks that what comes is what the schema wants.
func verdictOn(t *testing.T, s *Server, a, b string) string {
	t.Helper()
	text := ask(t, s, judgeQuestion(a, b, `,"response_format":{"type":"json_schema"}`)).Choices[0].Message.Content
	var v struct {
		Analysis string
		A        int `json:"score_a"`
		B        int `json:"score_b"`
		Verdict  string
	}
	if err := json.Unmarshal([]byte(text), &v); err != nil {
		t.Fatalf("%s: %v", text, err)
	}
	if v.A < 1 || v.A > 10 || v.B < 1 || v.B > 10 || flip[v.Verdict] == "" || v.Analysis == "" {
		t.Errorf("verdict out of range: %s", text)
	}
	if (v.A > v.B) != strings.HasPrefix(v.Verdict, "A>") || (v.A < v.B) != strings.HasPrefix(v.Verdict, "B>") {
		t.Errorf("scores contradict the verdict: %s", text)
	}
	return v.Verdict
}

func judgeQuestion(a, b, more string) string {
	text, _ := json.Marshal("Compare.\n<answer_a id=1>\n" + a + "\n</answer_a id=1>\n<answer_b id=1>\n" + b + "\n</answer_b id=1>")
	return fmt.Sprintf(`{"model":"judge-1","messages":[{"role":"system","content":"Be fair."},{"role":"user","content":%s}]%s}`, text, more)
}

func TestJudgeAskedForTextWritesScoresAndALabel(t *testing.T) {
	s := start(t, Options{})
	text := ask(t, s, judgeQuestion("yes", "no", "")).Choices[0].Message.Content
	for _, part := range []string{"Score-A: ", "Score-B: ", "[["} {
		if !strings.Contains(text, part) {
			t.Errorf("no %q in %q", part, text)
		}
	}
}

func TestBadVerdictNamesNobody(t *testing.T) {
	s := start(t, Options{Faults: Faults{BadVerdict: 1}})
	text := ask(t, s, judgeQuestion("yes", "no", `,"response_format":{"type":"json_schema"}`)).Choices[0].Message.Content
	if strings.ContainsAny(text, "{}[]:>") || Tag(text) == "" {
		t.Errorf("bad verdict = %q; want prose with a tag", text)
	}
}

func TestFencedTextsAreCompared(t *testing.T) {
	a, b, ok := fenced([]byte("x <answer_a id=3>one</answer_a> y <answer_b id=3>two</answer_b>"))
	if !ok || string(a) != "one" || string(b) != "two" {
		t.Errorf("fenced = %q, %q, %v; want one, two", a, b, ok)
	}
	if _, _, ok := fenced([]byte("<answer_a>one</answer_a>")); ok {
		t.Error("one answer was taken for two")
	}
}

func TestLabelsFollowTheMenu(t *testing.T) {
	for _, tt := range []struct {
		why, question string
		d             int
		want          string
	}{
		{"five verdicts", `one of "A>>B", "A>B", "A=B", "B>A", "B>>A"`, 70, "A>>B"},
		{"three verdicts", `one of "A", "B", "C"`, 70, "A"},
		{"three verdicts, a loss", `one of "A", "B", "C"`, -20, "B"},
		{"three verdicts, a tie", `one of "A", "B", "C"`, 3, "C"},
		{"no ties among five", `one of "A>>B", "A>B", "B>A", "B>>A"`, -3, "B>A"},
		{"no ties among three", `one of "A", "B"`, 3, "A"},
		{"no menu", "[[A>B]]", 3, "A=B"},
	} {
		if got := onMenu([]byte(tt.question), label(tt.d), tt.d); got != tt.want {
			t.Errorf("%s: onMenu(%s, %d) = %s; want %s", tt.why, tt.question, tt.d, got, tt.want)
		}
	}
}

func TestEveryCriterionGetsItsScores(t *testing.T) {
	s := start(t, Options{})
	text := ask(t, s, strings.Replace(judgeQuestion("yes", "no", ""), "Be fair.", `Keys: \"c1_a\", \"c1_b\", \"c2_a\", \"c2_b\"`, 1)).Choices[0].Message.Content
	var scores map[string]any
	if err := json.Unmarshal([]byte(text), &scores); err != nil || len(scores) != 5 || scores["c2_b"] != scores["c1_b"] {
		t.Errorf("reply %q, %v; want an analysis and four scores", text, err)
	}
}

func TestOneAnswerIsScoredAlone(t *testing.T) {
	s := start(t, Options{})
	question := func(answer, more string) string {
		text, _ := json.Marshal("Key: \"score\".\n<answer id=1>\n" + answer + "\n</answer id=1>")
		return fmt.Sprintf(`{"model":"judge-1","messages":[{"role":"user","content":%s}]%s}`, text, more)
	}
	seen := map[int]bool{}
	for _, answer := range []string{"one", "two", "three", "four", "five"} {
		text := ask(t, s, question(answer, `,"response_format":{"type":"json_schema"}`)).Choices[0].Message.Content
		var v struct{ Score int }
		if err := json.Unmarshal([]byte(text), &v); err != nil || v.Score < 1 || v.Score > 10 {
			t.Errorf("about %q is said %q, %v; want a score", answer, text, err)
		}
		seen[v.Score] = true
		if plain := ask(t, s, question(answer, "")).Choices[0].Message.Content; !strings.Contains(plain, fmt.Sprintf("Score:** %d/10", v.Score)) {
			t.Errorf("about %q is said %q and %q", answer, text, plain)
		}
	}
	if len(seen) < 2 {
		t.Errorf("every answer gets the same score: %v", seen)
	}
}

func TestRewardModelRanks(t *testing.T) {
	s := start(t, Options{})
	text := ask(t, s, `{"model":"judge","messages":[{"role":"user","content":"x"},{"role":"response_1","content":"a"},{"role":"response_2","content":"b"}]}`).Choices[0].Message.Content
	var v struct {
		One  int `json:"score_1"`
		Two  int `json:"score_2"`
		Rank int `json:"ranking"`
	}
	_, object, _ := strings.Cut(text, ": ")
	if err := json.Unmarshal([]byte(object), &v); err != nil || min(v.One, v.Two, v.Rank) < 1 || max(v.One, v.Two) > 5 || v.Rank > 6 {
		t.Errorf("a reward model says %q, %v; want scores from 1 to 5 and a ranking from 1 to 6", text, err)
	}
}

func TestLettersAreADistribution(t *testing.T) {
	for d := -255; d <= 255; d += 15 {
		sum := 0.0
		all := verdict{first: max(0, d), second: max(0, -d)}.letters()
		for _, l := range all {
			sum += l.p
		}
		if sum < 0.999 || sum > 1.001 || all[0].p < all[1].p || all[1].p < all[2].p || d > 60 && all[0].letter != 'A' || d < -60 && all[0].letter != 'B' {
			t.Errorf("letters at %d = %+v", d, all)
		}
	}
	s := start(t, Options{})
	_, _, body, err := post(t, s, judgeQuestion("yes", "no", `,"logprobs":true,"max_tokens":1`))
	var r struct {
		Choices []struct {
			Message  struct{ Content string }
			Logprobs struct {
				Content []struct {
					Token string
					Top   []struct{ Logprob float64 } `json:"top_logprobs"`
				}
			}
		}
	}
	if err != nil || json.Unmarshal(body, &r) != nil || r.Choices[0].Logprobs.Content[0].Token != r.Choices[0].Message.Content || len(r.Choices[0].Logprobs.Content[0].Top) != 3 {
		t.Errorf("asked for logprobs: %s, %v", body, err)
	}
}

func TestScoresStayInRange(t *testing.T) {
	for sum := 0; sum <= 510; sum += 5 {
		for d := -255; d <= 261; d++ {
			if a, b := scores(sum, d); a < 1 || a > 10 || b < 1 || b > 10 {
				t.Fatalf("scores(%d, %d) = %d, %d; want 1 to 10", sum, d, a, b)
			}
		}
	}
}
