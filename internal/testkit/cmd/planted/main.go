// Command planted checks that the tests find bugs that are known.
package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"strings"
	"syscall"

	"openarena/internal/testkit/planted"
)

func main() {
	folder := flag.String("patches", "internal/testkit/planted", "`folder` of the patches")
	only := flag.String("only", "", "only bugs with this `text` in their names")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	bugs, err := planted.Load(*folder)
	if err == nil {
		var chosen []planted.Bug
		for _, b := range bugs {
			if strings.Contains(b.Name, *only) {
				chosen = append(chosen, b)
			}
		}
		err = planted.Run(ctx, os.Stdout, ".", chosen)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "planted:", err)
		os.Exit(1)
	}
}
