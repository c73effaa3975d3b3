package crash

import (
	"context"
	"fmt"
	"math/rand/v2"
	"time"

	"openarena/internal/testkit/fakellm"
)

// Twice is what kills cost in calls, in an arena as peers were measured with: 64 calls of 200 ms in flight.
type Twice struct {
	Kills, Answers int // answers: that were served more than once, as often as they were once too many
	Most           int // calls that may be void after one kill
}

// PerKill is the mean.
func (t Twice) PerKill() float64 { return float64(t.Answers) / float64(t.Kills) }

func (t Twice) String() string {
	return fmt.Sprintf("answers served twice per kill: %.1f on average of %d kills with %d calls in flight", t.PerKill(), t.Kills, peerSlots)
}

const (
	peerSlots   = 64 // calls in flight
	peerLatency = 200 * time.Millisecond
)

// ServedTwice kills one arena's run again and again in the middle of its work, has it finish, and counts what the server
// answered more than once.
func ServedTwice(ctx context.Context, o Options) (Twice, error) {
	t := Twice{Kills: o.Kills, Most: 3 * peerSlots}
	l := &loop{Options: o, dice: rand.New(rand.NewPCG(o.Seed, 2)), report: newReport(), began: time.Now()}
	s := &stage{shape: shape{name: "as peers", prompts: 60 * o.Kills, slots: peerSlots, protocol: "scores_verdict", samples: 1, pairs: "{random: 1}"}}
	s.server = fakellm.New(fakellm.Options{
		Seed: o.Seed, AnswerBytes: 600, Latency: fakellm.Latency{Mean: peerLatency},
		OnArrive: s.events.onArrive, OnReplied: s.events.onReplied,
	})
	if err := s.server.Start("127.0.0.1:0"); err != nil {
		return t, err
	}
	defer s.server.Close()
	a, err := l.newArena(s, "as-peers")
	if err != nil {
		return t, err
	}
	for n := 0; n < o.Kills; {
		// The server answers in waves, one in each latency; the moment falls anywhere between two.
		p := plan{replies: 80 + l.dice.Int64N(160), delay: time.Duration(l.dice.Int64N(int64(peerLatency)))}
		died, err := a.live(ctx, []string{"run"}, &p)
		if err != nil {
			return t, err
		}
		if !died.killed && n == 0 {
			return t, fmt.Errorf("the run ended by itself, with exit code %d, before it was killed\n%s", died.code, tail(died.stderr))
		}
		if !died.killed { // on a slow machine kills come late, and the arena is finished earlier
			t.Kills = n
			break
		}
		n++
		if err := s.server.WaitIdle(ctx); err != nil {
			return t, err
		}
	}
	if _, err := a.finish(ctx, step{args: []string{"run"}}); err != nil {
		return t, err
	}
	for _, call := range s.server.Stats(true).Calls {
		t.Answers += max(0, call.Replies-1)
	}
	return t, nil
}
