// Schemagen writes the JSON Schema of an arena.yaml, for editors, to the file that its argument names. It is run by
// `go generate ./configs`.
package main

import (
	"fmt"
	"os"

	"openarena/configs/schemagen/schema"
)

func main() {
	if len(os.Args) != 2 {
		fmt.Fprintln(os.Stderr, "usage: schemagen FILE")
		os.Exit(2)
	}
	text, err := schema.Generate()
	if err == nil {
		err = os.WriteFile(os.Args[1], text, 0o644)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "schemagen:", err)
		os.Exit(1)
	}
}
