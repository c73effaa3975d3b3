package main

import (
	"fmt"

	"openarena/internal/terminal"
	"openarena/pipeline"
)

// tokensOf says what was sent and received, with what is particular about it.
func tokensOf(t pipeline.Tokens) string {
	in, out, by := "", "", ""
	if t.Cached > 0 {
		in = fmt.Sprintf(" (%s cached)", terminal.Tokens(t.Cached))
	}
	if t.Reasoning > 0 {
		out = fmt.Sprintf(" (%s reasoning)", terminal.Tokens(t.Reasoning))
	}
	if t.EstimatedCalls > 0 {
		by = fmt.Sprintf(", estimated for %s whose server counted none", count(t.EstimatedCalls, "call"))
	}
	return fmt.Sprintf("%s tokens in%s, %s out%s%s", terminal.Tokens(t.Input), in, terminal.Tokens(t.Output), out, by)
}
