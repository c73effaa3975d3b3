package web

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"openarena/pipeline"
	"openarena/store"
)

// counted is a source that counts how often it is looked at, of an arena that cannot be read.
type countedSource struct {
	Source
	n atomic.Int64
}

func (s *countedSource) Arena() (*pipeline.Arena, error) {
	s.n.Add(1)
	return nil, errors.New("no arena")
}

// TestTicker: one looks for all who listen, once a second, and nobody where nobody listens; who is slow gets the last report.
func TestTicker(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &countedSource{}
		tick := &ticker{source: s, draw: func(*pipeline.Arena, *moment) string { return "" }}
		time.Sleep(time.Minute)
		if n := s.n.Load(); n != 0 {
			t.Errorf("%d looks while nobody listens", n)
		}
		var leaves []func()
		var all []<-chan report
		for range 3 {
			c, leave := tick.listen(t.Context())
			all, leaves = append(all, c), append(leaves, leave)
		}
		time.Sleep(10*time.Second + time.Millisecond)
		if n := s.n.Load(); n != 11 {
			t.Errorf("%d looks in ten seconds for three who listen; want 11", n)
		}
		for _, c := range all {
			if len(c) != 1 {
				t.Errorf("%d reports wait for who fetched none; want the last", len(c))
			}
		}
		for _, leave := range leaves {
			leave()
		}
		synctest.Wait()
		before := s.n.Load()
		time.Sleep(time.Minute)
		if n := s.n.Load(); n != before {
			t.Errorf("%d looks after all have left", n-before)
		}
		_, leave := tick.listen(t.Context())
		synctest.Wait()
		if s.n.Load() != before+1 {
			t.Error("nobody looks for one who came later")
		}
		leave()
		synctest.Wait()
	})
}

// TestEvents: who listens is told of a run by the run itself, and that the database has changed; the end of the server ends the
// stream at once.
func TestEvents(t *testing.T) {
	w := newWorld(t)
	db, err := store.Open(t.Context(), w.db(), store.Options{Command: "openarena run", Info: func() any {
		return pipeline.Progress{Elapsed: 3 * time.Second, Generate: pipeline.StageProgress{Done: 5, Wanted: 7}}
	}})
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, w.url+"/events?now", nil)
	if err != nil {
		t.Fatal(err)
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	if kind := resp.Header.Get("Content-Type"); !strings.HasPrefix(kind, "text/event-stream") {
		t.Errorf("Content-Type is %q", kind)
	}
	lines := bufio.NewScanner(resp.Body)
	lines.Buffer(nil, 1<<20)
	next := func() (r report) {
		for lines.Scan() {
			if text, ok := strings.CutPrefix(lines.Text(), "data: "); ok {
				if err := json.Unmarshal([]byte(text), &r); err != nil {
					t.Fatal(err)
				}
				return r
			}
		}
		t.Fatalf("the stream ended: %v", lines.Err())
		return r
	}
	first := next()
	var p pipeline.Progress
	if err := json.Unmarshal(first.Progress, &p); err != nil || !first.Live || p.Generate.Done != 5 || !strings.Contains(first.Now, "5 of 7") {
		t.Errorf("the first event is %+v (%v); want the run's progress", first, err)
	}
	if page := w.page("/"); !strings.Contains(page, `data-mark="`+first.Mark+" ") {
		t.Errorf("the mark of a page does not begin with that of the events, %q:\n%.1500s", first.Mark, page)
	}
	var b store.Batch
	b.Put(store.Meta, []byte("test"), nil, []byte("x"))
	if _, err := db.Apply(t.Context(), &b); err != nil {
		t.Fatal(err)
	}
	if second := next(); second.Mark == first.Mark {
		t.Errorf("after a commit the mark is still %q", second.Mark)
	}
	w.site.end()
	for lines.Scan() {
	}
	if lines.Err() != nil {
		t.Errorf("the stream ends with %v; want its end", lines.Err())
	}
	status, text := w.get("/now")
	var once report
	if err := json.Unmarshal([]byte(text), &once); err != nil || status != http.StatusOK || !once.Live || !strings.Contains(once.Now, "5 of 7") {
		t.Errorf("/now is %d %s", status, text)
	}
}

// TestTooManyStreams: streams have a bound of their own, and take none of the room that pages have.
func TestTooManyStreams(t *testing.T) {
	s := bare(t, Options{})
	for range maxStreams {
		s.streams.try()
	}
	if got := ask(s, "GET", "/events", "", "Accept", "text/event-stream"); got.Code != http.StatusServiceUnavailable || strings.Contains(got.Body.String(), "<") {
		t.Errorf("one stream too many is %d\n%s\nwant 503 as text", got.Code, got.Body)
	}
	if len(s.requests) != 0 {
		t.Errorf("%d slots are not given back", len(s.requests))
	}
}

// TestRunPage: what a run that goes on says of itself stands on the page: stages, endpoints, why they wait, failed calls by
// class, the budget.
func TestRunPage(t *testing.T) {
	w := newWorld(t)
	until := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	cost := 1.5
	db, err := store.Open(t.Context(), w.db(), store.Options{Command: "openarena run", Info: func() any {
		return pipeline.Progress{
			Elapsed: 90 * time.Second, CostUSD: &cost, Input: 12, Output: 34,
			Generate: pipeline.StageProgress{Done: 5, Wanted: 7, Failed: 1, InFlight: 3, Rate: 2.5, ETA: time.Minute},
			Judge:    pipeline.StageProgress{Done: 50, Wanted: 70},
			Endpoints: []pipeline.EndpointState{{
				Name: "gpu <1>", InFlight: 4, Limit: 8, Queue: 9, TokensPerSecond: 123, RPM: 60, Failures: 3,
				Errors: map[string]int64{"overloaded": 2, "temporary": 1}, Note: "rests & waits", PausedUntil: &until,
			}},
			Budget: []pipeline.BudgetLine{{What: "cost_usd", Limit: 20, Spent: 5, InFlight: 1}, {What: "seconds", Limit: 3600, Spent: 90}},
		}
	}})
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	text := w.page("/run")
	for _, want := range []string{
		"5 of 7", "1 failed", "2.5 a second", "3 in flight", "50 of 70", "gpu &lt;1&gt;", "60 requests a minute", "rests &amp; waits", "03:04:05",
		"overloaded", "asked again", "$5.00 of $20.00", "up to $1.00 in flight", "1 min 30 s of 1 h",
	} {
		if !strings.Contains(text, want) {
			t.Errorf("the page of the run lacks %q:\n%s", want, text)
		}
	}
	if strings.Index(text, "overloaded") > strings.Index(text, "temporary") {
		t.Error("the most frequent class is not the first")
	}
}
