package pipeline

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"openarena/providers"
)

// listener is an observer that remembers.
type listener struct {
	mu     sync.Mutex
	calls  []Call
	events []Event
}

func (o *listener) Called(c Call) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.calls = append(o.calls, c)
}

func (o *listener) Happened(e Event) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.events = append(o.events, e)
}

// An observer is told of each call once, answered or not, with what it was for and how long it waited; and of what happens to
// models and endpoints.
func TestObserver(t *testing.T) {
	const prompts = 4
	w := offline(t)
	w.write("prompts.jsonl", promptLines(0, prompts))
	a, db := w.arena(twoServers), newOutside(t, w.open(), time.Millisecond)
	mustSync(t, a, db)
	o := &listener{}
	synctest.Test(t, func(t *testing.T) {
		var mu sync.Mutex
		failed := false
		s := &scripted{hook: func(context.Context, string, int) { time.Sleep(time.Second) }, fail: func(r *providers.Request) error {
			mu.Lock()
			defer mu.Unlock()
			switch {
			case r.Model == "b":
				return &providers.Error{Class: providers.Refused, Reason: providers.ReasonBadKey, Status: 401, Endpoint: "right", Err: errors.New("no")}
			case r.Model == "a" && !failed:
				failed = true
				return &providers.Error{Class: providers.Temporary, Reason: providers.ReasonServer, Status: 500, Endpoint: "left", Err: errors.New("oops")}
			}
			return nil
		}}
		r, err := newRunner(t.Context(), a, db, Job{Generate: true, Judge: true, Observe: o}, s.connect)
		if err != nil {
			t.Fatal(err)
		}
		obey(t, r, Directive{Do: DoSet, Endpoint: "left", Limits: &Limits{Concurrency: new(2)}})
		if _, err := r.Run(t.Context(), t.Context()); err != nil {
			t.Fatal(err)
		}
		if got, want := len(o.calls), s.calls(""); got != want {
			t.Errorf("%d calls are told; %d were made", got, want)
		}
	})
	classes, waited, judged := map[string]int{}, time.Duration(0), 0
	for _, c := range o.calls {
		classes[c.Model+" "+c.ClassOf()+" "+c.ReasonOf()]++
		waited += c.Waited
		if c.Took != time.Second || (c.Reply == nil) == (c.Err == nil) || c.Request == nil || c.Prompt == (Hash{}) {
			t.Errorf("a call is told as %+v", c)
		}
		if c.Judge {
			judged++
			if c.Verdict.Judge != a.Judges[0].ID || c.Host != "bench.test" || c.Port != 80 || c.ModelID != "judge" || c.Kind != "openai" {
				t.Errorf("a judge's call is told as %+v", c)
			}
		} else if c.Answer.Contestant == (ID{}) || c.Endpoint == "" || c.Attempt == 1 && c.ReasonOf() == "" && c.Err != nil {
			t.Errorf("a contestant's call is told as %+v", c)
		}
	}
	if classes["A ok "] != prompts || classes["A temporary server_error"] != 1 || classes["C ok "] != prompts || classes["B refused bad_key"] != 2 {
		t.Errorf("the calls are told as %v", classes)
	}
	if judged != 2*prompts || waited == 0 {
		t.Errorf("%d judgments, waited %v; want %d, and some waiting", judged, waited, 2*prompts)
	}
	want := map[string]bool{EventLimits: true, EventStopped: true}
	for _, e := range o.events {
		if !want[e.What] || e.What == EventStopped && (e.Model != "B" || e.Reason != "bad_key" || e.Endpoint != "right" || e.Detail != "") {
			t.Errorf("unforeseen, or told twice: %+v", e)
		}
		delete(want, e.What)
	}
	if len(want) > 0 {
		t.Errorf("not told: %v", want)
	}
}

// Observers write where everybody may read: what a judge or a server said stays in the database.
func TestObserversAreToldNoTexts(t *testing.T) {
	const said = "the moon is made of cheese"
	for _, c := range []struct {
		cause            error
		reason, sentence string
	}{
		{fmt.Errorf("30 of its first 50 verdicts could not be read; it said, for instance: «%s»", said), "verdicts", ""},
		{&providers.Error{Reason: providers.ReasonMalformed, Endpoint: "gpu", Hint: "check the url", Err: errors.New("the answer is not a completion: " + said)}, "malformed", "check the url"},
		{budgetReached{"max_calls: 5", "Go on"}, "budget", "the budget is reached (max_calls: 5); what was done is kept. Go on"},
	} {
		if reason, sentence := tellable(c.cause); reason != c.reason || sentence != c.sentence {
			t.Errorf("tellable(%v) = %q, %q; want %q, %q", c.cause, reason, sentence, c.reason, c.sentence)
		}
	}
}
