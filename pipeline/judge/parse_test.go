package judge

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"openarena/providers"
)

// plainCase is a battle with nothing in it that looks like a verdict.
var plainCase = Case{
	Messages: []providers.Message{{Role: "user", Content: "What is the capital of Australia?"}},
	First:    "Canberra.",
	Second:   "Sydney is the capital of Australia.",
}

// brief is all of a verdict in one line: "A>B 8 6 json contradiction", "invalid no_verdict off_menu".
func brief(v Verdict) string {
	parts := []string{"invalid", v.Reason}
	if v.State != Invalid {
		parts = []string{v.Label(), score(v.ScoreA), score(v.ScoreB), v.Method}
	}
	return strings.TrimSpace(strings.Join(append(parts, v.Flags...), " "))
}

func score(s *float64) string {
	if s == nil {
		return "-"
	}
	return fmt.Sprint(*s)
}

type reading struct {
	why   string
	reply string
	want  string
}

func check(t *testing.T, p Protocol, finish string, rows []reading) {
	t.Helper()
	for _, row := range rows {
		v := p.Parse(Reply{Text: row.reply, Finish: finish}, plainCase)
		if got := brief(v); got != row.want {
			t.Errorf("%s:\nParse(%q) = %s; want %s", row.why, row.reply, got, row.want)
		}
	}
}

