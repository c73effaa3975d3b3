//go:build linux

package bench

import (
	"context"
	"fmt"
	"os/exec"
	"time"

	"openarena/internal/testkit/fakellm"
)

// What an answer and a judgment may take at worst in the arena below, in US dollars: the longest prompt and max_tokens.
const (
	budgetSlots  = 64
	worstAnswer  = (60*1 + 700*10) / 1e6
	worstVerdict = (2500*3 + 700*30) / 1e6
)

const budgetArena = `default_endpoint: {url: %s, concurrency: %d}
models:
  - {name: A, model_id: a, price: {input: 1, output: 10}, params: {max_tokens: 700}}
  - {name: B, model_id: b, price: {input: 1, output: 10}, params: {max_tokens: 700}}
judges: [{name: Judge, model_id: judge, price: {input: 3, output: 30}, params: {max_tokens: 700}}]
datasets: [{path: prompts.jsonl}]
budget: {%s}
`

// measureBudget has runs end at a budget: undisturbed, with calls that fail, and after three kills. Each is then run once
// more, which has nothing left to spend.
func measureBudget(ctx context.Context, b *Bench) ([]Figure, error) {
	const calls, dollars = 700, 4.0
	var over, beyond []float64
	for range b.times() {
		worstCalls, worstCost := 0.0, 0.0
		for _, trouble := range []struct {
			kills int
			flags []string
		}{
			{0, nil}, {3, nil},
			{0, []string{"-faults", `{"too_many": 0.05, "internal": 0.05, "cut": 0.05, "malformed": 0.02, "bad_verdict": 0.05}`}},
		} {
			stats, err := b.spend(ctx, fmt.Sprintf("max_calls: %d", calls), trouble.kills, trouble.flags)
			if err != nil {
				return nil, err
			}
			worstCalls = max(worstCalls, float64(stats.Arrivals-calls))
			if stats, err = b.spend(ctx, fmt.Sprintf("max_cost: %g", dollars), trouble.kills, trouble.flags); err != nil {
				return nil, err
			}
			worstCost = max(worstCost, (paid(stats)-dollars)/(budgetSlots*max(worstAnswer, worstVerdict)))
		}
		over, beyond = append(over, max(0, worstCalls)), append(beyond, max(0, worstCost))
	}
	return []Figure{
		atMost("budget of calls, 64 in flight, also with failing calls, re-asks, three kills and a second run: calls beyond it", "", 0, over...),
		atMost("budget of cost, the same: dollars beyond it / worst case of what was in flight", "", 1, beyond...),
	}, nil
}

// paid is what the server's tokens cost.
func paid(s fakellm.Stats) float64 {
	j := s.Models["judge"]
	return (float64(s.Input-j.Input)*1 + float64(s.Output-j.Output)*10 + float64(j.Input)*3 + float64(j.Output)*30) / 1e6
}

// spend runs an arena twice until its budget is reached, the first time killed on the way, and returns what the server counted.
func (b *Bench) spend(ctx context.Context, budget string, kills int, flags []string) (all fakellm.Stats, err error) {
	s, err := b.serve(ctx, append([]string{"-latency", "50ms"}, flags...)...)
	if err != nil {
		return all, err
	}
	defer s.stop()
	dir, err := b.arena(fmt.Sprintf(budgetArena, s.url, budgetSlots, budget), workPrompts)
	if err != nil {
		return all, err
	}
	for range kills {
		cmd := exec.CommandContext(ctx, b.program, "run", "--quiet")
		if _, err := b.watch(ctx, cmd, dir, []int{-1, 5}, func(cmd *exec.Cmd) error {
			time.Sleep(250 * time.Millisecond)
			_ = cmd.Process.Kill() // it may have ended
			return nil
		}); err != nil {
			return all, err
		}
	}
	for range 2 {
		r, err := b.run(ctx, dir, []int{5}, "run", "--quiet")
		if err != nil {
			return all, err
		}
		if r.exit != 5 {
			return all, fmt.Errorf("the run ended with exit %d; want 5, the budget being reached", r.exit)
		}
	}
	return s.stats(ctx)
}
