package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/urfave/cli/v2"

	"openarena/fleet"
	"openarena/internal/terminal"
	"openarena/pipeline"
	"openarena/store"
)

const ctlDescription = `It talks to the run that has the database open, over the socket beside it; --db FILE names the database where there
is no arena.yaml at hand. Changes last for this run only: the file says what the next one does. In PostgreSQL
all who work on the arena obey within seconds, and a pause holds until it is resumed.`

// ctlCodes are the codes of ctl and its subcommands: 10 without a run, 11 where another command has the database.
var ctlCodes = []int{exitUsage, exitNoDatabase, exitLocked}

func ctlCommand(e *environment) *cli.Command {
	sub := func(name, arguments, purpose, more string, order func(*cli.Context) (pipeline.Directive, error)) *cli.Command {
		return &cli.Command{
			Name: name, Usage: purpose, ArgsUsage: arguments, Description: withCodes(more, ctlCodes...), Flags: flags(jsonFlag()),
			Action: func(c *cli.Context) error {
				d, err := order(c)
				if err != nil {
					return err
				}
				return e.ctl(c, d)
			},
		}
	}
	all := "Without ENDPOINT, all endpoints. " // of the arena's file
	return &cli.Command{
		Name: "ctl", Usage: "steer a run while it goes on: pause, limits, budget, stop",
		Description: withCodes(ctlDescription, ctlCodes...),
		Action: func(c *cli.Context) error {
			if c.NArg() == 0 {
				return cli.ShowSubcommandHelp(c)
			}
			return unknownCommand("openarena ctl", c.Args().First(), c.Command.Subcommands)
		},
		Subcommands: []*cli.Command{
			sub("pause", "[ENDPOINT]", "start no call; those in flight end and are saved", all+"`openarena ctl resume` goes on.", oneEndpoint(pipeline.DoPause)),
			sub("resume", "[ENDPOINT]", "start calls again", all, oneEndpoint(pipeline.DoResume)),
			sub("set", "[ENDPOINT] KEY=VALUE…", "change limits of an endpoint, or the budget", setDescription, setOrder),
			sub("retry", "[ENDPOINT]", "try at once whatever waits for its next try",
				all+"Calls that failed and models that rest are tried now, and no\npause that a server asked for is kept. Models that were stopped stay so: the next run tries them.", oneEndpoint(pipeline.DoRetry)),
			sub("stop", "", "as the first Ctrl-C: finish and save the calls in flight, and end", "The run exits with 130 and says how to go on.", func(c *cli.Context) (pipeline.Directive, error) {
				return pipeline.Directive{Do: pipeline.DoStop}, noArguments(c)
			}),
			sub("drain", "", "have all workers hand back what they hold, and end", "For an arena in PostgreSQL. Calls in flight end and are saved; workers exit with 0, runs with 130.", func(c *cli.Context) (pipeline.Directive, error) {
				return pipeline.Directive{Do: fleet.DoDrain}, noArguments(c)
			}),
		},
	}
}

// oneEndpoint is an order about one endpoint, or all.
func oneEndpoint(do string) func(*cli.Context) (pipeline.Directive, error) {
	return func(c *cli.Context) (pipeline.Directive, error) {
		if c.NArg() > 1 {
			return pipeline.Directive{}, usage("ctl %s takes one endpoint; got %q", do, c.Args().Slice())
		}
		return pipeline.Directive{Do: do, Endpoint: c.Args().First()}, nil
	}
}

