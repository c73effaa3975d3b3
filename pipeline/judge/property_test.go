package judge

import (
	"cmp"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"openarena/configs"
	"openarena/providers"
)

// mirrored are what replies are made of, and the same with the answers exchanged.
var mirrored = [][2]string{
	{"[[A>>B]]", "[[B>>A]]"}, {"[[A>B]]", "[[B>A]]"}, {"[[A=B]]", "[[B=A]]"}, {"[[A]]", "[[B]]"}, {"[A<B]", "[B<A]"}, {"[[D]]", "[[D]]"},
	{"Verdict: A>B", "Verdict: B>A"}, {"**Final verdict:** B", "**Final verdict:** A"}, {"Verdict: tie", "Verdict: tie"}, {"A>B", "B>A"},
	{"Score-A: 8", "Score-B: 8"}, {"Score-B: 3/10", "Score-A: 3/10"}, {"Score for answer A: 85", "Score for answer B: 85"},
	{`{"score_a":9,"score_b":2,"verdict":"A>>B"}`, `{"score_b":9,"score_a":2,"verdict":"B>>A"}`},
	{`{"analysis":"x","score_a":3,"score_b":3}`, `{"analysis":"x","score_b":3,"score_a":3}`},
	{`{"verdict":"A"}`, `{"verdict":"B"}`}, {`{"verdict":"A>B",`, `{"verdict":"B>A",`},
	{`{"c1_a":8,"c1_b":3}`, `{"c1_b":8,"c1_a":3}`}, {`{"score_1":4,"score_2":2,"ranking":2}`, `{"score_2":4,"score_1":2,"ranking":5}`},
	{"Answer A is better.", "Answer B is better."}, {"Output (b) is worse than output (a).", "Output (a) is worse than output (b)."},
	{"I prefer the first answer.", "I prefer the second answer."}, {"Neither A nor B is better.", "Neither B nor A is better."},
	{"Answer A is not better.", "Answer B is not better."}, {"The better one is (b).", "The better one is (a)."},
	{"<think>", "<think>"}, {"</think>", "</think>"}, {"\n", "\n"}, {" so ", " so "}, {"```", "```"}, {"{", "{"}, {"~", "~"},
}

// oneCriterion is a battle whose answers are not known, under a rubric of one criterion.
var oneCriterion = Case{Rubric: &configs.Rubric{Criteria: []configs.Criterion{{Name: "truth", Weight: 1}}}}

// pairwise are the protocols that compare two answers.
func pairwise() []string {
	return slices.DeleteFunc(Names(), func(name string) bool { return Pointwise(protocols[name]) })
}

// readers are all ways to read a comparison: every protocol, in form alone and with plain words.
func readers() map[string]func(Reply, Case) Verdict {
	all := map[string]func(Reply, Case) Verdict{}
	for _, name := range pairwise() {
		p := protocols[name]
		all[name] = p.Parse
		all[name+", prose"] = func(r Reply, c Case) Verdict { return ReadProse(p, r, c) }
	}
	return all
}

// With the answers exchanged in it, whatever was said is read as the exchanged verdict.
func TestSwapOfAnything(t *testing.T) {
	random := rand.New(rand.NewPCG(7, 7))
	decided := map[string]int{}
	for range 1500 {
		var one, other strings.Builder
		for range 1 + random.IntN(4) {
			m := mirrored[random.IntN(len(mirrored))]
			end := []string{"\n", " ", ". "}[random.IntN(3)]
			one.WriteString(m[0] + end)
			other.WriteString(m[1] + end)
		}
		finish := []string{providers.FinishStop, providers.FinishLength}[random.IntN(2)]
		for name, read := range readers() {
			v, w := read(Reply{Text: one.String(), Finish: finish}, oneCriterion), read(Reply{Text: other.String(), Finish: finish}, oneCriterion)
			if brief(w) != brief(swap(v)) {
				t.Errorf("%s: %q is read as %s, and %q, which is the same with the answers exchanged, as %s",
					name, one.String(), brief(v), other.String(), brief(w))
			}
			if problem := inconsistent(v); problem != "" {
				t.Errorf("%s: %q is read as %+v: %s", name, one.String(), v, problem)
			}
			if v.State == Decided {
				decided[name]++
			}
		}
	}
	for name := range readers() {
		if decided[name] < 20 && name != "logprob" { // which reads no words
			t.Errorf("%s decided %d times: these replies try too little", name, decided[name])
		}
	}
}

// A reply with one verdict, cut anywhere, has that verdict or none.
func TestCutNeverInvents(t *testing.T) {
	replies := []string{
		benchObject, benchAnalysis[:200] + "\n\n[[A>>B]]", "Fine.\n[[B>>A]]\nbecause", "My verdict: [[A=B]]", "Verdict: A>>B\n", "[[B]]", "Verdict: B",
		"Score-A: 10\nScore-B: 1", "Score-A: 1/10\nScore-B: 10/10\n", "Score-A: 7.5\nScore-B: 7.25\n", "**Score-B:** 10, **Score-A:** 10\n",
		"```json\n{\"score_a\": 10, \"score_b\": 1, \"verdict\": \"A>>B\"}\n```\n", `{"c1_a":10,"c1_b":1}`, `{"ranking":6,"score_1":1,"score_2":5}`,
		"<think>Let me see.</think>Answer B is better than answer A.", "Neither (a) nor (b) is better; both are equally good.\n", "The better answer is B.",
		`"A>>B" is what I say.`, "Output (a) is better at rhyming. Output (b) is better.",
	}
	for i, r := range llmbarReplies(t) {
		if r.truth() != "" && misread[i+1] == "" && i%1200 == 0 {
			replies = append(replies, r.Raw)
		}
	}
	whole := 0
	for name, read := range readers() {
		for _, reply := range replies {
			v := read(Reply{Text: reply, Finish: providers.FinishStop}, oneCriterion)
			if v.State == Invalid {
				continue
			}
			whole++
			for i := range reply {
				if len(reply)-i > 300 && i%5 != 0 {
					continue // far from the verdict, each fifth place is enough
				}
				if w := read(Reply{Text: reply[:i], Finish: providers.FinishLength}, oneCriterion); w.State != Invalid && cmp.Compare(w.Level, 0) != cmp.Compare(v.Level, 0) {
					t.Errorf("%s: %q is read as %s; cut at %d, %q is read as %s", name, reply, brief(v), i, reply[max(0, i-60):i], brief(w))
				}
			}
		}
	}
	if whole < 60 {
		t.Errorf("%d readings of whole replies are valid: these replies try too little", whole)
	}
}

// A verdict does not depend on what was read before, and reading leaves its input as it was.
func TestReadingIsPure(t *testing.T) {
	first := map[string]string{}
	for round := range 2 {
		for i, r := range recordedReplies(t) {
			for name, read := range readers() {
				key, got := fmt.Sprint(i, name), fmt.Sprintf("%s %q", brief(read(r.reply(), r.battle())), read(r.reply(), r.battle()).Explanation)
				if round > 0 && first[key] != got {
					t.Errorf("%s: reply %d is read as %s, later as %s", name, i, first[key], got)
				}
				first[key] = got
			}
		}
	}
}
