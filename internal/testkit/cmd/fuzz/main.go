// Command fuzz runs every fuzz target of the module for a while.
package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"strings"
	"syscall"
	"time"

	"openarena/internal/testkit/fuzz"
)

func main() {
	each := flag.Duration("t", time.Minute, "how long each target is run")
	only := flag.String("only", "", "only targets whose folder and name have this `text` in them")
	cache := flag.String("cache", "", "`folder` for inputs that reach other code (default: they are thrown away)")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	targets, err := fuzz.Targets(".")
	if err == nil {
		var chosen []fuzz.Target
		for _, t := range targets {
			if strings.Contains(t.Folder+" "+t.Name, *only) {
				chosen = append(chosen, t)
			}
		}
		err = fuzz.Run(ctx, os.Stdout, ".", chosen, fuzz.Options{Each: *each, Cache: *cache})
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "fuzz:", err)
		os.Exit(1)
	}
}
