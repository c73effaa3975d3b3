package pipeline

import (
	"strings"
	"testing"

	"openarena/pipeline/judge"
	"openarena/providers"
	"openarena/store"
)

// TestStoppedJudgeShowsWhatItSaid: with examples, safe to print, and with what to change; and the same after a restart.
func TestStoppedJudgeShowsWhatItSaid(t *testing.T) {
	const key = "sk-canary-0123456789abcdef"
	yaml := strings.Replace(plain, "default_endpoint: {url: URL", "default_endpoint: {url: URL, api_key: "+key, 1)
	w := &world{t: t, dir: t.TempDir()}
	w.write("prompts.jsonl", promptLines(0, 9)) // 54 judgments: of the six on one prompt at least two are among the first 50
	a, db := w.arena(strings.Replace(yaml, "reask: 1", "reask: 0", 1)), w.open()
	mustSync(t, a, db)
	s := &scripted{say: func(r *providers.Request) string {
		switch {
		case r.Model != "judge":
			return ""
		case strings.Contains(r.Messages[1].Content, "Question 1:"):
			return `{"analysis": "so", "score_a": 12, "score_b": 3, "verdict": "A>>B"}`
		}
		return "My key is " + key + ".\x1b[31m\n\n\u202e" + strings.Repeat("Both have their merits. ", 50) + "So it goes."
	}}
	for _, run := range []string{"the first run", "the next run"} {
		r, err := newRunner(t.Context(), a, db, both, s.connect)
		if err != nil {
			t.Fatal(err)
		}
		o, err := r.Run(t.Context(), t.Context())
		if err != nil || len(o.Stopped) != 1 || !o.Stopped[0].Judge {
			t.Fatalf("%s ended with %+v, %v; want its judge stopped", run, o, err)
		}
		text := o.Stopped[0].String()
		if n := strings.Count(text, "(no_verdict) «My key is ***.\\x1b[31m \\u202eBoth have"); n != 3 {
			t.Errorf("%s shows %d examples of the most frequent reason; want 3, safe to print: %s", run, n, text)
		}
		for _, want := range []string{"of its first 50 verdicts", "no_verdict ", "out_of_range ", "So it goes.»", "structured: json_schema", `redo --judge "Judge"`} {
			if !strings.Contains(text, want) {
				t.Errorf("%s says %q; want %q in it", run, text, want)
			}
		}
		if strings.ContainsAny(text, "\x1b\u202e\n") || strings.Contains(text, key[4:]) || len(text) > 1200 {
			t.Errorf("%s says, unsafe or at length: %q", run, text)
		}
	}
}

// TestQualityIsOfWhatWasAsked: answers that speak for themselves, however many, are no evidence for a judge.
func TestQualityIsOfWhatWasAsked(t *testing.T) {
	a := parseArena(t, t.TempDir(), strings.ReplaceAll(plain, "URL", "http://127.0.0.1:1/v1"), Trial{})
	w := &world{t: t, dir: t.TempDir()}
	db := w.open()
	var b store.Batch
	for n := range 3 * qualityWindow {
		k, v := VerdictKey{Prompt: Hash{byte(n)}, A: Side{Sample: 1}, Judge: a.Judges[0].ID}, verdict{Verdict: judge.Verdict{State: judge.Tie}}
		if n >= 2*qualityWindow {
			v = verdict{Verdict: judge.Verdict{State: judge.Invalid, Reason: judge.NoVerdict}, Attempts: 1}
		}
		b.Put(store.Verdicts, k.bytes(), v.meta(), nil)
	}
	if _, err := db.Apply(t.Context(), &b); err != nil {
		t.Fatal(err)
	}
	if err := new(quality).recall(t.Context(), db, a, &a.Judges[0], 0); err == nil {
		t.Error("a judge of whose replies none can be read goes on, since others took no call")
	}
}

func TestRemedies(t *testing.T) {
	for _, test := range []struct{ reason, judge, want string }{
		{judge.Truncated, "", "raise params.max_tokens"},
		{judge.NoFinal, "", "raise params.max_tokens"},
		{judge.OutOfRange, "", "protocol: verdict5"},
		{judge.Filtered, "", "judging.panel.replacements"},
		{judge.NoVerdict, "", "structured: json_schema"},
		{judge.NoVerdict, ", structured: json_schema", "a simpler protocol"},
		{judge.Conflict, "", "structured: json_schema"},
	} {
		a := parseArena(t, t.TempDir(), strings.NewReplacer("URL", "http://127.0.0.1:1/v1", "reask: 1", "reask: 1"+test.judge).Replace(plain), Trial{})
		if got := a.Judges[0].remedy(test.reason); !strings.Contains(got, test.want) {
			t.Errorf("remedy(%s) of a judge with %q = %q; want %q in it", test.reason, test.judge, got, test.want)
		}
	}
}