func TestParseObjects(t *testing.T) {
	check(t, scoresVerdict{}, providers.FinishStop, []reading{
		{"the reply that was asked for", `{"analysis":"A is right.","score_a":9,"score_b":2,"verdict":"A>>B"}`, "A>>B 9 2 json"},
		{"a fence and prose around it", "Here:\n```json\n{\"score_a\": 3, \"score_b\": 8, \"verdict\": \"B>A\"}\n```\nDone.", "B>A 3 8 json"},
		{"commas before closing brackets", `{"analysis":["x",],"score_a":3,"score_b":3,"verdict":"A=B",}`, "A=B 3 3 json"},
		{"other case and signs in keys", `{"Analysis":"x","Score-A":3,"score b":8,"VERDICT":"B>A"}`, "B>A 3 8 json"},
		{"numbers as strings", `{"score_a":"8","score_b":" 6.5/10 ","verdict":"A>B"}`, "A>B 8 6.5 json"},
		{"half a point is kept", `{"score_a":7.5,"score_b":7,"verdict":"A>B"}`, "A>B 7.5 7 json"},
		{"a line break in a string", "{\"analysis\":\"one\ntwo\",\"score_a\":7,\"score_b\":7,\"verdict\":\"A=B\"}", "A=B 7 7 json"},
		{"braces and verdicts in a string", `{"analysis":"} {\"verdict\":\"B>>A\"} [[B>>A]]","score_a":7,"score_b":6,"verdict":"A>B"}`, "A>B 7 6 json"},
		{"HTML escapes, brackets and spaces in the value", `{"score_a":7,"score_b":6,"verdict":"[[ A &gt; B ]]"}`, "A>B 7 6 json"},
		{"JSON escapes in the value", `{"score_a":7,"score_b":6,"verdict":"A\u003e\u003eB"}`, "A>>B 7 6 json"},
		{"the mirror image", `{"score_a":2,"score_b":6,"verdict":"A<<B"}`, "B>>A 2 6 json"},
		{"the verdict alone, after a follow-up", `{"verdict":"B>A"}`, "B>A - - json"},
		{"null is no score", `{"score_a":null,"score_b":6,"verdict":"B>A"}`, "B>A - 6 json"},
		{"the last object counts, the change of mind is noted", `{"verdict":"A>B","score_a":7,"score_b":6} no: {"verdict":"B>A","score_a":6,"score_b":7}`, "B>A 6 7 json conflict"},
		{"an object without a verdict is passed over", `{"score_a":7,"score_b":6,"verdict":"A>B"} {"note":"done"}`, "A>B 7 6 json"},
		{"a stray brace before", `The set {1, 2} and { so on. {"score_a":7,"score_b":6,"verdict":"A>B"}`, "A>B 7 6 json"},
		{"equal scores, a finer verdict", `{"score_a":8,"score_b":8,"verdict":"A>B"}`, "A>B 8 8 json"},
		{"verdict against scores", `{"score_a":4,"score_b":9,"verdict":"A>B"}`, "A>B 4 9 json contradiction"},
		{"a tie of far scores", `{"score_a":2,"score_b":9,"verdict":"A=B"}`, "A=B 2 9 json contradiction"},

		{"off the menu", `{"score_a":4,"score_b":9,"verdict":"B"}`, "invalid no_verdict off_menu"},
		{"off the menu is no licence to look further up", `{"score_a":9,"score_b":2,"verdict":"A>B"} {"score_a":4,"score_b":9,"verdict":"B is better"}`, "invalid no_verdict off_menu"},
		{"scores without a verdict", `{"score_a":4,"score_b":9}`, "invalid no_verdict"},
		{"a verdict that is no string", `{"score_a":1,"score_b":1,"verdict":1}`, "invalid no_verdict off_menu"},
		{"a score that is no number", `{"score_a":"A","score_b":"B","verdict":"A>B"}`, "invalid no_verdict"},
		{"above the range", `{"score_a":85,"score_b":60,"verdict":"A>B"}`, "invalid out_of_range"},
		{"below the range", `{"score_a":0,"score_b":6,"verdict":"B>A"}`, "invalid out_of_range"},
		{"negative", `{"score_a":-8,"score_b":6,"verdict":"B>A"}`, "invalid out_of_range"},
		{"too large for a number", `{"score_a":1e999,"score_b":6,"verdict":"A>B"}`, "invalid out_of_range"},
		{"the verdict nested", `{"result":{"score_a":4,"score_b":9,"verdict":"B>A"}}`, "invalid no_verdict"},
		{"two verdicts in one object", `{"verdict":"A>B","score_a":7,"score_b":6,"verdict":"B>A"}`, "invalid conflict"},
		{"another label after the object", `{"verdict":"A>B","score_a":7,"score_b":6} So: [[B>A]]`, "invalid conflict"},
		{"another, broken object after it", `{"verdict":"A>B","score_a":7,"score_b":6} {"verdict":"B>A", oops`, "invalid conflict"},
		{"the same label after the object", `{"verdict":"A>B","score_a":7,"score_b":6} So: [[A>B]]`, "A>B 7 6 json"},
		{"quotes in a string not escaped", `{"analysis":"He said "no".","score_a":7,"score_b":6,"verdict":"A>B"}`, "invalid no_verdict"},
	})
	check(t, scoresVerdict{}, providers.FinishLength, []reading{
		{"cut in the analysis", `{"analysis":"A says [[A>>B]], and`, "invalid truncated"},
		{"cut after the verdict", `{"verdict":"A>B","score_a":7,"score_b":6} And now I will`, "A>B 7 6 json"},
		{"cut in a nested draft", `{"analysis":{"score_a":1,"score_b":9,"verdict":"B>A"},"sco`, "invalid truncated"},
	})
}

