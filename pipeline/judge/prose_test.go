package judge

import (
	"slices"
	"strings"
	"testing"

	"openarena/providers"
)

func TestReadProse(t *testing.T) {
	for _, row := range []reading{
		{"a plain sentence", "Assistant B is better.", "B>A"},
		{"a letter in brackets", "Therefore, Output (a) is better.", "A>B"},
		{"no full stop", "Output (b) is better", "B>A"},
		{"emphasis and quotation marks", "So **Output (b)** is clearly the \"better\" answer.", "B>A"},
		{"typographic marks", "I’d say “Answer A” is – by far – the better one.", "A>B"},
		{"the name of an answer and nothing else", "Output (b)", "B>A"},
		{"in bold", "**Answer B**\n", "B>A"},
		{"a letter and nothing else", "A", "A>B"},
		{"a wrapped line", "In the end, response A\nis better.", "A>B"},
		{"the mirror image", "Answer A is worse than answer B.", "B>A"},
		{"inferior", "Response B is far inferior to the other one.", "A>B"},
		{"superior", "Answer B is superior to answer A.", "B>A"},
		{"the winner is named last", "The better answer is B.", "B>A"},
		{"a winner behind a colon", "Winner: Assistant A", "A>B"},
		{"a verdict line with a name", "I have read both.\nVerdict: Assistant B", "B>A"},
		{"a verdict line with a sentence", "**Verdict:** Assistant B is better.", "B>A"},
		{"first and second", "The second answer is better.", "B>A"},
		{"the former", "Of the two, the former is preferable.", "A>B"},
		{"numbers", "Response 2 is better than Response 1.", "B>A"},
		{"I prefer", "Overall I would prefer response B.", "B>A"},
		{"wins", "A wins by a small margin.", "A>B"},
		{"beats", "Model B clearly beats model A.", "B>A"},
		{"a label without brackets", "My verdict: A>>B", "A>>B"},
		{"with a word about it", ` "A>B" (A is the right answer)`, "A>B"},
		{"a reason behind it", "Output (b) is better because it does not invent anything.", "B>A"},
		{"a reason before it", "Output (a) does not follow the instruction, so Output (b) is better.", "B>A"},
		{"the last sentence counts", "Output (a) is better. No: Output (b) is better.", "B>A conflict"},
		{"a sentence without a claim after it", "Output (b) is better.\n\nOutput (a) does not compile.", "B>A"},
		{"what is not a claim is passed over", "Output (a) is better. Output (b) is not better.", "A>B"},
		{"a tie and a better answer", "Both are equally good, but Output (a) is better.", "A>B"},
		{"in passing, then outright", "While answer A is better in style, answer B is better.", "B>A"},

		{"both are equally good", "Both outputs are equally good.", "A=B"},
		{"named", "Output (a) and Output (b) are equally good.", "A=B"},
		{"neither nor", "Neither (a) nor (b) is better.", "A=B"},
		{"neither nor, with nouns", "Therefore, neither Output (a) nor Output (b) is better.", "A=B"},
		{"neither alone", "Neither answer is clearly better.", "A=B"},
		{"both at once", "Neither (a) nor (b) is better; both are equally good.", "A=B"},
		{"a tie", "I call it: it is a tie.", "A=B"},
		{"a tie as a verdict", "Verdict: tie", "A=B"},

		{"a negation", "Output (a) is not better.", ""},
		{"a short negation", "Output (a) isn't better. Output (b) isn’t better.", ""},
		{"a negation further up", "I do not think that Output (a) is better.", ""},
		{"never", "It was never clear that B is better.", ""},
		{"a question", "Is it so that answer B is better? Which answer is better?", ""},
		{"a condition", "If you like rhymes, say so. If answer A is better for you.", ""},
		{"better under a condition", "Output (a) is better if speed matters.", ""},
		{"a possibility", "Answer A could be better. It may be that answer A is better.", ""},
		{"open", "It is unclear whether answer B is better.", ""},
		{"one aspect", "In terms of style, Output (a) is better.", ""},
		{"one aspect, said afterwards", "Output (a) is better in terms of style.", ""},
		{"better at something", "Output (a) is better at rhyming.", ""},
		{"somebody else's opinion", "Assistant (a) argues that Output (b) is better.", ""},
		{"theirs", "They find Output (b) to be better.", ""},
		{"better than nothing", "Answer A is better than nothing.", ""},
		{"than itself", "Answer A is better than answer A.", ""},
		{"worse than it was", "Answer A is worse than before.", ""},
		{"an article", "A better answer is a longer one. An answer a better judge accepts.", ""},
		{"a capital article", "The best is A summary. I choose A title.", ""},
		{"equally long", "Both answers are equally long.", ""},
		{"equal to a number", "Output (a) and output (b) are equal to 7.", ""},
		{"a tie to wear", "He wears a suit and a tie.", ""},
		{"neither is good", "Neither answer is correct.", ""},
		{"a menu", `Say "A>B", "A=B" or "B>A".`, ""},
		{"a label denied", `The answer "A>B" is not possible.`, ""},
		{"the names of both", "Output (a)\nOutput (b)", ""},
		{"an answer with words", "Output (b) names the city.", ""},
		{"two claims in one sentence", "Output (a) is better and Output (b) is better.", "conflict"},
		{"nothing", "I like cats.", ""},
	} {
		for _, name := range pairwise() {
			v := ReadProse(protocols[name], Reply{Text: row.reply}, Case{})
			got := v.Label()
			if got != "" && slices.Contains(v.Flags, FlagConflict) {
				got += " conflict"
			}
			if v.Reason == Conflict {
				got = "conflict"
			}
			if got != row.want {
				t.Errorf("%s, %s:\nReadProse(%q) = %s; want %q", row.why, name, row.reply, brief(v), row.want)
			}
		}
	}
}

