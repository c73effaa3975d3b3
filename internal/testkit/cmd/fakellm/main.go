// Command fakellm serves the fake model server of internal/testkit/fakellm until it is interrupted, so that clients can
// be killed and started again while it goes on counting. The first line on stdout is its URL; the control API lies
// beside it under /_/.
package main

import (
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"strings"
	"syscall"

	"openarena/internal/testkit/fakellm"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := run(ctx, os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run(ctx context.Context, args []string) error {
	var o fakellm.Options
	flags := flag.NewFlagSet("fakellm", flag.ContinueOnError)
	address := flags.String("addr", "127.0.0.1:0", "address to listen on; port 0 takes a free one")
	models := flags.String("models", "", "comma-separated names; others get 404 (default: every name)")
	faults := flags.String("faults", "{}", `shares of faults, such as {"too_many": 0.05, "internal": 0.02}`)
	flags.Uint64Var(&o.Seed, "seed", 1, "of faults and delays")
	flags.DurationVar(&o.Latency.Mean, "latency", 0, "of a call")
	flags.Float64Var(&o.Latency.Sigma, "sigma", 0, "of the lognormal spread of latencies")
	flags.IntVar(&o.Slots, "slots", 0, "calls at once; 0: no limit")
	flags.BoolVar(&o.Refuse, "refuse", false, "answer 429 when no slot is free, in place of queueing")
	flags.StringVar(&o.Key, "key", "", "bearer key that calls must carry")
	flags.IntVar(&o.AnswerBytes, "bytes", 2000, "size of an answer")
	flags.IntVar(&o.MaxChars, "max-chars", 0, "longest prompt; 0: no limit")
	flags.BoolVar(&o.NoObject, "no-object", false, "refuse response_format json_object")
	flags.BoolVar(&o.NoSchema, "no-schema", false, "refuse response_format json_schema")
	flags.StringVar(&o.BrokenModel, "broken", "", "a model that always answers 500")
	flags.IntVar(&o.Loading, "loading", 0, "first calls that get 503")
	if err := flags.Parse(args); err != nil {
		return err
	}
	if *models != "" {
		o.Models = strings.Split(*models, ",")
	}
	d := json.NewDecoder(strings.NewReader(*faults))
	d.DisallowUnknownFields()
	if err := d.Decode(&o.Faults); err != nil {
		return fmt.Errorf("-faults %s: %w", *faults, err)
	}
	s := fakellm.New(o)
	if err := s.Start(*address); err != nil {
		return err
	}
	fmt.Println(s.URL())
	<-ctx.Done()
	return s.Close()
}