func TestParseLabels(t *testing.T) {
	check(t, scoresVerdict{}, providers.FinishStop, []reading{
		{"double brackets", "A is right.\n\n[[A>>B]]", "A>>B - - label"},
		{"single brackets", "My final verdict is: [B>A].", "B>A - - label"},
		{"double brackets outrank single ones", "[A>B] at first. [[B>A]] Not [A>B].", "B>A - - label"},
		{"bold, spaces, small letters", "**[[ a = b ]]**", "A=B - - label"},
		{"escaped brackets", `\[\[A>B\]\]`, "A>B - - label"},
		{"full-width", "［［Ａ＞Ｂ］］", "A>B - - label"},
		{"other brackets, one sign for two", "【A≫B】", "A>>B - - label"},
		{"HTML", "[[B&gt;&gt;A]]", "B>>A - - label"},
		{"the mirror image", "[[A<B]]", "B>A - - label"},
		{"a verdict line", "A is right.\n**Verdict:** A>B", "A>B - - label"},
		{"zero-width characters within", "[[A\u200b>\u2060B]]\ufeff", "A>B - - label"},
		{"the last one counts, the change of mind is noted", "[[A>B]]\nno, wait\n[[B>A]]", "B>A - - label conflict"},
		{"scores beside it", "Score-A: 8\nScore-B: 6\n[[A>B]]", "A>B 8 6 label"},
		{"scores against it", "[[B>A]]\nScore-A: 8\nScore-B: 6", "B>A 8 6 label contradiction"},

		{"off the menu", "[[A]]", "invalid no_verdict off_menu"},
		{"off the menu after a good one", "[[A>B]]\n[[C]]", "invalid no_verdict off_menu"},
		{"letters that only look alike", "[[\u0410>\u0412]]", "invalid no_verdict off_menu"},
		{"too many signs", "[[A>>>B]]", "invalid no_verdict off_menu"},
		{"a menu", "One of [[A>>B]], [[A>B]], [[A=B]], [[B>A]], [[B>>A]]", "invalid conflict"},
		{"scores out of range beside it", "[[A>B]]\nScore-A: 85\nScore-B: 60", "invalid out_of_range"},
		{"a verdict line that says nothing", "Verdict: A>B\nVerdict: both", "invalid no_verdict off_menu"},
		{"prose", "Neither (a) nor (b) is better; both are equally good.", "invalid no_verdict"},
		{"bare signs in prose", `The verdict is "A>B" or so.`, "invalid no_verdict"},
		{"references to answers", "[A] is better than [B], see [[1]] and [[Canberra]].", "invalid no_verdict"},
		{"code", "if [[ $a > 5 ]]; then x[[0]]; fi", "invalid no_verdict"},
		{"a label in an object of another form", `{"analysis":"I say [[A>B]]"}`, "invalid no_verdict"},
	})
	check(t, scoresVerdict{}, providers.FinishLength, []reading{
		{"cut before the verdict", "A is right. Therefore [[A>", "invalid truncated"},
		{"cut in a verdict line", "Verdict: A>", "invalid truncated"},
		{"cut after the verdict", "[[A>B]] because of", "A>B - - label"},
	})
}

