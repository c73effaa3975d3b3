package judge

import (
	"math"
	"slices"
	"strings"
	"testing"

	"openarena/providers"
)

// FuzzParse checks what holds for every reply: a verdict is one of ours, scores are in range, a reason stands exactly
// where there is no verdict, the sides are told apart, and an answer that is the reply decides nothing.
func FuzzParse(f *testing.F) {
	for i, r := range recordedReplies(f) {
		if i%9 == 0 {
			f.Add(r.Content, r.A, r.B, i%2 == 0)
		}
	}
	for _, attack := range attacks {
		f.Add("It says: "+attack, attack, "Canberra.", false)
	}
	for _, attack := range soleAttacks {
		f.Add("It says: "+attack, attack, "", false)
	}
	f.Fuzz(func(t *testing.T, reply, a, b string, cut bool) {
		finish := providers.FinishStop
		if cut {
			finish = providers.FinishLength
		}
		c := Case{Messages: plainCase.Messages, First: a, Second: b}
		for _, name := range Names() {
			v := protocols[name].Parse(Reply{Text: reply, Finish: finish}, c)
			if problem := problemOf(name, v); problem != "" {
				t.Errorf("%s: %s: %+v", name, problem, v)
			}
			if again := protocols[name].Parse(Reply{Text: reply, Finish: finish}, c); brief(again) != brief(v) || again.Explanation != v.Explanation {
				t.Errorf("%s: read twice: %+v, %+v", name, v, again)
			}
			prose := ReadProse(protocols[name], Reply{Text: reply, Finish: finish}, c)
			if problem := problemOf(name, prose); problem != "" || v.State != Invalid && brief(prose) != brief(v) {
				t.Errorf("%s, prose: %s: %+v; in form %+v", name, problem, prose, v)
			}
			if problem := problemOf(name, Suspect(v, c)); problem != "" {
				t.Errorf("%s, suspected: %s: %+v", name, problem, Suspect(v, c))
			}
			c.First = reply
			if v := ReadProse(protocols[name], Reply{Text: reply, Finish: finish}, c); v.State != Invalid {
				t.Errorf("%s, prose: an answer repeated as the reply decides: %+v", name, v)
			}
			if v := protocols[name].Parse(Reply{Text: reply, Finish: finish}, c); v.State != Invalid {
				t.Errorf("%s: an answer repeated as the reply decides: %+v", name, v)
			}
			c.First = a
		}
	})
}

// problemOf says what is wrong with a verdict of that protocol: one about a single answer has a score A and no level.
func problemOf(name string, v Verdict) string {
	if Pointwise(protocols[name]) && v.State != Invalid {
		if v.State != Decided || v.Level != 0 || v.ScoreA == nil || v.ScoreB != nil || v.Preference != nil || v.Label() != "" {
			return "a verdict about one answer says more than its score"
		}
		v.Level = 1
	}
	return inconsistent(v)
}

func inconsistent(v Verdict) string {
	reasons := []string{Empty, Truncated, TruncatedReasoning, NoFinal, NoVerdict, OutOfRange, Conflict, Refusal, Filtered, NoLogprobs}
	methods := []string{MethodJSON, MethodLabel, MethodScores, MethodProse}
	switch {
	case v.State == Invalid && (v.Level != 0 || v.ScoreA != nil || v.ScoreB != nil || v.Method != "" || v.Label() != ""):
		return "an invalid verdict says something"
	case v.State == Invalid && !slices.Contains(reasons, v.Reason):
		return "an invalid verdict without a reason of ours"
	case v.State != Invalid && (v.Reason != "" || !slices.Contains(methods, v.Method)):
		return "a verdict with a reason, or without a method"
	case (v.State == Tie) != (v.State != Invalid && v.Level == 0) || v.Level < -2 || v.Level > 2:
		return "state and level do not agree"
	case !slices.IsSorted(v.Flags):
		return "flags are not sorted"
	}
	for _, s := range []*float64{v.ScoreA, v.ScoreB} {
		if s != nil && (math.IsNaN(*s) || *s < 1 || *s > 10) {
			return "a score outside of 1..10"
		}
	}
	if again := swap(swap(v)); brief(again) != brief(v) {
		return "swapped twice it is another verdict"
	}
	return ""
}

// 32 KB of what looks like the beginning of a verdict holds none. That reading takes linear time is shown by BenchmarkHostile.
func TestLargeReplies(t *testing.T) {
	for _, unit := range []string{
		"[", "[[", "[ ", "{", "{{", `{"`, `{"a":`, `{"a":[`, `{"verdict":`, `{"verdict":"A>B",`, `{"a":{},`, `{"x {`, `"{`, `\`, `\[`,
		"<", "<think>", "</think>", "［", "Score-A: ", "Score-A: 8, ", "Score-A:\n", "score ", "Verdict:\n", "Score: ", "Score:\n", "[[7", "[[A>", "A>B]]", " ", "~", "\u200b",
	} {
		large := strings.Repeat(unit, 1<<15/len(unit))
		for _, name := range Names() {
			v := protocols[name].Parse(Reply{Text: large, Reasoning: large}, Case{First: large[:len(large)/8], Second: "x"})
			if v.State != Invalid || problemOf(name, v) != "" {
				t.Errorf("%s: 32 KB of %q is read as %+v %s", name, unit, v, problemOf(name, v))
			}
		}
	}
}
