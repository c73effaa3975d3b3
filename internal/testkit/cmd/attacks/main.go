// Command attacks prints the corpus of internal/testkit/attacks, an object of JSON a line: name, text and whether it is a line
// that can be a name. Bytes that are no UTF-8 are replaced, as any program does that reads them from JSON.
package main

import (
	"encoding/json"
	"fmt"
	"os"

	"openarena/internal/testkit/attacks"
)

func main() {
	lines := map[string]bool{}
	for _, a := range attacks.Lines() {
		lines[a.Name] = true
	}
	out := json.NewEncoder(os.Stdout)
	for _, a := range attacks.All() {
		err := out.Encode(map[string]any{"name": a.Name, "text": a.Text, "line": lines[a.Name]})
		if err != nil {
			fmt.Fprintln(os.Stderr, "attacks:", err)
			os.Exit(1)
		}
	}
}
