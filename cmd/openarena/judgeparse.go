package main

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/urfave/cli/v2"

	"openarena/internal/terminal"
	"openarena/pipeline/judge"
)

const judgeParseDescription = `FILE is JSON Lines, "-" or nothing is standard input: a reply in "text" and, where known, "finish",
"reasoning", "refusal", "prompt", "answer_a" and "answer_b", or "answer" where one was judged alone. What a reply repeats
of them is no verdict.
It needs no arena and calls no model: try a template with it, or read replies from elsewhere.

  openarena judge parse --protocol scores_verdict --prose replies.jsonl`

func judgeParseCommand(e *environment) *cli.Command {
	return &cli.Command{
		Name: "parse", Usage: "read the replies of a judge from a file, as a run would",
		ArgsUsage:   "[FILE]",
		Description: withCodes(judgeParseDescription, exitUsage, exitPartly),
		Flags: flags(
			toggle("json", "print one object per reply, as JSON lines"),
			&cli.StringFlag{Name: "protocol", Value: "scores_verdict", Usage: "what the judge was asked: " + strings.Join(judge.Names(), ", ")},
			toggle("prose", "where there is no verdict in form, read sentences such as \"Answer B is better\""),
		),
		Action: func(c *cli.Context) error {
			if c.NArg() > 1 {
				return usage("judge parse takes one file; got %q", c.Args().Slice())
			}
			return e.judgeParse(c)
		},
	}
}

func (e *environment) judgeParse(c *cli.Context) error {
	protocol, err := judge.Lookup(c.String("protocol"))
	if err != nil {
		return &exitError{exitUsage, fmt.Errorf("--protocol: %w", err)}
	}
	name := cmp.Or(c.Args().First(), "-")
	in, err := e.linesOf("judge parse", name, c.NArg() == 0)
	if err != nil {
		return &exitError{exitUsage, err}
	}
	defer in.Close()
	p := parsing{environment: e, c: c, name: inputName(name), read: protocol.Parse, lines: json.NewEncoder(e.data())}
	p.lines.SetEscapeHTML(false)
	if c.Bool("prose") {
		p.read = func(r judge.Reply, of judge.Case) judge.Verdict { return judge.ReadProse(protocol, r, of) }
	}
	if err := p.all(in); err != nil {
		return err
	}
	return p.finish()
}

// parsing is one reading of a file of replies.
type parsing struct {
	*environment
	c     *cli.Context
	name  string
	read  func(judge.Reply, judge.Case) judge.Verdict
	lines *json.Encoder
	rows  []parsed
	bad   int
}

// parsed is what `judge parse --json` prints of one reply.
type parsed struct {
	line    int
	State   string   `json:"state"`
	Verdict *string  `json:"verdict"` // A>>B … B>>A; null if invalid
	ScoreA  *float64 `json:"score_a"`
	ScoreB  *float64 `json:"score_b"`
	Method  string   `json:"method"` // "" if invalid
	Reason  string   `json:"reason"` // of an invalid one
	Flags   []string `json:"flags"`
}

// all reads until the input ends or a signal comes: what is typed, or comes out of a pipe, may never end.
func (p *parsing) all(in io.Reader) error {
	type item struct {
		rec judge.Recorded
		err error
	}
	items, ctx := make(chan item), p.signals.soft
	go func() {
		defer close(items)
		for rec, err := range judge.Replies(in) {
			select {
			case items <- item{rec, err}:
			case <-ctx.Done():
				return
			}
		}
	}()
	for {
		select {
		case <-ctx.Done():
			return &exitError{exitInterrupted, errors.New("interrupted")}
		case it, more := <-items:
			if !more {
				return nil
			}
			if err := p.take(it.rec, it.err); err != nil {
				return err
			}
		}
	}
}

