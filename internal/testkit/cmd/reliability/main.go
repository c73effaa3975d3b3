// Command reliability runs the tests behind every fault that the program answers for and prints the scoreboard. It exits
// with 1 where a row does not hold.
package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"regexp"

	"openarena/internal/testkit/page"
	"openarena/internal/testkit/scoreboard"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := run(ctx); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run(ctx context.Context) error {
	write := flag.String("w", "", "page whose scoreboard is to be replaced")
	only := flag.String("only", "", "regular expression for the rows to run, by their ID")
	flag.Parse()
	if flag.NArg() > 0 {
		return fmt.Errorf("unexpected argument %q", flag.Arg(0))
	}
	wanted, err := regexp.Compile(*only)
	if err != nil {
		return fmt.Errorf("-only: %w", err)
	}
	var rows []scoreboard.Row
	for _, row := range scoreboard.Rows() {
		if wanted.MatchString(row.ID) {
			rows = append(rows, row)
		}
	}
	results, err := scoreboard.Run(ctx, ".", rows, os.Stderr)
	table := scoreboard.Table(results)
	fmt.Print(table)
	if err != nil {
		return err
	}
	if *write != "" {
		if err := page.Replace(*write, "scoreboard", table); err != nil {
			return err
		}
	}
	for _, r := range results {
		if r.State > scoreboard.Skipped {
			return fmt.Errorf("row %s does not hold: %s", r.ID, r.State)
		}
	}
	return nil
}
