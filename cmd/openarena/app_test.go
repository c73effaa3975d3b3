package main

import (
	"os"
	"strings"
	"testing"

	"github.com/urfave/cli/v2"
)

// Every command takes the flags that all have, says what it is for, and names its exit codes.
func TestHelp(t *testing.T) {
	sig := newSignals(t.Context())
	defer sig.close()
	app := newApp(streams{in: os.Stdin, out: os.Stdout, err: os.Stderr}, sig)
	var check func(path string, c *cli.Command)
	check = func(path string, c *cli.Command) {
		path += " " + c.Name
		if c.Usage == "" {
			t.Errorf("%s says nothing about its use", path)
		}
		for _, sub := range c.Subcommands {
			check(path, sub)
		}
		if len(c.Subcommands) > 0 {
			return
		}
		if !strings.Contains(c.Description, "Exit codes: 0 ok · 2 usage or configuration") {
			t.Errorf("the help of %s names no exit codes:\n%s", path, c.Description)
		}
		for _, line := range strings.Split(c.Description, "\n") {
			if n := len([]rune(line)); n > 125 {
				t.Errorf("the help of %s has a line of %d letters: %s", path, n, line)
			}
		}
		has := map[string]bool{}
		for _, f := range c.Flags {
			for _, name := range f.Names() {
				has[name] = true
			}
		}
		for _, name := range []string{"config", "c", "db", "quiet", "no-color"} {
			if !has[name] {
				t.Errorf("%s has no flag %s", path, name)
			}
		}
	}
	for _, c := range app.Commands {
		check(app.Name, c)
	}
}
