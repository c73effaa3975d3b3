package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/goccy/go-yaml"
	"github.com/urfave/cli/v2"
)

// deployed is the folder of files for other machines.
var deployed = filepath.Join("..", "..", "deploy")

// deployable lets scripts find deploy/, and stand-ins for Slurm's commands.
func deployable(set func(name, value string)) error {
	for name, path := range map[string]string{"DEPLOY": deployed, "FAKES": filepath.Join("testdata", "slurm")} {
		abs, err := filepath.Abs(path)
		if err != nil {
			return err
		}
		set(name, abs)
	}
	return nil
}

// Every command line in deploy/ is one that the program takes: the command is there, its flags are, and their values can be read.
func TestDeployedCommands(t *testing.T) {
	all := map[string][]string{} // by the first word of a command: where it was found
	err := filepath.WalkDir(deployed, func(path string, d os.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		text, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		lines := shellCommands(string(text))
		if filepath.Ext(path) == ".yaml" {
			lines = append(lines, containerCommands(t, path, text)...)
		}
		for _, args := range lines {
			if err := taken(args); err != nil {
				t.Errorf("%s: openarena %s: %v", path, strings.Join(args, " "), err)
			}
			all[args[0]] = append(all[args[0]], path)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	for command, least := range map[string]int{"run": 4, "worker": 6, "merge": 2, "rate": 1, "export": 1} {
		if len(all[command]) < least {
			t.Errorf("%d command lines of %s are found, in %v; want %d at least", len(all[command]), command, all[command], least)
		}
	}
}

// TestDeployedCommandsAreParsed shows that a wrong line is found.
func TestDeployedCommandsAreParsed(t *testing.T) {
	for _, line := range []string{
		"openarena wroker --run arena", "openarena run --shards 1/2", "openarena run --shard", "srun openarena run --limit many",
	} {
		for _, args := range shellCommands(line) {
			if taken(args) == nil {
				t.Errorf("%q is taken for a command line of the program", line)
			}
		}
	}
}

// taken parses a command line as the program does, without doing anything.
func taken(args []string) error {
	sig := newSignals(context.Background())
	defer sig.close()
	null, err := os.OpenFile(os.DevNull, os.O_RDWR, 0)
	if err != nil {
		return err
	}
	defer null.Close()
	app := newApp(streams{in: null, out: null, err: null}, sig)
	done := false
	var disarm func([]*cli.Command)
	disarm = func(all []*cli.Command) {
		for _, c := range all {
			if c.Action != nil {
				c.Action = func(*cli.Context) error { done = true; return nil }
			}
			disarm(c.Subcommands)
		}
	}
	disarm(app.Commands)
	if err := app.RunContext(sig.hard, interspersed(app, append([]string{"openarena"}, args...))); err != nil {
		return err
	}
	if !done {
		return fmt.Errorf("there is no such command")
	}
	return nil
}

var (
	commandLine = regexp.MustCompile(`(?m)(?:^\s*|srun |/bin/|` + "`" + `)(?:openarena|docker compose run --rm run) ([a-z]+(?: +(?:"[^"]*"(?:/[^\s"]*)?|'[^']*'|[^\s|&;>#` + "`" + `)]+))*)`)
	wordOfLine  = regexp.MustCompile(`(?:"[^"]*"|'[^']*'|[^\s"']+)+`)
)

// shellCommands finds command lines in a script, a comment or a page.
func shellCommands(text string) (all [][]string) {
	for _, call := range commandLine.FindAllStringSubmatch(strings.ReplaceAll(text, "\\\n", " "), -1) {
		args := wordOfLine.FindAllString(call[1], -1)
		for i, a := range args {
			args[i] = expanded(strings.NewReplacer(`"`, "", "'", "").Replace(a))
		}
		all = append(all, args)
	}
	return all
}

// expanded has values for the variables of a word.
func expanded(word string) string {
	switch {
	case strings.Contains(word, "SHARD") || strings.HasSuffix(word, "/16"):
		return "3/16"
	case strings.HasPrefix(word, "--"):
		return word
	}
	return strings.NewReplacer("$", "", "{", "", "}", "").Replace(word)
}

// containerCommands finds what containers of our image are started with, in manifests and compose files.
func containerCommands(t *testing.T, path string, text []byte) (all [][]string) {
	t.Helper()
	for _, doc := range strings.Split(string(text), "\n---\n") {
		var v any
		if err := yaml.Unmarshal([]byte(doc), &v); err != nil {
			t.Fatalf("%s: %v", path, err)
		}
		visitMaps(v, func(c map[string]any) {
			if c["image"] != "openarena" {
				return
			}
			args := append(textsOf(c["command"]), textsOf(c["args"])...)
			switch {
			case len(args) == 0 || args[0] == "sh": // shellCommands has read it
			case args[0] == "shard.sh":
				all = append(all, append([]string{"run", "--shard", expanded(args[1])}, args[3:]...))
			default:
				all = append(all, args)
			}
		})
	}
	return all
}

func visitMaps(v any, do func(map[string]any)) {
	switch v := v.(type) {
	case map[string]any:
		do(v)
		for _, below := range v {
			visitMaps(below, do)
		}
	case []any:
		for _, below := range v {
			visitMaps(below, do)
		}
	}
}

func textsOf(v any) (all []string) {
	list, _ := v.([]any)
	for _, x := range list {
		all = append(all, fmt.Sprint(x))
	}
	return all
}
