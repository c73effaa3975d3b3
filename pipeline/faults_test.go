package pipeline

import (
	"strings"
	"testing"
	"time"

	"openarena/internal/testkit/fakellm"
	"openarena/providers"
)

func TestFaultsLoseNothing(t *testing.T) {
	for _, test := range []struct {
		name   string
		faults fakellm.Faults
	}{
		{"scattered refusals for load", fakellm.Faults{TooMany: 0.15, RetryAfter: 10 * time.Millisecond}},
		{"errors inside the server", fakellm.Faults{Internal: 0.08}},
		{"bodies that end too soon", fakellm.Faults{Cut: 0.08}},
		{"bodies that are no JSON", fakellm.Faults{Malformed: 0.08}},
		{"verdicts that cannot be read", fakellm.Faults{BadVerdict: 0.2}},
		{"a little of everything", fakellm.Faults{TooMany: 0.05, RetryAfter: 10 * time.Millisecond, Internal: 0.03, Cut: 0.03, BadVerdict: 0.1}},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, fakellm.Options{Seed: 7, Faults: test.faults}, 10)
			a, db := w.arena(strings.Replace(plain, "reask: 1", "reask: 1, max_invalid_rate: 1", 1)), w.open()
			if o := run(t, a, db, both); o.Failed != 0 || len(o.Stopped) != 0 {
				t.Fatalf("Run() = %+v; want nothing failed", o)
			}
			wantDone(t, a, db, 30, 60)
			st, served := status(t, a, db), w.server.Stats(false)
			if st.Tokens.Input != served.Input || st.Tokens.Output != served.Output {
				t.Errorf("the books say %+v tokens; the server counted %d in, %d out", st.Tokens, served.Input, served.Output)
			}
			if st.Judge.Invalid > 0 && test.faults.BadVerdict == 0 {
				t.Errorf("%d verdicts are invalid; the judge wrote none", st.Judge.Invalid)
			}
		})
	}
}

func TestUnreadableVerdictIsAskedAgainThenInvalid(t *testing.T) {
	w := newWorld(t, fakellm.Options{Faults: fakellm.Faults{BadVerdict: 1}}, 2)
	a, db := w.arena(strings.Replace(plain, "reask: 1", "reask: 2", 1)), w.open()
	run(t, a, db, both)
	if got := w.server.Stats(false).Models["judge"].Replies; got != 3*12 {
		t.Errorf("the judge was asked %d times; want 12 judgments, three times each", got)
	}
	st := status(t, a, db)
	if st.Judge.Invalid != 12 || st.Judge.Done != 12 {
		t.Errorf("judge is at %+v; want all 12 done and invalid", st.Judge)
	}
	for _, r := range st.Ratings {
		if r.Battles != 0 || r.Ties != 0 {
			t.Errorf("%s has %d battles and %d ties of unreadable verdicts; want none", r.Model, r.Battles, r.Ties)
		}
	}
}

func TestBadJudgeIsStopped(t *testing.T) {
	w := newWorld(t, fakellm.Options{Faults: fakellm.Faults{BadVerdict: 1}}, 60)
	a, db := w.arena(strings.Replace(plain, "reask: 1", "reask: 0", 1)), w.open()
	o := run(t, a, db, both)
	if len(o.Stopped) != 1 || !o.Stopped[0].Judge || o.Stopped[0].Refused || !strings.Contains(o.Stopped[0].Cause.Error(), "50 of its first 50") {
		t.Fatalf("Run() = %+v; want the judge stopped for its verdicts", o)
	}
	if o.Answers != 180 {
		t.Errorf("the contestants gave %d answers; want all 180", o.Answers)
	}
	if got := w.server.Stats(false).Models["judge"].Replies; got < 50 || got > 50+16+32 {
		t.Errorf("the judge was asked %d times; want 50, and what was in flight or uncommitted", got)
	}
}

