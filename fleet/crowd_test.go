package fleet

import (
	"context"
	"errors"
	"slices"
	"testing"
	"time"
)

func TestCrowd(t *testing.T) {
	for _, c := range []struct {
		n                               crowd
		poll, beat, hear, report, count time.Duration
	}{
		{1, time.Second, 3 * time.Second, time.Second, 5 * time.Second, time.Second / 2},
		{100, time.Second, 3 * time.Second, time.Second, 25 * time.Second, 50 * time.Second},
		{500, 5 * time.Second, 5 * time.Second, 5 * time.Second, 125 * time.Second, 250 * time.Second},
		{1000, 10 * time.Second, 10 * time.Second, 10 * time.Second, 250 * time.Second, 500 * time.Second},
		{100_000, 10 * time.Second, 10 * time.Second, 10 * time.Second, 5 * time.Minute, 10 * time.Minute},
	} {
		got := []time.Duration{c.n.poll(), c.n.beat(), c.n.hear(), c.n.report(), c.n.count()}
		if want := []time.Duration{c.poll, c.beat, c.hear, c.report, c.count}; !slices.Equal(got, want) {
			t.Errorf("of %d: polls, is heard of, hears, reports and counts every %v; want %v", c.n, got, want)
		}
	}
}

// TestCrowdStands: few all stand for election, and of a thousand some do.
func TestCrowdStands(t *testing.T) {
	for _, n := range []crowd{1, candidates, 1000} {
		stand := 0
		for range 1000 {
			if n.stands() {
				stand++
			}
		}
		if all := n <= candidates; all && stand != 1000 || !all && (stand == 0 || stand > 100) {
			t.Errorf("of 1,000 workers that each see %d, %d stand for election", n, stand)
		}
	}
}

// TestUnled: where all who stood for election have gone, others take their place.
func TestUnled(t *testing.T) {
	late, other := News{Plan: time.Hour, Outlook: Outlook{Of: 2}}, News{Plan: time.Hour, Outlook: Outlook{Of: 1}}
	for _, c := range []struct {
		why   string
		leads bool
		news  []News
		again bool
	}{
		{"nobody has planned, twice", false, []News{late, late}, true},
		{"once, as after an outage", false, []News{late}, false},
		{"nobody has in the new epoch yet", false, []News{other, other, {Plan: -1}}, false},
		{"it is one of them itself", true, []News{late, late}, false},
	} {
		s := &session{worker: &Worker{}, epoch: Epoch{Number: 2}, leads: c.leads}
		s.stopping, s.stop = context.WithCancelCause(t.Context())
		for _, n := range c.news {
			s.unled(n)
		}
		if again := errors.Is(context.Cause(s.stopping), errUnled); again != c.again || s.worker.stands != c.again {
			t.Errorf("%s: begins anew %t, stands for election then %t; want %t", c.why, again, s.worker.stands, c.again)
		}
	}
}