// ctl gives an order and shows what is in force then.
func (e *environment) ctl(c *cli.Context, d pipeline.Directive) error {
	at, err := e.database(c)
	if err != nil {
		return err
	}
	if at.Shared() {
		return e.ctlMany(c, at, d)
	}
	if d.Do == fleet.DoDrain {
		return usage("ctl drain is for an arena in PostgreSQL, which many work on; `openarena ctl stop` ends a run")
	}
	reply, err := e.order(c, at, d)
	switch {
	case errors.Is(err, store.ErrIdle):
		return &exitError{exitNoDatabase, fmt.Errorf("%s: no run is active; `openarena run` starts one", at)}
	case errors.Is(err, store.ErrNoOrders):
		return &exitError{exitLocked, fmt.Errorf("%s: %w", at, err)}
	case err != nil:
		return err
	case reply.Refusal != "":
		return &exitError{reply.Code, errors.New(reply.Refusal)}
	case c.Bool("json"):
		return printJSON(e.data(), reply.InForce)
	}
	return e.printInForce(c, d, reply.InForce)
}

func (e *environment) order(c *cli.Context, at store.Database, d pipeline.Directive) (reply answer, err error) {
	ctx := e.signals.soft
	db, err := at.OpenReader(ctx)
	if err != nil {
		return reply, err
	}
	defer db.Close()
	data, err := json.Marshal(d)
	if err != nil {
		return reply, err
	}
	text, err := db.Control(ctx, data)
	if err != nil {
		return reply, err
	}
	return reply, json.Unmarshal(text, &reply)
}

func (e *environment) printInForce(c *cli.Context, d pipeline.Directive, f *pipeline.InForce) error {
	w := &lines{w: e.out}
	w.print("%s", ordered(d, f))
	if len(f.Endpoints) > 0 && !f.Stopping {
		w.print("")
		if w.err == nil {
			w.err = terminal.Table[pipeline.EndpointForce]{Columns: forceColumns, Rows: f.Endpoints}.Text(e.out, terminal.Columns(e.out), e.palette(c, e.out))
		}
	}
	if text := budgetLeft(f.Budget); text != "" {
		w.print("%s", text)
	} else if d.Budget != nil {
		w.print("there is no budget")
	}
	return w.err
}

// ordered is a sentence about what was done.
func ordered(d pipeline.Directive, f *pipeline.InForce) string {
	flying := 0
	for _, e := range f.Endpoints {
		if d.Endpoint == "" || e.Name == d.Endpoint || slices.Contains(e.Also, d.Endpoint) {
			flying += e.InFlight
		}
	}
	whole := d.Endpoint
	if whole == "" {
		whole = "the run"
	}
	switch d.Do {
	case pipeline.DoStop:
		return fmt.Sprintf("stopping: no call starts; %s in flight, to be finished and saved", count(flying, "call"))
	case pipeline.DoPause:
		return fmt.Sprintf("%s is paused: no call starts; %s in flight, to be finished and saved. `openarena ctl resume` goes on", whole, count(flying, "call"))
	case pipeline.DoResume:
		return whole + " goes on"
	case pipeline.DoRetry:
		return fmt.Sprintf("%s ended: what waited is tried now", count(*f.Retried, "wait"))
	}
	return "in force, for this run only:"
}

var forceColumns = []terminal.Column[pipeline.EndpointForce]{
	{Title: "endpoint", Flex: true, Show: func(f pipeline.EndpointForce) string { return strings.Join(append([]string{f.Name}, f.Also...), ", ") }},
	{Title: "in flight", Align: terminal.Right, Drop: 1, Show: func(f pipeline.EndpointForce) string { return fmt.Sprintf("%d of %d", f.InFlight, f.Limit) }},
	{Title: "concurrency", Align: terminal.Right, Show: func(f pipeline.EndpointForce) string { return limitOr(f.Concurrency, "auto") }},
	{Title: "rpm", Align: terminal.Right, Show: func(f pipeline.EndpointForce) string { return limitOr(f.RPM, "none") }},
	{Title: "tpm", Align: terminal.Right, Show: func(f pipeline.EndpointForce) string { return limitOr(f.TPM, "none") }},
	{Title: "state", Flex: true, Show: func(f pipeline.EndpointForce) string {
		if f.Paused {
			return "paused"
		}
		return f.Note
	}},
}

// limitOr is a limit, or the word for none.
func limitOr(n int, none string) string {
	if n == 0 {
		return none
	}
	return terminal.Count(int64(n))
}