func TestDeadModelWastesLittle(t *testing.T) {
	if testing.Short() {
		t.Skip("the model is probed for seven seconds")
	}
	t.Parallel()
	w := newWorld(t, fakellm.Options{BrokenModel: "beta"}, 60)
	a, db := w.arena(strings.Replace(plain, "concurrency: 16", "concurrency: 256", 1)), w.open()
	o := run(t, a, db, both)
	if len(o.Stopped) != 1 || o.Stopped[0].Model != "Beta" || o.Stopped[0].Refused {
		t.Fatalf("Run() = %+v; want Beta stopped, resumable", o)
	}
	if got := w.server.Stats(false).Models["beta"].Arrivals; got > 100 {
		t.Errorf("%d calls went to a model that never answered; want at most 100", got)
	}
	if o.Answers != 120 || o.Judgments != 120 {
		t.Errorf("Run() = %+v; want all 120 answers and 120 judgments of the other two", o)
	}
	if st := status(t, a, db); st.PossiblyBilled != 0 {
		t.Errorf("%d calls may be lost after a clean end; want none", st.PossiblyBilled)
	}
}

func TestRefusals(t *testing.T) {
	for _, test := range []struct {
		name    string
		options fakellm.Options
		stopped string // names
		answers int64
		reason  string
	}{
		{"a model the server does not know: the others are finished",
			fakellm.Options{Models: []string{"alpha", "gamma", "judge"}}, "Beta", 40, providers.ReasonModel},
		{"a key that is wrong: every model of that address stops",
			fakellm.Options{Key: "right"}, "Judge Alpha Beta Gamma", 0, providers.ReasonBadKey},
	} {
		t.Run(test.name, func(t *testing.T) {
			w := newWorld(t, test.options, 20)
			url := "URL, api_key: wrong"
			if test.options.Key == "" {
				url = "URL"
			}
			a, db := w.arena(strings.Replace(plain, "url: URL", "url: "+url, 1)), w.open()
			o := run(t, a, db, both)
			var names []string
			for _, s := range o.Stopped {
				names = append(names, s.Model)
				if e, ok := s.Cause.(*providers.Error); !ok || !s.Refused || e.Reason != test.reason {
					t.Errorf("%s stopped with %v, refused %t; want a refusal for %s", s.Model, s.Cause, s.Refused, test.reason)
				}
			}
			if got := strings.Join(names, " "); got != test.stopped || o.Answers != test.answers {
				t.Errorf("stopped %q with %d answers; want %q with %d", got, o.Answers, test.stopped, test.answers)
			}
			if test.options.Key != "" && w.server.Stats(false).Arrivals > 32 {
				t.Errorf("%d calls went out with a wrong key; want no more than were in flight", w.server.Stats(false).Arrivals)
			}
		})
	}
}

func TestTooLongPromptFailsAlone(t *testing.T) {
	w := newWorld(t, fakellm.Options{MaxChars: 3000, AnswerBytes: 200}, 9)
	w.write("prompts.jsonl", promptLines(0, 9)+`{"prompt": "`+strings.Repeat("long ", 1000)+"\"}\n")
	a, db := w.arena(plain), w.open()
	if o := run(t, a, db, both); o.Failed != 3 || o.Answers != 27 || o.Judgments != 54 {
		t.Fatalf("Run() = %+v; want one prompt failed for three models, all else done", o)
	}
	n := 0
	for f, err := range a.Failures(t.Context(), db) {
		if err != nil {
			t.Fatal(err)
		}
		if n++; !f.Permanent || f.Reason != providers.ReasonContext || f.Stage != "generate" {
			t.Errorf("failure %+v; want a permanent one of generate for its length", f)
		}
	}
	if n != 3 {
		t.Errorf("%d failures are on record; want 3", n)
	}
	w.server.Reset()
	run(t, a, db, both)
	if got := w.server.Stats(false).Arrivals; got != 0 {
		t.Errorf("the next run made %d calls; want none, the failures are for good", got)
	}
	if n, err := a.Retry(t.Context(), db, providers.ReasonContext); n != 3 || err != nil {
		t.Fatalf("Retry() = %d, %v; want 3", n, err)
	}
	run(t, a, db, both)
	if got := w.server.Stats(false).Arrivals; got != 3 {
		t.Errorf("the run after Retry made %d calls; want 3", got)
	}
}