// The first rows are replies on which the Python project's parser raises, reads 0 or reads something else.
func TestParseScores(t *testing.T) {
	check(t, scores{}, providers.FinishStop, []reading{
		{"as asked by the Python project", "Explanation: fine.\nScore-A: 8\nScore-B: 6", "A>B 8 6 scores"},
		{"bold", "**Score-A:** 8\n**Score-B:** 6", "A>B 8 6 scores"},
		{"brackets", "Score-A: [8]\nScore-B: [6]", "A>B 8 6 scores"},
		{"a space in the label", "Score A: 8\nScore B: 6", "A>B 8 6 scores"},
		{"small letters", "score-a: 8\nscore-b: 6", "A>B 8 6 scores"},
		{"a think block that speaks of Score-A", "<think>\nScore-A: 2\nScore-B: 9\n</think>\nScore-A: 8\nScore-B: 6", "A>B 8 6 scores"},
		{"an explanation that repeats the label", "Explanation: Score-A: is for A, Score-B: for B.\nScore-A: 8\nScore-B: 6", "A>B 8 6 scores"},
		{"decimals", "Score-A: 7.5\nScore-B: 7", "A>B 7.5 7 scores"},
		{"decimal comma", "Score-A: 7,5\nScore-B: 7", "A>B 7.5 7 scores"},
		{"85 of 60", "Score-A: 85\nScore-B: 60", "invalid out_of_range"},
		{"B before A", "Score-B: 6\nScore-A: 8", "A>B 8 6 scores"},

		{"a scale", "Score-A: 9/10\nScore-B: 6 out of 10", "A>>B 9 6 scores"},
		{"one line", "Score-A: 8, Score-B: 6", "A>B 8 6 scores"},
		{"one line, no space", "Score-A: 8,Score-B: 6", "A>B 8 6 scores"},
		{"a table", "| Score-A | 8 |\n| Score-B | 6 |", "A>B 8 6 scores"},
		{"a list with words after", "- Score for Answer A: 5 (fair)\n- Score for Answer B: 5 - fair", "A=B 5 5 scores"},
		{"the last pair counts, the change of mind is noted", "Score-A: 8\nScore-B: 6\nOn reflection:\nScore-A: 3\nScore-B: 9", "B>>A 3 9 scores conflict"},
		{"the last complete pair", "Score-A: 8\nScore-B: 6\nScore-A: 3", "A>B 8 6 scores"},
		{"JSON", `{"analysis":"x","score_a":3,"score_b":8}`, "B>>A 3 8 json"},
		{"JSON with a verdict that was not asked for", `{"score_a":8,"score_b":8,"verdict":"A>B"}`, "A=B 8 8 json"},
		{"a change of mind in JSON", `{"score_a":3,"score_b":8} {"score_a":8,"score_b":3}`, "A>>B 8 3 json conflict"},
		{"just not much better", `{"score_a":8,"score_b":5.5}`, "A>B 8 5.5 json"},

		{"zero", "Score-A: 0\nScore-B: 0", "invalid out_of_range"},
		{"another scale", "Score-A: 8/100\nScore-B: 6/100", "invalid no_verdict"},
		{"a range", "Score-A: 7-8\nScore-B: 6", "invalid no_verdict"},
		{"prose", "Overall Score-A: 8 and Score-B: 6", "invalid no_verdict"},
		{"prose with numbers", "The scores of both get 10 point. Assistant A 2 errors, Assistant B 1.", "invalid no_verdict"},
		{"one score", "Score-A: 8", "invalid no_verdict"},
		{"scores after the object that say otherwise", "{\"score_a\":3,\"score_b\":8}\nScore-A: 8\nScore-B: 3", "invalid conflict"},
		{"one key twice", `{"score_a":3,"score_b":8,"score_a":9}`, "invalid conflict"},
		{"null", `{"score_a":null,"score_b":8}`, "invalid no_verdict"},
		{"more digits", "Score-A: 7,500\nScore-B: 6", "invalid no_verdict"},
	})
	check(t, scores{}, providers.FinishLength, []reading{
		{"the last number may be half of 10", "Score-A: 8\nScore-B: 1", "invalid truncated"},
		{"with a scale it is whole", "Score-A: 8\nScore-B: 1/10", "A>>B 8 1 scores"},
		{"cut later", "Score-A: 8\nScore-B: 1\nBut", "A>>B 8 1 scores"},
	})
}

