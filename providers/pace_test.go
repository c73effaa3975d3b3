package providers

import (
	"testing"
	"testing/synctest"
	"time"
)

func TestPace(t *testing.T) {
	requests := func(limit, remaining int64, reset, span time.Duration) Rates {
		return Rates{Requests: Rate{Limit: limit, Remaining: remaining, Reset: reset, Span: span}}
	}
	const minute = rationSpan + rationMargin
	for _, c := range []struct {
		name string
		run  func(*Pace)
		rpm  int64
		wait time.Duration
	}{
		{"nothing was told", func(p *Pace) { p.Learn(Rates{}); p.Charge() }, 0, 0},
		{"a limit of a minute, with room", func(p *Pace) { p.Learn(requests(3, 2, 0, time.Minute)); p.Charge() }, 3, 0},
		{"what was used before it was told counts", func(p *Pace) { p.Learn(requests(3, 0, 0, time.Minute)) }, 3, minute},
		{"what others use counts", func(p *Pace) {
			p.Learn(requests(3, 3, 0, time.Minute))
			p.Charge()
			time.Sleep(10 * time.Second)
			p.Learn(requests(3, 0, 0, time.Minute))
		}, 3, minute - 10*time.Second},
		{"a limit of a day is met at its end only", func(p *Pace) { p.Learn(requests(1000, 3, 10*time.Minute, 24*time.Hour)) }, 0, 0},
		{"and then waited for", func(p *Pace) { p.Learn(requests(1000, 0, 10*time.Minute, 24*time.Hour)) }, 0, 10 * time.Minute},
		{"no span: two answers are not enough", func(p *Pace) {
			p.Learn(requests(600, 599, 100*time.Millisecond, 0))
			p.Learn(requests(600, 500, 10*time.Second, 0))
		}, 0, 0},
		{"no span: three that agree on a minute", func(p *Pace) {
			p.Learn(requests(600, 599, 100*time.Millisecond, 0))
			p.Learn(requests(600, 500, 10*time.Second, 0))
			p.Learn(requests(600, 400, 20*time.Second, 0))
		}, 600, 0},
		{"no span: three that agree on a day", func(p *Pace) {
			p.Learn(requests(14400, 14399, 6*time.Second, 0))
			p.Learn(requests(14400, 14398, 12*time.Second, 0))
			p.Learn(requests(14400, 14397, 18*time.Second, 0))
		}, 0, 0},
		{"no span: the same answer three times", func(p *Pace) {
			for range 3 {
				p.Learn(requests(60, 59, time.Second, 0))
			}
		}, 0, 0},
		{"a limit that the server raises", func(p *Pace) {
			p.Learn(requests(1, 1, 0, time.Minute))
			p.Charge()
			p.Learn(requests(2, 1, 0, time.Minute))
		}, 2, 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				var p Pace
				c.run(&p)
				if rpm, _ := p.Limits(); rpm != c.rpm || p.Wait() != c.wait {
					t.Errorf("%d requests a minute, wait %v; want %d and %v", rpm, p.Wait(), c.rpm, c.wait)
				}
			})
		})
	}
}

// Tokens are charged with the longest answer and settled with the real one.
func TestPaceOfTokens(t *testing.T) {
	var p Pace
	p.Learn(Rates{Tokens: Rate{Limit: 100, Remaining: 100, Span: time.Minute}})
	ticket := p.Charge()
	p.Send(ticket, 60)
	if p.Wait() == 0 {
		t.Error("another call of 60 may go; want it to wait, as 40 are left")
	}
	p.Settle(ticket, 20)
	if wait := p.Wait(); wait != 0 {
		t.Errorf("it waits for %v though 80 are left", wait)
	}
	if _, tpm := p.Limits(); tpm != 100 {
		t.Errorf("%d tokens a minute; want 100", tpm)
	}
}
