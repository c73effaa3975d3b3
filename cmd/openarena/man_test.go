package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/urfave/cli/v2"
)

var update = flag.Bool("update", false, "write docs/openarena.1 anew from the help texts")

// TestManPage keeps the man page in step with the help texts, of which it is made.
func TestManPage(t *testing.T) {
	sig := newSignals(context.Background())
	defer sig.close()
	got := manPage(newApp(streams{in: os.Stdin, out: os.Stdout, err: os.Stderr}, sig))
	path := filepath.Join("..", "..", "docs", "openarena.1")
	if *update {
		if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if got != strings.ReplaceAll(string(want), "\r\n", "\n") {
		t.Errorf("%s is not what the help texts say: run `go test ./cmd/openarena -run ManPage -update`", path)
	}
}

func TestRoff(t *testing.T) {
	for _, c := range []struct{ in, want string }{
		{"plain words", "plain words\n"},
		{"--limit N", "\\-\\-limit N\n"},
		{`a\b`, "a\\eb\n"},
		{".hidden would be a request", "\\&.hidden would be a request\n"},
		{"'so would this\nand this not", "\\&'so would this\nand this not\n"},
	} {
		if got := roff(c.in); got != c.want {
			t.Errorf("roff(%q) = %q; want %q", c.in, got, c.want)
		}
	}
}

// manPage is the help of the program and of all its commands as one page.
func manPage(app *cli.App) string {
	var b strings.Builder
	b.WriteString(".\\\" Made from the help texts by `go test ./cmd/openarena -run ManPage -update`.\n")
	b.WriteString(".TH OPENARENA 1 \"\" openarena\n.SH NAME\n" + roff(app.Name+" - "+app.Usage))
	b.WriteString(".SH SYNOPSIS\n.B openarena\n.I COMMAND\n[options]\n")
	b.WriteString(".SH DESCRIPTION\n")
	verbatim(&b, app.Description)
	b.WriteString(".SH OPTIONS\nEvery command has these, after its name.\n")
	common := flags()
	for _, f := range common {
		option(&b, f)
	}
	b.WriteString(".SH COMMANDS\n")
	for _, c := range app.Commands {
		manCommand(&b, app.Name, c, common)
	}
	title, codes, _ := strings.Cut(exitCodes, "\n")
	b.WriteString(".SH " + title + "\n")
	verbatim(&b, strings.TrimRight(codes, "\n"))
	b.WriteString(".SH FILES\n.TP\n.I arena.yaml\nthe arena; docs/configuration.md lists its settings\n" +
		".TP\n.I arena.db\nits database; while a run is active, arena.db.sock and arena.db.owner are beside it\n")
	return b.String()
}

func manCommand(b *strings.Builder, parent string, c *cli.Command, common []cli.Flag) {
	name := parent + " " + c.Name
	fmt.Fprintf(b, ".SS \"%s\"\n", strings.TrimSuffix(roff(strings.TrimSpace(name+" "+c.ArgsUsage)), "\n"))
	b.WriteString(roff(c.Usage))
	verbatim(b, c.Description)
	for _, f := range c.VisibleFlags() {
		if f.Names()[0] != "help" && !isAmong(common, f.Names()[0]) {
			option(b, f)
		}
	}
	for _, sub := range c.Subcommands {
		manCommand(b, name, sub, common)
	}
}

func isAmong(flags []cli.Flag, name string) bool {
	for _, f := range flags {
		if f.Names()[0] == name {
			return true
		}
	}
	return false
}

// option is a flag as help shows it.
func option(b *strings.Builder, f cli.Flag) {
	names, purpose, _ := strings.Cut(f.String(), "\t")
	fmt.Fprintf(b, ".TP\n.B %s%s", roff(strings.TrimSpace(names)), roff(strings.TrimSpace(purpose)))
}

// verbatim keeps the lines of a help text.
func verbatim(b *strings.Builder, text string) {
	if text != "" {
		b.WriteString(".PP\n.nf\n" + roff(text) + ".fi\n")
	}
}

// roff keeps text from being read as requests, and its dashes from becoming other characters.
func roff(text string) string {
	text = strings.NewReplacer(`\`, `\e`, "-", `\-`).Replace(text)
	lines := strings.Split(text, "\n")
	for i, line := range lines {
		if strings.HasPrefix(line, ".") || strings.HasPrefix(line, "'") {
			lines[i] = `\&` + line
		}
	}
	return strings.Join(lines, "\n") + "\n"
}
