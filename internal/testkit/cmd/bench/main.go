//go:build linux

// Command bench measures the rows of docs/performance.md and prints the table.
package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"regexp"

	"openarena/internal/testkit/bench"
	"openarena/internal/testkit/page"
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
	write := flag.String("w", "", "page whose table is to be replaced")
	only := flag.String("only", "", "regular expression for the rows to measure")
	quick := flag.Bool("quick", false, "small sizes, to try the rows; the figures mean little")
	flag.Parse()
	wanted, err := regexp.Compile(*only)
	if err != nil {
		return fmt.Errorf("-only: %w", err)
	}
	b, err := bench.New(ctx, ".", func(format string, args ...any) { fmt.Fprintf(os.Stderr, format+"\n", args...) })
	if b != nil {
		defer b.Close()
	}
	if err != nil {
		return err
	}
	b.Quick = *quick
	table, err := b.Run(ctx, wanted)
	fmt.Print(table)
	if err != nil || *write == "" {
		return err
	}
	return page.Replace(*write, "table", table)
}
