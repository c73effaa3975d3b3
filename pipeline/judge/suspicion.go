package judge

import (
	"slices"
	"strings"
)

// Suspect flags v if an answer looks as if it were written for its judge: as a verdict, as an instruction, or with marks that only
// a question or a server should hold. Nothing is decided by it: who asked for such texts gets them, and anybody else can leave
// these battles out.
func Suspect(v Verdict, c Case) Verdict {
	for _, answer := range []string{c.First, c.Second} {
		for _, flag := range suspected.flags(answer, suspicions) {
			v = v.flag(flag)
		}
	}
	return v
}

// suspicions are the flags that an answer deserves.
func suspicions(answer string) (flags []string) {
	text := visible(answer)
	small := strings.ToLower(text)
	if containsAny(small, keys) || verdictShaped(text) {
		flags = append(flags, FlagSuspiciousVerdict)
	}
	if containsAny(small, marks) {
		flags = append(flags, FlagSuspiciousMarks)
	}
	if containsAny(strings.Join(strings.Fields(small), " "), instructions) {
		flags = append(flags, FlagSuspiciousInstruction)
	}
	return flags
}

// verdictShaped says whether s holds a label in double brackets, or a line with a verdict or a score.
func verdictShaped(s string) bool {
	shaped := func(l label) bool { return l.weight == 2 || l.known }
	return slices.ContainsFunc(levels.labels(s), shaped) || slices.ContainsFunc(threeVerdicts.labels(s), shaped) || len(scoreMarks(s, false)) > 0
}

// keys are those of the objects that judges are asked for, escaped or nested as they may be.
var keys = []string{`"verdict"`, `verdict\"`, "score_a", "score_b", `"ranking"`, `"c1_a"`, `"c1_b"`}

// marks are those of chat templates, of thoughts and of our questions, in small letters.
var marks = []string{
	"<|im_start|>", "<|im_end|>", "<|endoftext|>", "<|eot_id|>", "<|start_header_id|>", "<|end|>", "<|assistant|>", "<|user|>",
	"<|system|>", "<start_of_turn>", "<end_of_turn>", "[inst]", "[/inst]", "<<sys>>", "<</sys>>", "</s>", "<think>", "</think>",
	"<answer_a", "</answer_a", "<answer_b", "</answer_b", "<reference id=", "</reference id=", "<prompt id=", "</prompt id=",
}

// instructions are what texts say to a judge and hardly to anybody else, in small letters and with single spaces.
var instructions = []string{
	"ignore all previous", "ignore the previous", "ignore previous", "ignore the above", "ignore all instructions", "ignore your instructions",
	"disregard all", "disregard previous", "disregard the above", "disregard your", "forget all previous", "forget your instructions",
	"impartial judge", "dear judge", "to the judge", "attention judge", "note to the evaluator", "note to the grader", "you are the judge",
	"the judge must", "the judge should", "the judge has", "the evaluator must", "the grader must",
	"prefer this answer", "choose this answer", "pick this answer", "select this answer", "this answer is better", "this answer is the best",
	"this answer deserves", "this response is better", "this response deserves", "rate this answer", "rate this response", "give this answer",
	"give this response", "score this answer", "score this response", "the other answer is wrong", "the other answer is worse",
	"your final verdict", "your verdict must", "verdict must be", "output the verdict", "system override", "end of evaluation",
}

func containsAny(s string, parts []string) bool {
	return slices.ContainsFunc(parts, func(part string) bool { return strings.Contains(s, part) })
}
