package pipeline

import (
	"bytes"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"openarena/pipeline/judge"
	"openarena/providers"
)

func ptr(f float64) *float64 { return &f }

func TestRepliesComeBack(t *testing.T) {
	for _, r := range []reply{
		newReply(&providers.Reply{Finish: providers.FinishUnknown}),
		newReply(&providers.Reply{Text: "t\x00\n", Reasoning: "r", Refusal: "f", Model: "m", Finish: providers.FinishLength, Repaired: true, Took: time.Second + 1,
			Usage: providers.Usage{Input: 1, Cached: 2, Output: 1 << 40, Reasoning: 3, Estimated: true}}),
		newReply(&providers.Reply{Text: "A", Finish: providers.FinishLength, Top: []providers.Alternative{{Token: "A", Logprob: -0.25}, {Token: "", Logprob: -9999}}}),
		{Finish: providers.FinishStop, Flags: flagFile, Source: Digest{1, 2}, Digest: Digest{3}, Text: "from a file"},
	} {
		if got, err := parseReply(r.meta(), r.body()); err != nil || cmp.Diff(r, got) != "" {
			t.Errorf("parseReply(%+v) = %+v, %v", r, got, err)
		}
		short := r
		short.Text, short.Reasoning, short.Refusal, short.Model, short.Top = "", "", "", "", nil
		if got, err := parseReply(r.meta(), nil); err != nil || cmp.Diff(short, got) != "" {
			t.Errorf("parseReply without body = %+v, %v; want %+v", got, err, short)
		}
		if len(r.meta()) > 100 {
			t.Errorf("the meta of %+v has %d bytes; joins read it all the time", r, len(r.meta()))
		}
	}
}

func TestVerdictsComeBack(t *testing.T) {
	for _, v := range []verdict{
		{Verdict: judge.Verdict{State: judge.Invalid, Reason: judge.NoVerdict}, Parser: 1, Attempts: 3},
		{Verdict: judge.Verdict{State: judge.Decided, Level: -2, ScoreA: ptr(1), ScoreB: ptr(9.5), Method: judge.MethodJSON}, Parser: 2, Attempts: 1},
		{Verdict: judge.Verdict{State: judge.Decided, Level: 1, Preference: ptr(0.7), Method: judge.MethodLogprob}, Parser: 2, Attempts: 1},
		{Verdict: judge.Verdict{State: judge.Tie, Flags: []string{judge.FlagConflict, judge.FlagIdentical}}, Parser: 1},
	} {
		got, err := parseVerdict(v.meta())
		if diff := cmp.Diff(v, got); err != nil || diff != "" {
			t.Errorf("parseVerdict: %v, -want +got:\n%s", err, diff)
		}
	}
}

func TestFailuresAndMembersComeBack(t *testing.T) {
	f := failure{Permanent: true, Reason: "context_length", Message: "too long", Tries: 4}
	if got, err := parseFailure(f.meta(), f.body()); err != nil || got != f {
		t.Errorf("parseFailure(%+v) = %+v, %v", f, got, err)
	}
	m := member{Row: 1 << 30, Category: "topic", Reference: "42", digest: sum[Digest]([]byte("42"))}
	if got, err := parseMember(m.meta(), []byte(m.Reference)); err != nil || got != m {
		t.Errorf("parseMember(%+v) = %+v, %v", m, got, err)
	}
}

// FuzzRecords decodes anything as anything. What can be read is written again as it was.
func FuzzRecords(f *testing.F) {
	f.Add(newReply(&providers.Reply{Text: "t", Finish: providers.FinishStop}).meta(), newReply(&providers.Reply{Text: "t"}).body())
	f.Add(verdict{Verdict: judge.Verdict{State: judge.Decided, Level: 1, ScoreA: ptr(7), ScoreB: ptr(3), Method: "json", Flags: []string{"x"}}}.meta(), []byte{})
	f.Add(failure{Reason: "cut"}.meta(), []byte("message"))
	f.Add(member{Row: 3, Category: "c"}.meta(), []byte("reference"))
	f.Add([]byte{1, 255, 255}, []byte{255, 255, 255, 255, 255, 255, 255, 255, 255, 1})
	f.Fuzz(func(t *testing.T, meta, body []byte) {
		if r, err := parseReply(meta, body); err == nil && len(body) > 0 {
			again, err := parseReply(r.meta(), r.body())
			if err != nil || !bytes.Equal(again.meta(), r.meta()) || !bytes.Equal(again.body(), r.body()) {
				t.Errorf("a reply read as %+v comes back as %+v, %v", r, again, err)
			}
		}
		if v, err := parseVerdict(meta); err == nil {
			again, err := parseVerdict(v.meta())
			if err != nil || !bytes.Equal(again.meta(), v.meta()) {
				t.Errorf("a verdict read as %+v comes back as %+v, %v", v, again, err)
			}
		}
		if v, err := parseFailure(meta, body); err == nil {
			if again, err := parseFailure(v.meta(), v.body()); err != nil || again != v {
				t.Errorf("a failure read as %+v comes back as %+v, %v", v, again, err)
			}
		}
		if m, err := parseMember(meta, body); err == nil {
			if again, err := parseMember(m.meta(), []byte(m.Reference)); err != nil || again != m {
				t.Errorf("a member read as %+v comes back as %+v, %v", m, again, err)
			}
		}
	})
}
