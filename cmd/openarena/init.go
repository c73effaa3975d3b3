package main

import (
	_ "embed"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"text/template"

	"github.com/urfave/cli/v2"

	"openarena/configs"
)

//go:embed init.tmpl
var initText string

//go:embed prompts.jsonl
var initPrompts []byte

func initCommand(e *environment) *cli.Command {
	var names []string
	for _, x := range configs.Examples() {
		names = append(names, x.Name)
	}
	return &cli.Command{
		Name: "init", Usage: "write a commented arena.yaml",
		Description: withCodes("It looks for model servers on this machine and for keys in the environment, and writes an arena of what it\n"+
			"finds, with a file of prompts to try. --example writes one of the examples instead:\n"+strings.Join(names, ", ")+".", exitUsage, exitUnwritable),
		Flags: flags(
			&cli.StringFlag{Name: "example", Usage: "write this example: " + strings.Join(names, ", ")},
			toggle("force", "replace a file that is there"),
		),
		Action: func(c *cli.Context) error {
			if err := noArguments(c); err != nil {
				return err
			}
			return e.init(c)
		},
	}
}

func (e *environment) init(c *cli.Context) error {
	path := c.String("config")
	if path == "" {
		path = "arena.yaml"
	}
	if err := folderOf(path); err != nil {
		return err
	}
	text, err := e.initial(c)
	if err != nil {
		return err
	}
	if err := writeNew(path, []byte(text), c.Bool("force")); err != nil {
		return err
	}
	e.say(c, "wrote %s", path)
	for _, beside := range []struct {
		name string
		text []byte
	}{{"prompts.jsonl", initPrompts}, {"arena.schema.json", configs.Schema()}} {
		file := filepath.Join(filepath.Dir(path), beside.name)
		switch err := writeNew(file, beside.text, false); {
		case err == nil:
			e.say(c, "wrote %s", file)
		case !errors.Is(err, fs.ErrExist):
			return err
		}
	}
	e.say(c, "next: %s, then %s", typed(os.Args[0], "plan", "-c", path), typed(os.Args[0], "run", "-c", path))
	return nil
}

// initial is the text of the new file.
func (e *environment) initial(c *cli.Context) (string, error) {
	if name := c.String("example"); name != "" {
		var names []string
		for _, x := range configs.Examples() {
			if x.Name == name {
				return x.Text, nil
			}
			names = append(names, x.Name)
		}
		return "", usage("no example is called %q; there are %s", name, strings.Join(names, ", "))
	}
	found := discover(e.signals.soft)
	for _, f := range found {
		e.say(c, "found %s: %s", f.Name, f.what())
	}
	if len(found) == 0 {
		e.say(c, "found no model server on this machine and no key in the environment; the file begins with Ollama's address")
	}
	return arenaText(found)
}

// arenaText is an arena of what was found.
func arenaText(found []service) (string, error) {
	var b strings.Builder
	err := template.Must(template.New("init").Funcs(template.FuncMap{"yaml": quoted}).Parse(initText)).Execute(&b, scaffold(found))
	return b.String(), err
}

// quoted is a string that the file gives back as it is. A server that calls a model ${OPENAI_API_KEY} must not be sent
// that key by the next run.
func quoted(s string) string { return strconv.Quote(strings.ReplaceAll(s, "${", "$${")) }

// writeNew writes a file that must not be there yet, unless force. Its owner alone reads it: keys are written into such
// files, however much they ask not to be.
func writeNew(path string, text []byte, force bool) error {
	flag := os.O_WRONLY | os.O_CREATE | os.O_EXCL
	if force {
		flag = os.O_WRONLY | os.O_CREATE | os.O_TRUNC
	}
	f, err := os.OpenFile(path, flag, 0o600)
	if errors.Is(err, fs.ErrExist) {
		return &exitError{exitUsage, fmt.Errorf("%w; --force replaces it, -c names another", err)}
	}
	if err != nil {
		return unwritable(err)
	}
	if err = f.Chmod(0o600); err == nil { // a file that was there keeps its mode otherwise
		_, err = f.Write(text)
	}
	return unwritable(errors.Join(err, f.Close()))
}