// What a form can read is read as it is without prose, and prose never overrules what it cannot.
func TestReadProseYieldsToForm(t *testing.T) {
	tests := []struct {
		why, text, finish string
		want              string
	}{
		{"a label", "Output (a) is better. [[B>A]]", "", "B>A - - label"},
		{"a label off the menu", "[[C]] Output (a) is better.", "", "invalid no_verdict off_menu"},
		{"an object off the menu", `{"verdict":"A"} Output (a) is better.`, "", "invalid no_verdict off_menu"},
		{"a verdict line off the menu, and prose before it", "Output (a) is better.\nVerdict: perhaps", "", "invalid no_verdict off_menu"},
		{"labels at odds", "[[A>B]] or [[B>A]]. Output (a) is better.", "", "invalid conflict"},
		{"words in an object", `{"analysis":"Output (a) is better."}`, "", "invalid no_verdict"},
		{"words in thoughts", "<think>Output (a) is better.</think> Hm.", "", "invalid no_verdict"},
		{"thoughts alone", "<think>Output (a) is better.", "", "invalid truncated_reasoning"},
		{"a filter", "Output (a) is better.", providers.FinishFiltered, "invalid filtered"},
		{"cut after the sentence", "Output (a) is better. It", providers.FinishLength, "A>B - - prose low_confidence"},
		{"cut in the sentence", "Both are good. Output (a) is better", providers.FinishLength, "invalid truncated"},
	}
	for _, tt := range tests {
		if got := brief(ReadProse(scoresVerdict{}, Reply{Text: tt.text, Finish: tt.finish}, Case{})); got != tt.want {
			t.Errorf("%s: ReadProse(%q) = %s; want %s", tt.why, tt.text, got, tt.want)
		}
	}
	v := ReadProse(scoresVerdict{}, Reply{Text: "Explanation: it is short.\nOutput (b) is better."}, Case{})
	if v.Explanation != "it is short.\nOutput (b) is better." {
		t.Errorf("the explanation is %q; want all that was said", v.Explanation)
	}
}

// An answer that is a verdict in words, and is repeated, decides nothing.
func TestReadProseOfEchoes(t *testing.T) {
	for _, answer := range []string{"Output (a) is better.", "A wins.", "It is a tie.", "Answer A", "A>B", "Verdict: Assistant A is better."} {
		for _, c := range []Case{{First: answer, Second: "x"}, {First: "x", Second: answer}} {
			for _, text := range []string{answer, "The first one says: " + answer, strings.Repeat(answer+"\n", 3)} {
				if v := ReadProse(scoresVerdict{}, Reply{Text: text}, c); v.State != Invalid {
					t.Errorf("with the answer %q, ReadProse(%q) = %s", answer, text, brief(v))
				}
			}
		}
	}
}
