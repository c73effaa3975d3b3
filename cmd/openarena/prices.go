package main

import (
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"github.com/urfave/cli/v2"

	"openarena/internal/prices"
	"openarena/internal/terminal"
	"openarena/pipeline"
	"openarena/pipeline/export"
)

func pricesCommand(e *environment) *cli.Command {
	return &cli.Command{
		Name: "prices", Usage: "what the arena's models cost, and who says so",
		Description: withCodes("In US dollars per million tokens: what the file says counts, then prices.json beside it, then a built-in table.\n"+
			"A model that none of them knows has no price, which is not the same as costing nothing.", exitUsage),
		Flags:       flags(jsonFlag()),
		Subcommands: []*cli.Command{pricesImportCommand(e)},
		Action: func(c *cli.Context) error {
			if c.NArg() > 0 {
				return unknownCommand("openarena prices", c.Args().First(), c.Command.Subcommands)
			}
			a, err := e.arena(c, pipeline.Trial{})
			if err != nil {
				return err
			}
			if c.Bool("json") {
				return printJSON(e.data(), a.Prices())
			}
			return e.printPrices(c, a)
		},
	}
}

func pricesImportCommand(e *environment) *cli.Command {
	return &cli.Command{
		Name: "import", Usage: "take a public price list", ArgsUsage: "FILE",
		Description: withCodes("It writes prices.json beside the arena's file, in place of the one before. FILE is - for what is piped in, and one of\n\n"+
			"  curl -fsSL https://models.dev/api.json | openarena prices import -\n"+
			"  curl -fsSL https://openrouter.ai/api/v1/models | openarena prices import -\n"+
			"  LiteLLM's model_prices_and_context_window.json", exitUsage, exitUnwritable),
		Flags: flags(),
		Action: func(c *cli.Context) error {
			if c.NArg() != 1 {
				return usage("prices import takes one file, or - for what is piped in; got %q", c.Args().Slice())
			}
			return e.importPrices(c, c.Args().First())
		},
	}
}

// largestPriceList is far more than any public list has.
const largestPriceList = 64 << 20

func (e *environment) importPrices(c *cli.Context, from string) error {
	if strings.Contains(from, "://") {
		return usage("prices import reads files and fetches nothing: curl -fsSL '%s' | openarena prices import -", from)
	}
	list, err := e.readList(from)
	if err != nil {
		return &exitError{exitUsage, err}
	}
	in, err := prices.Import(list)
	if err != nil {
		return &exitError{exitUsage, fmt.Errorf("%s: %w", from, err)}
	}
	cfg, err := e.config(c)
	if err != nil {
		return err
	}
	path := filepath.Join(cfg.Dir, pipeline.PriceFile)
	text, err := prices.Encode(in.Format, time.Now().UTC().Format(time.DateOnly), in.Entries)
	if err != nil {
		return err
	}
	err = export.Replace(path, func(w io.Writer, _ int64) error {
		_, err := w.Write(text)
		return err
	})
	if err != nil {
		return unwritable(err)
	}
	e.say(c, "%s: prices of %s, from a list of %s", path, count(len(in.Entries), "model"), in.Format)
	if n := len(in.LeftOut); n > 0 {
		e.say(c, "%s left out; the first: %s", count(n, "model"), in.LeftOut[0])
	}
	a, err := e.arena(c, pipeline.Trial{})
	if err != nil {
		return err
	}
	return e.printPrices(c, a)
}

// readList reads a file, or what is piped in.
func (e *environment) readList(from string) ([]byte, error) {
	f := e.in
	if from != "-" {
		var err error
		if f, err = os.Open(from); err != nil {
			return nil, err
		}
		defer f.Close()
		if info, err := f.Stat(); err == nil && info.IsDir() {
			return nil, fmt.Errorf("%s is a folder", from)
		}
	} else if terminal.IsTerminal(f) {
		return nil, fmt.Errorf("nothing is piped in: curl -fsSL https://models.dev/api.json | openarena prices import -")
	}
	list, err := io.ReadAll(io.LimitReader(f, largestPriceList+1))
	if err == nil && len(list) > largestPriceList {
		err = fmt.Errorf("%s is larger than 64 MiB, which no price list is", from)
	}
	return list, err
}

func (e *environment) printPrices(c *cli.Context, a *pipeline.Arena) error {
	t := terminal.Table[pipeline.PriceLine]{Columns: priceColumns, Rows: a.Prices()}
	unknown := 0
	for _, l := range t.Rows {
		if l.Input == nil {
			unknown++
		}
	}
	if err := t.Text(e.out, terminal.Columns(e.out), e.palette(c, e.out)); err != nil || unknown == 0 {
		return err
	}
	fmt.Fprintln(e.out)
	return paragraph(e.out, fmt.Sprintf("US dollars per million tokens. Of %s no price is known: write price: {input: …, output: …} beside a model, "+
		"0 for a server of your own, or `openarena prices import` a public list.", count(unknown, "model")))
}

// perMillion is a price for people; what nobody knows is a word.
func perMillion(usd *float64) string {
	if usd == nil {
		return "unknown"
	}
	return strconv.FormatFloat(*usd, 'f', -1, 64)
}

var priceColumns = []terminal.Column[pipeline.PriceLine]{
	{Title: "model", Flex: true, Bold: true, Show: func(l pipeline.PriceLine) string { return l.Model }},
	{Title: "endpoint", Flex: true, Drop: 2, Show: func(l pipeline.PriceLine) string { return l.Endpoint }},
	{Title: "input", Align: terminal.Right, Show: func(l pipeline.PriceLine) string { return perMillion(l.Input) }},
	{Title: "cached", Align: terminal.Right, Drop: 1, Show: func(l pipeline.PriceLine) string { return perMillion(l.Cached) }},
	{Title: "output", Align: terminal.Right, Show: func(l pipeline.PriceLine) string { return perMillion(l.Output) }},
	{Title: "from", Flex: true, Drop: 3, Show: func(l pipeline.PriceLine) string { return l.From }},
}