func TestParseTransport(t *testing.T) {
	const good = `{"analysis":"x","score_a":9,"score_b":2,"verdict":"A>>B"}`
	tests := []struct {
		why   string
		reply Reply
		want  string
	}{
		{"a refusal in its own field", Reply{Text: good, Refusal: "I cannot."}, "invalid refusal"},
		{"a refusal as finish reason", Reply{Text: good, Finish: providers.FinishRefusal}, "invalid refusal"},
		{"a filter", Reply{Text: good, Finish: providers.FinishFiltered}, "invalid filtered"},
		{"nothing", Reply{}, "invalid empty"},
		{"nothing to be seen", Reply{Text: " \n\u200b\ufeff\x00"}, "invalid empty"},
		{"nothing, cut", Reply{Finish: providers.FinishLength}, "invalid empty"},
		{"thoughts only", Reply{Reasoning: "A seems right. [[A>B]]"}, "invalid no_final"},
		{"thoughts only, cut", Reply{Reasoning: "A seems", Finish: providers.FinishLength}, "invalid truncated_reasoning"},
		{"the whole reply in the reasoning field", Reply{Reasoning: "\n" + good + "\n"}, "A>>B 9 2 json from_reasoning"},
		{"a draft in the midst of reasoning", Reply{Reasoning: good + " but no"}, "invalid no_final"},
		{"half of the keys in the reasoning field", Reply{Reasoning: `{"verdict":"A>B"}`}, "invalid no_final"},
		{"thoughts in the text, then the verdict", Reply{Text: "<think>[[B>A]]</think>" + good}, "A>>B 9 2 json"},
		{"thoughts after a greeting", Reply{Text: "Sure. <Thinking>" + good + "</Thinking> [[B>A]]"}, "B>A - - label"},
		{"two thoughts", Reply{Text: "<mm:think>a</mm:think><reasoning>[[B>A]]</reasoning>[[A>B]]"}, "A>B - - label"},
		{"only the end of a thought", Reply{Text: "[[B>A]] hm </think>\n[[A>B]]"}, "A>B - - label"},
		{"a thought without end", Reply{Text: "<think>[[B>A]] hm"}, "invalid truncated_reasoning"},
		{"a thought and nothing else", Reply{Text: "<think>[[B>A]]</think>\n"}, "invalid no_final"},
		{"a tag in the analysis is a word", Reply{Text: `{"analysis":"A has a <think> and no </think>","score_a":2,"score_b":9,"verdict":"B>A"}`}, "B>A 2 9 json"},
		{"a tag in the thoughts' draft", Reply{Text: `<think>{"verdict":"A>B","analysis":"<think>"}</think>{"verdict":"B>A"}`}, "B>A - - json"},
		{"blanks after a broken object, no finish reason", Reply{Text: "{\"score_a\": 3,\n\n\n   \t", Finish: providers.FinishUnknown}, "invalid no_verdict"},
	}
	for _, tt := range tests {
		if got := brief(scoresVerdict{}.Parse(tt.reply, plainCase)); got != tt.want {
			t.Errorf("%s:\nParse(%+v) = %s; want %s", tt.why, tt.reply, got, tt.want)
		}
	}
}

func TestExplanation(t *testing.T) {
	tests := []struct {
		why, reply, want string
		p                Protocol
	}{
		{"the analysis of an object, unescaped", `{"analysis":"a\n\"b\" \u00e9 \ud83d\ude00 \ud800 \(x\) \u12","verdict":"A>B"}`, "a\n\"b\" é 😀 \uFFFD \\(x\\) \\u12", scoresVerdict{}},
		{"what stands before a label", "\nA is right.\n\n[[A>B]] So it is.", "A is right.", scoresVerdict{}},
		{"what stands before the scores, without its title", "**Explanation:** A is right.\nScore-A: 8\nScore-B: 6", "A is right.", scores{}},
		{"control characters are left to who shows them", "A \x1b[31mred\a.\n[[A>B]]", "A \x1b[31mred\a.", scoresVerdict{}},
		{"no thoughts", "<think>hm</think>Fine. [[A>B]]", "Fine.", scoresVerdict{}},
		{"quotations are kept", `{"analysis":"B says: Sydney is the capital of Australia. Wrong.","verdict":"A>B"}`, "B says: Sydney is the capital of Australia. Wrong.", scoresVerdict{}},
		{"a list is kept as it is", `{"analysis":["x"],"verdict":"A>B"}`, `["x"]`, scoresVerdict{}},
		{"none", `{"verdict":"A>B"}`, "", scoresVerdict{}},
		{"what is not to be seen is kept in an object", "{\"analysis\":\"👨\u200d👩\x00\u202eא\r\n\ufeff\",\"verdict\":\"A\u200b>B\"}", "👨\u200d👩\x00\u202eא\r\n\ufeff", scoresVerdict{}},
		{"and before a label", "\ufeffOne\u200d.\r\nTwo\u200b.\r\n[[A\u200b>B]]", "One\u200d.\r\nTwo\u200b.", scoresVerdict{}},
		{"and around thoughts", "\u200bO\u200bne <think>h\u200bm\r\n</think>two\u200b. <think>no</think>three [[A>B]]", "O\u200bne two\u200b. three", scoresVerdict{}},
		{"and below a title", "Explanation: f\u200bine\r\n.\nScore-A: 8\nScore-B: 6", "f\u200bine\r\n.", scores{}},
	}
	for _, tt := range tests {
		v := tt.p.Parse(Reply{Text: tt.reply}, plainCase)
		if v.State == Invalid || v.Explanation != tt.want {
			t.Errorf("%s:\nParse(%q) explains %q (%s); want %q", tt.why, tt.reply, v.Explanation, v.State, tt.want)
		}
	}
}

