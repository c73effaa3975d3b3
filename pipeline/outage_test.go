package pipeline

import (
	"context"
	"errors"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"openarena/providers"
)

// outage is a client whose models answer nothing before their time has come.
type outage struct {
	scripted
	until map[string]time.Duration // since the start
	start time.Time
}

func (o *outage) Chat(ctx context.Context, r *providers.Request) (*providers.Reply, error) {
	time.Sleep(50 * time.Millisecond)
	reply, err := o.scripted.Chat(ctx, r)
	if time.Since(o.start) < o.until[r.Model] {
		return nil, &providers.Error{Class: providers.Temporary, Reason: providers.ReasonServer, Status: 500, Endpoint: "test", Err: errors.New("down")}
	}
	return reply, err
}

func (o *outage) connect(providers.Endpoint) (providers.Client, error) { return o, nil }

func TestOutages(t *testing.T) {
	const never = 1000 * time.Hour
	for _, test := range []struct {
		name    string
		until   map[string]time.Duration
		stopped []string
		answers int64
		wasted  int // calls, at most
	}{
		{"a short one at the start costs a few probes", map[string]time.Duration{"a": 5 * time.Second, "b": 5 * time.Second, "c": 5 * time.Second, "d": 5 * time.Second, "judge": 5 * time.Second},
			nil, 80, 4*20 + 10},
		{"of two that are down, the one that comes back is asked again", map[string]time.Duration{"a": never, "b": 6 * time.Second},
			[]string{"A"}, 60, 2*20 + 10},
		{"two that never come are given up, the others finish", map[string]time.Duration{"a": never, "c": never},
			[]string{"A", "C"}, 40, 2*20 + 10},
		{"a judge that never comes leaves the answers", map[string]time.Duration{"judge": never},
			[]string{"Judge"}, 80, unproven + 15},
		{"nobody is there: the run ends", map[string]time.Duration{"a": never, "b": never, "c": never, "d": never},
			[]string{"A", "B", "C", "D"}, 0, 4*20 + 20},
	} {
		t.Run(test.name, func(t *testing.T) {
			w := offline(t)
			w.write("prompts.jsonl", promptLines(0, 20))
			a, db := w.arena(spanArena), newOutside(t, w.open(), 5*time.Millisecond)
			mustSync(t, a, db)
			c := &outage{until: test.until}
			var o Outcome
			synctest.Test(t, func(t *testing.T) {
				c.start = time.Now()
				r, err := newRunner(t.Context(), a, db, both, c.connect)
				if err != nil {
					t.Fatal(err)
				}
				if o, err = r.Run(t.Context(), t.Context()); err != nil {
					t.Fatal(err)
				}
			})
			var stopped []string
			for _, s := range o.Stopped {
				stopped = append(stopped, s.Model)
			}
			if slices.Sort(stopped); !slices.Equal(stopped, test.stopped) || o.Answers != test.answers {
				t.Errorf("stopped %v with %d answers; want %v with %d", stopped, o.Answers, test.stopped, test.answers)
			}
			if got := c.calls("") - int(o.Answers+o.Judgments); got > test.wasted {
				t.Errorf("%d calls were wasted; want at most %d", got, test.wasted)
			}
			// The task that a model is probed with uses up its tries; all others stay as they were.
			if o.Failed > int64(len(test.stopped)) {
				t.Errorf("%d tasks failed with %d models stopped; want at most one each", o.Failed, len(test.stopped))
			}
		})
	}
}
