// Command openarena pits language models against each other, has judges compare their answers, rates them and exports
// training data. `openarena help` lists its commands.
package main

import (
	"context"
	"os"
)

func main() {
	os.Exit(execute(context.Background(), os.Args, streams{in: os.Stdin, out: os.Stdout, err: os.Stderr}))
}