// swap is the verdict with the two answers exchanged: from the order of presentation to that of the pair, and back.
// The explanation keeps the letters the judge used.
func swap(v Verdict) Verdict {
	v.Level = -v.Level
	v.ScoreA, v.ScoreB = v.ScoreB, v.ScoreA
	return v
}

// parse(swap(reply)) = swap(parse(reply)): no side is read otherwise than the other.
func TestSwap(t *testing.T) {
	exchange := strings.NewReplacer("A>>B", "B>>A", "A>B", "B>A", "B>>A", "A>>B", "B>A", "A>B",
		`"A"`, `"B"`, `"B"`, `"A"`, "[[A]]", "[[B]]", "[[B]]", "[[A]]", "score_a", "score_b", "score_b", "score_a", "Score-A", "Score-B", "Score-B", "Score-A")
	replies := []string{
		`{"score_a":9,"score_b":2,"verdict":"A>>B"}`, `{"score_a":2,"score_b":9,"verdict":"A>B"}`, `{"score_a":5,"score_b":5,"verdict":"A=B"}`,
		"[[A>B]]", "[[B>>A]]\n[[A=B]]", `{"verdict":"A"}`, "[[B]]", "Score-A: 8\nScore-B: 6", "Score-B: 8\nScore-A: 6\n[[A>>B]]", "nothing", `{"score_a":20,"score_b":2,"verdict":"A>B"}`,
	}
	for _, r := range recordedReplies(t) {
		replies = append(replies, r.Content)
	}
	for _, name := range pairwise() {
		for _, reply := range replies {
			one := protocols[name].Parse(Reply{Text: reply}, Case{})
			other := protocols[name].Parse(Reply{Text: exchange.Replace(reply)}, Case{})
			if got, want := brief(other), brief(swap(one)); got != want {
				t.Errorf("%s: with sides exchanged, %.80q is read as %s; want %s", name, reply, got, want)
			}
		}
	}
}

func TestTrivial(t *testing.T) {
	tests := []struct {
		why, a, b, want string
	}{
		{"equal but for white space", "Canberra.\n", "  Canberra.", "A=B - -  identical"},
		{"both empty", "\n", "", "A=B - -  identical"},
		{"the second is empty", "x", " \u200b\n", "A>>B - -  forfeit"},
		{"the first is empty", "", "x", "B>>A - -  forfeit"},
		{"a judge has to look", "x", "X", ""},
	}
	for _, tt := range tests {
		v, ok := Trivial(tt.a, tt.b)
		if got := brief(v); ok != (tt.want != "") || ok && got != tt.want {
			t.Errorf("%s: Trivial(%q, %q) = %s, %v; want %s", tt.why, tt.a, tt.b, got, ok, tt.want)
		}
	}
}

func TestLookup(t *testing.T) {
	if want := []string{"criteria", "genrm", "logprob", "pointwise", "reference", "scores", "scores_verdict", "verdict3", "verdict5"}; !slices.Equal(Names(), want) {
		t.Errorf("Names() = %q; want %q", Names(), want)
	}
	if _, err := Lookup("score"); err == nil || !strings.Contains(err.Error(), "scores_verdict") || !strings.Contains(err.Error(), `did you mean "scores"?`) {
		t.Errorf("Lookup of an unknown protocol: error %v; want one that names those there are and the nearest", err)
	}
	if p, err := Lookup("scores"); err != nil || p.Version() != 1 {
		t.Errorf("Lookup(scores) = %v, %v; want version 1", p, err)
	}
}
