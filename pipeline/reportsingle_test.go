package pipeline

import (
	"testing"

	"openarena/pipeline/judge"
)

// Of a pointwise judge verdicts count by answers, what they say of battles by battles, and nothing was shown first.
func TestReportOfSingles(t *testing.T) {
	a := offline(t).arena(alone + "judging: {repeat: 1}\n")
	score := func(s float64, flags ...string) verdict {
		return verdict{Verdict: judge.Verdict{State: judge.Decided, ScoreA: &s, ScoreB: &s, Method: "json", Flags: flags}, Attempts: 1}
	}
	unread := verdict{Verdict: judge.Verdict{Reason: judge.OutOfRange}, Attempts: 3}
	r := newReporter(a.pairing())
	for i, row := range []struct {
		texts  [3]string
		said   [3]verdict
		repeat *verdict // of the first
	}{
		{[3]string{"a longer one", "short", "third"}, [3]verdict{score(8), score(3), score(3, judge.FlagConflict)}, new(score(7))},
		{[3]string{"a longer one", "short", "same length"}, [3]verdict{score(2), score(9), unread}, new(score(2))},
	} {
		s := newSheet(Hash{byte(i + 1)})
		for k, text := range row.texts {
			s.give(Side{a.Contestants[k].ID, 0}, reply{Digest: textDigest(text), Text: text})
		}
		for k := range row.texts {
			s.judge(asked{judge: &a.Judges[0]}.single(&s.wanted, &s.answers[k]), row.said[k])
		}
		if row.repeat != nil {
			s.judge(asked{judge: &a.Judges[0], repeat: 1}.single(&s.wanted, &s.answers[0]), *row.repeat)
		}
		r.see(s, nil)
	}
	rep, err := r.report(t.Context(), Empty{})
	if err != nil {
		t.Fatal(err)
	}
	q := rep.Judges[0]
	for _, c := range []struct {
		what      string
		got, want [2]int64
	}{
		{"invalid", [2]int64{q.Invalid.Count, q.Invalid.N}, [2]int64{1, 6}},
		{"ties", [2]int64{q.Ties.Count, q.Ties.N}, [2]int64{1, 4}},
		{"the longer wins", [2]int64{q.LongerWins.Count, q.LongerWins.N}, [2]int64{2, 3}},
		{"the same again", [2]int64{q.SelfConsistency.Count, q.SelfConsistency.N}, [2]int64{1, 2}},
		{"consistent", [2]int64{q.Consistent.Count, q.Consistent.N}, [2]int64{0, 0}},
		{"first", [2]int64{q.FirstSlot.Count, q.FirstSlot.N}, [2]int64{0, 0}},
		{"contradictions", [2]int64{q.Contradictions.Count, q.Contradictions.N}, [2]int64{0, 0}},
		{"conflicts", [2]int64{q.Flags[judge.FlagConflict]}, [2]int64{1}},
		{"invalid of the third", [2]int64{q.Contestants[2].Invalid.Count, q.Contestants[2].Verdicts}, [2]int64{1, 2}},
		{"invalid of the first", [2]int64{q.Contestants[0].Invalid.Count, q.Contestants[0].Verdicts}, [2]int64{0, 2}},
	} {
		if c.got != c.want {
			t.Errorf("%s: %d of %d; want %d of %d", c.what, c.got[0], c.got[1], c.want[0], c.want[1])
		}
	}
}
