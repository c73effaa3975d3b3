package providers

import (
	"context"
	"math/rand/v2"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"openarena/internal/testkit/simulated"
)

// A server that counts any 60 seconds, on the far side of a network, for half an hour: what was stated is used, and nothing is
// ever refused.
func TestStatedLimits(t *testing.T) {
	const rpm, tpm = 600, 40_000
	minutes := 10
	if whole {
		minutes = 30
	}
	for _, c := range []struct {
		name           string
		words          int   // of a prompt, on average
		longest, usual int64 // tokens of an answer
		wantRPM        bool  // what is met first
	}{
		{"short calls: requests", 10, 24, 16, true},
		{"long prompts: tokens", 300, 64, 48, false},
		{"long answers: tokens", 40, 200, 150, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := simulated.NewWindow(rpm, tpm)
				l := &loaded{server: s, gate: newGate(Limits{RPM: rpm, TPM: tpm}, 0), words: c.words, longest: c.longest, usual: c.usual}
				ctx, cancel := context.WithCancel(t.Context())
				done := make(chan struct{})
				go func() { defer close(done); l.run(ctx) }()
				time.Sleep(time.Minute)
				requests, tokens := s.Taken()
				time.Sleep(time.Duration(minutes-1) * time.Minute)
				r, k := s.Taken()
				cancel()
				<-done
				used := float64(k-tokens) / float64((minutes-1)*tpm)
				if c.wantRPM {
					used = float64(r-requests) / float64((minutes-1)*rpm)
				}
				figure(t, "stated limits, "+c.name+": throughput / limit", []float64{used})
				figure(t, "stated limits, "+c.name+": refusals", []float64{float64(l.refused.Load())})
				if used < 0.97 || used > 1.02 || l.refused.Load() != 0 {
					t.Errorf("%.3f of the limit was used, %d calls were refused; want 0.97 at least, and none", used, l.refused.Load())
				}
			})
		})
	}
}

// loaded sends as many calls as its gate lets through.
type loaded struct {
	server         *simulated.Window
	gate           *Gate
	gauge          Gauge
	words          int
	longest, usual int64
	refused        atomic.Int64
}

func (l *loaded) run(ctx context.Context) {
	draw := rand.New(rand.NewPCG(1, 2))
	for l.gate.Acquire(ctx) == nil {
		words := l.words/2 + draw.IntN(l.words)
		answer := min(l.longest, l.usual/2+draw.Int64N(l.usual))
		// A word of four letters and a blank is a token and a bit; how much of it depends on the text.
		prompt := int64(float64(words) * (1.15 + 0.1*draw.NormFloat64()))
		r := &Request{
			Messages: []Message{{Role: "user", Content: strings.Repeat("word ", words)}},
			Params:   map[string]any{"max_tokens": l.longest},
		}
		way := time.Duration(10+draw.IntN(90)) * time.Millisecond
		go l.call(ctx, r, max(1, prompt), answer, way)
	}
}

func (l *loaded) call(ctx context.Context, r *Request, prompt, answer int64, way time.Duration) {
	guess, longest := l.gauge.Guess(r)
	ticket, err := l.gate.Admit(ctx, guess+longest)
	if err != nil {
		return
	}
	time.Sleep(way)
	settle := l.server.Take(prompt + longest)
	if settle == nil {
		l.refused.Add(1)
		l.gate.Release(Outcome{Kind: Shed, Ticket: ticket})
		return
	}
	took := time.Duration(answer) * 5 * time.Millisecond
	time.Sleep(took)
	settle(prompt + answer)
	time.Sleep(way)
	l.gauge.Learn(r, Usage{Input: prompt, Output: answer})
	l.gate.Release(Outcome{Kind: Success, Ticket: ticket, Tokens: prompt + answer, Output: answer, Took: took + 2*way, Model: "m"})
}

func TestRation(t *testing.T) {
	begin := time.Now()
	at := func(s float64) time.Time { return begin.Add(time.Duration(s * float64(time.Second))) }
	r := ration{rpm: 3, tpm: 100}
	wait := func(what string, tokens int64, when float64, want time.Duration) {
		t.Helper()
		if got := r.wait(tokens, at(when)); got != want {
			t.Errorf("%s: wait = %v; want %v", what, got, want)
		}
	}
	const minute = rationSpan + rationMargin
	wait("nothing was sent", 100, 0, 0)
	wait("more than a minute's tokens, but nothing was sent", 1000, 0, 0)
	first := r.charge(60, at(0))
	second := r.charge(30, at(10))
	wait("ten are left", 10, 10, 0)
	wait("eleven: when the first is forgotten", 11, 10, minute-10*time.Second)
	wait("all: when both are", 100, 10, minute)
	wait("more than all: as well", 1000, 10, minute)
	r.settle(first, 20)
	wait("fifty are left", 50, 10, 0)
	r.settle(second, 90)
	wait("more than was thought: none", 1, 20, minute-20*time.Second)
	third := r.charge(0, at(20))
	r.settle(second, 0)
	wait("three requests: when the first is forgotten", 0, 20, minute-20*time.Second)
	wait("it is", 1, minute.Seconds(), 0)
	r.settle(first, 5000) // too late: it counts no more
	if r.requests != 2 || r.tokens != 0 {
		t.Errorf("%d requests, %d tokens; want the last two, which took none", r.requests, r.tokens)
	}
	r.forget(at(1000))
	r.settle(third, 7)
	if r.requests != 0 || r.tokens != 0 || len(r.entries) != 0 {
		t.Errorf("after a while: %+v; want nothing", r)
	}
	r.settle(Ticket{}, 7)
	if free := new(ration); free.charge(5, at(0)) != (Ticket{}) || free.wait(5, at(0)) != 0 || len(free.entries) != 0 {
		t.Error("without limits something is kept")
	}
}

// Calls without a limit are kept in mind for a minute, in few entries.
func TestCallsBeforeALimit(t *testing.T) {
	var r ration
	now := time.Now()
	for i := range 1000 {
		r.remember(10, now.Add(time.Duration(i)*time.Millisecond))
	}
	if r.requests != 1000 || r.tokens != 10_000 || len(r.entries) > 4 {
		t.Errorf("%d calls, %d tokens in %d entries; want 1000, 10000, at most 4", r.requests, r.tokens, len(r.entries))
	}
	r.rpm = 1000
	if wait := r.wait(10, now.Add(time.Second)); wait < rationSpan-time.Second || wait > rationSpan+time.Second {
		t.Errorf("the next call waits %v; want about a minute", wait)
	}
	if r.forget(now.Add(2 * rationSpan)); r.requests != 0 || r.tokens != 0 {
		t.Errorf("%d calls, %d tokens are left after two minutes", r.requests, r.tokens)
	}
}