// take reads one reply.
func (p *parsing) take(rec judge.Recorded, err error) error {
	var line *judge.LineError
	switch {
	case errors.As(err, &line):
		p.bad++
		p.say(p.c, "%s: %v", p.name, err)
		return nil
	case err != nil:
		return &exitError{exitUsage, fmt.Errorf("%s: %w", p.name, err)}
	}
	row := parsedOf(rec.Line, judge.Suspect(p.read(rec.Reply, rec.Case), rec.Case))
	p.rows = append(p.rows, row)
	if p.c.Bool("json") {
		return p.lines.Encode(row)
	}
	return nil
}

func parsedOf(line int, v judge.Verdict) parsed {
	row := parsed{line: line, State: v.State.String(), ScoreA: v.ScoreA, ScoreB: v.ScoreB,
		Method: v.Method, Reason: v.Reason, Flags: append([]string{}, v.Flags...)}
	if label := v.Label(); label != "" {
		row.Verdict = &label
	}
	return row
}

// finish prints the table and turns bad lines into an exit code.
func (p *parsing) finish() error {
	if len(p.rows) == 0 {
		return usage("%s holds no reply that can be read; a line is an object with the reply in \"text\"", p.name)
	}
	if !p.c.Bool("json") {
		t := terminal.Table[parsed]{Rows: p.rows, Columns: parsedColumns}
		if err := t.Text(p.out, terminal.Columns(p.out), p.palette(p.c, p.out)); err != nil {
			return err
		}
		if err := paragraph(p.out, p.summary()); err != nil {
			return err
		}
	}
	if p.bad > 0 {
		return &exitError{exitPartly, fmt.Errorf("%s of %s could not be read", count(p.bad, "line"), p.name)}
	}
	return nil
}

var parsedColumns = []terminal.Column[parsed]{
	{Title: "line", Align: terminal.Right, Show: func(r parsed) string { return strconv.Itoa(r.line) }},
	{Title: "state", Show: func(r parsed) string { return r.State }},
	{Title: "verdict", Bold: true, Show: func(r parsed) string {
		if r.Verdict == nil {
			return "–"
		}
		return *r.Verdict
	}},
	{Title: "A", Align: terminal.Right, Show: func(r parsed) string { return number(r.ScoreA, -1) }},
	{Title: "B", Align: terminal.Right, Show: func(r parsed) string { return number(r.ScoreB, -1) }},
	{Title: "method", Show: func(r parsed) string { return r.Method }},
	{Title: "reason", Show: func(r parsed) string { return r.Reason }},
	{Title: "flags", Flex: true, Show: func(r parsed) string { return strings.Join(r.Flags, " ") }},
}

// summary counts states, reasons, methods and flags.
func (p *parsing) summary() string {
	states, reasons, methods, flagged := map[string]int{}, map[string]int{}, map[string]int{}, map[string]int{}
	for _, r := range p.rows {
		states[r.State]++
		if r.Reason != "" {
			reasons[r.Reason]++
		}
		if r.Method != "" {
			methods[r.Method]++
		}
		for _, f := range r.Flags {
			flagged[f]++
		}
	}
	replies := "1 reply"
	if n := len(p.rows); n != 1 {
		replies = terminal.Count(int64(n)) + " replies"
	}
	text := fmt.Sprintf("%s: %d decided, %s, %d invalid", replies, states["decided"], count(states["tie"], "tie"), states["invalid"])
	if len(reasons) > 0 {
		text += " (" + tallied(reasons) + ")"
	}
	if len(methods) > 0 {
		text += "; read as " + tallied(methods)
	}
	if len(flagged) > 0 {
		text += "; flagged " + tallied(flagged)
	}
	return text
}

// tallied is "label 3, json 2", in alphabetical order.
func tallied[N int | int64](n map[string]N) string {
	var parts []string
	for _, name := range slices.Sorted(maps.Keys(n)) {
		parts = append(parts, fmt.Sprintf("%s %d", name, n[name]))
	}
	return strings.Join(parts, ", ")
}
