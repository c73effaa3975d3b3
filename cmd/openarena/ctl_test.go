package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// What makes no sense is told before any run is asked, with what would.
func TestCtlRefuses(t *testing.T) {
	dir := t.TempDir()
	for _, c := range []struct{ args, says string }{
		{"paus", "no command \"paus\"; did you mean `openarena ctl pause`?"},
		{"pause one two", "takes one endpoint"},
		{"stop now", `takes no argument "now"`},
		{"set", "needs KEY=VALUE: `openarena ctl set ENDPOINT concurrency=8`; there are concurrency, rpm, tpm, max_cost, max_calls, max_tokens, max_time"},
		{"set gpu", "needs KEY=VALUE"},
		{"set gpu fast", `"fast" is no KEY=VALUE; the endpoint comes first`},
		{"set gpu concurrency=8 -- --json", `"--json" is no KEY=VALUE`},
		{"set concurency=8", `there is no "concurency"; did you mean "concurrency"?; there are concurrency, rpm`},
		{"set concurrency=0", "concurrency=0: give a number of calls at once, or auto"},
		{"set concurrency=none", "give a number of calls at once, or auto"},
		{"set concurrency=99999999999", "give a number of calls at once, or auto"},
		{"set rpm=1e9", "rpm=1e9: give a number of requests a minute, or none"},
		{"set tpm=-5", "tpm=-5: give a number of tokens a minute, or none"},
		{"set rpm=", "rpm=: give a number"},
		{"set rpm=60 tpm=9000 rpm=70", "rpm is set twice"},
		{"set budget max_cost=NaN", "max_cost=NaN: give an amount in US dollars"},
		{"set budget max_cost=+Inf", "max_cost=+Inf: give an amount"},
		{"set budget max_cost=0", "max_cost=0: give an amount"},
		{"set budget max_time=soon", "max_time=soon: give a time such as 90m or 8h, or none"},
		{"set budget max_calls=1.5", "max_calls=1.5: give a number of calls, or none"},
		{"set gpu budget=20", "a budget is the run's, and says of what: `openarena ctl set budget max_cost=20`"},
		{"set gpu max_cost=20", "a budget is the run's, not an endpoint's: `openarena ctl set budget max_cost=20`"},
		{"set budget max_cost=20 rpm=5", "set them with two commands"},
	} {
		said, err := os.Create(filepath.Join(dir, "said"))
		if err != nil {
			t.Fatal(err)
		}
		code := execute(t.Context(), append([]string{"openarena", "ctl"}, strings.Fields(c.args)...), streams{os.Stdin, said, said})
		said.Close()
		text, err := os.ReadFile(said.Name())
		if err != nil || code != exitUsage || !strings.Contains(string(text), c.says) {
			t.Errorf("ctl %s: exit code %d, %q, %v; want %d and %q", c.args, code, text, err, exitUsage, c.says)
		}
	}
}