// A judge steps down to what its server knows, once, and later runs remember.
func TestJudgeStepsDown(t *testing.T) {
	for _, test := range []struct {
		why          string
		server       fakellm.Options
		setting      string
		rung         string
		most, failed int64 // calls and failures for 60 judgments of the first run
		note         string
	}{
		{"a server that knows schemas", fakellm.Options{}, "auto", "json_schema", 60, 0, ""},
		{"one that knows JSON only", fakellm.Options{NoSchema: true}, "auto", "json_object", 60 + 32, 0, "asked for JSON without a schema"},
		{"one that knows neither", fakellm.Options{NoSchema: true, NoObject: true}, "auto", "text", 60 + 2*32, 0, "asked for plain text"},
		{"text was chosen", fakellm.Options{NoSchema: true, NoObject: true}, "text", "text", 60, 0, ""},
		{"JSON was chosen", fakellm.Options{NoSchema: true}, "json_object", "json_object", 60, 0, ""},
		{"a schema was insisted on", fakellm.Options{NoSchema: true}, "json_schema", "json_schema", 60, 60, ""},
	} {
		t.Run(test.why, func(t *testing.T) {
			w := newWorld(t, test.server, 10)
			yaml := strings.Replace(plain, "reask: 1", "reask: 1, structured: "+test.setting, 1)
			a, db := w.arena(yaml), w.open()
			if o := run(t, a, db, both); o.Failed != test.failed || o.Judgments != 60-test.failed {
				t.Fatalf("Run() = %+v; want %d failures among 60 judgments", o, test.failed)
			}
			if got := w.server.Stats(false).Models["judge"].Arrivals; got > test.most {
				t.Errorf("the judge was asked %d times for 60 judgments; want at most what was in flight more", got)
			}
			st := status(t, a, db)
			if got := st.Judges[0].Structured; got != test.rung {
				t.Errorf("status says the judge is asked with %s; want %s", got, test.rung)
			}
			if notes := strings.Join(st.Notes, " "); !strings.Contains(notes, test.note) || strings.Contains(notes, "is asked for") != (test.note != "") {
				t.Errorf("status notes %q; want %q", notes, test.note)
			}
			w.write("prompts.jsonl", promptLines(10, 15))
			w.server.Reset()
			run(t, w.arena(yaml), db, both)
			if got := w.server.Stats(false).Models["judge"]; got.Arrivals != 30 {
				t.Errorf("a later run asked %d times for 30 judgments; want it to remember what is understood", got.Arrivals)
			}
		})
	}
}

// The window of max_invalid_rate is over all runs: a judge that cannot be read is not paid for fifty verdicts each night.
func TestUnreadableJudgeStaysStopped(t *testing.T) {
	w := newWorld(t, fakellm.Options{Faults: fakellm.Faults{BadVerdict: 1}}, 60)
	yaml := strings.Replace(plain, "reask: 1", "reask: 0", 1)
	db := w.open()
	a := w.arena(yaml)
	mustSync(t, a, db)
	if o := run(t, a, db, both); len(o.Stopped) != 1 || !o.Stopped[0].Judge {
		t.Fatalf("the run ended with %+v; want its judge stopped", o)
	}
	before := w.server.Stats(false).Models["judge"].Arrivals
	if o := run(t, a, db, both); len(o.Stopped) != 1 {
		t.Errorf("the next run ended with %+v; want the judge still stopped", o)
	}
	if after := w.server.Stats(false).Models["judge"].Arrivals; after != before {
		t.Errorf("the next run asked the judge %d times; want 0", after-before)
	}
	if n, err := a.Redo(t.Context(), db, Selection{Judge: "Judge"}); n == 0 || err != nil {
		t.Fatalf("Redo() = %d, %v", n, err)
	}
	w.server.SetFaults(fakellm.Faults{})
	if o := run(t, a, db, both); len(o.Stopped) != 0 {
		t.Errorf("after redo the run ended with %+v; want the judge at work again", o)
	}
	wantDone(t, a, db, 180, 360)
}
