package main

import (
	"errors"
	"fmt"
	"io/fs"
	"log"
	"net"
	"os"
	"syscall"

	"github.com/urfave/cli/v2"

	"openarena/configs"
	"openarena/pipeline"
	"openarena/web"
)

const (
	serveAddress = "127.0.0.1:8765"
	tokenVar     = "OPENARENA_TOKEN"
)

const serveDescription = `It prints its address, and serves until Ctrl-C. It can be started before the first run, shows a run while it goes on, and
changes nothing but the votes that people give.

An address that others can reach needs --token, or OPENARENA_TOKEN in the environment, which no list of processes shows: what
models were asked and said would be open to all. Who is told the token opens the address once with ?token=TOKEN behind it.
Without a token another machine is reached by "ssh -L 8765:127.0.0.1:8765 MACHINE".`

func serveCommand(e *environment) *cli.Command {
	return &cli.Command{
		Name: "serve", Usage: "show the arena in a browser, while it runs or after",
		Description: withCodes(serveDescription, exitUsage),
		Flags: flags(
			&cli.StringFlag{Name: "address", Usage: "listen at `HOST:PORT`, on this machine alone without HOST; port 0 is any that is free", Value: serveAddress},
			&cli.StringFlag{Name: "token", Usage: "show pages only to who has this `SECRET` of 16 characters or more"},
			&cli.StringSliceFlag{Name: "host", Usage: "a further `NAME` that browsers may ask for this server by"},
			&cli.StringSliceFlag{Name: "compare", Usage: "show what moved beside `OTHER`, a database of this arena or the .yaml of another (repeatable)"},
		),
		Action: func(c *cli.Context) error {
			if err := noArguments(c); err != nil {
				return err
			}
			return e.serve(c)
		},
	}
}

func (e *environment) serve(c *cli.Context) error {
	if err := configThere(c); err != nil {
		return err
	}
	token, err := serveToken(c)
	if err != nil {
		return err
	}
	source := web.NewLocal(func() (*pipeline.Arena, error) { return e.arena(c, pipeline.Trial{}) })
	defer source.Close()
	if _, err := source.Arena(); err != nil {
		e.say(c, "%v", err) // its pages say so, too, until it is mended
	}
	l, err := listen(c.String("address"), token != "")
	if err != nil {
		return &exitError{exitUsage, fmt.Errorf("serve: %w", err)}
	}
	others, forget := e.others(c)
	defer forget()
	site, err := web.New(web.Options{
		Source: source, Others: others, Address: l.Addr().String(), Hosts: c.StringSlice("host"), Token: token, Log: log.New(e.err, "serve: ", 0),
	})
	if err != nil {
		l.Close()
		return err
	}
	if _, err := fmt.Fprintln(e.out, siteURL(l.Addr())); err != nil {
		l.Close()
		return err
	}
	if token != "" {
		e.say(c, "the first time with ?token=TOKEN behind it")
	}
	e.say(c, "Ctrl-C ends it")
	return site.Serve(e.signals.soft, e.signals.hard, l)
}

// siteURL is where a browser on this machine finds what listens there.
func siteURL(at net.Addr) string {
	if tcp, ok := at.(*net.TCPAddr); ok && tcp.IP.IsUnspecified() {
		return fmt.Sprintf("http://localhost:%d", tcp.Port)
	}
	return "http://" + at.String()
}

// configThere refuses to serve where there is no file: one with mistakes can be mended meanwhile, a wrong name cannot.
func configThere(c *cli.Context) error {
	path := c.String("config")
	if path == "" {
		_, err := configs.Find(".")
		if err != nil {
			return &exitError{exitUsage, err}
		}
		return nil
	}
	if _, err := os.Stat(path); errors.Is(err, fs.ErrNotExist) {
		return &exitError{exitUsage, fmt.Errorf("%s is not there: `openarena init` writes a configuration to start from", path)}
	}
	return nil
}

// serveToken is what who asks has to show; "": nothing.
func serveToken(c *cli.Context) (string, error) {
	token, from := c.String("token"), "--token"
	if token == "" {
		token, from = os.Getenv(tokenVar), tokenVar
	}
	if token != "" && len(token) < web.LeastToken {
		return "", usage("%s has %d characters: others could guess it; give %d or more, such as those of `openssl rand -hex 16`", from, len(token), web.LeastToken)
	}
	return token, nil
}

// listen opens the address that pages are served at. One that other machines can reach it refuses, unless there is a token.
func listen(address string, token bool) (net.Listener, error) {
	host, port, err := net.SplitHostPort(address)
	if err != nil {
		return nil, fmt.Errorf("--address %q is no HOST:PORT; give %s, or :0 for any port that is free", address, serveAddress)
	}
	if host == "" {
		host = "127.0.0.1"
	}
	at, err := net.ResolveTCPAddr("tcp", net.JoinHostPort(host, port))
	if err != nil {
		return nil, fmt.Errorf("--address %s: %w", address, err)
	}
	if !at.IP.IsLoopback() && !token {
		return nil, fmt.Errorf("--address %s can be reached from other machines: whoever finds it could read all prompts and answers, and vote. "+
			"Give a --token, or leave --address out and reach it from there by `ssh -L 8765:%s MACHINE`", address, serveAddress)
	}
	l, err := net.ListenTCP("tcp", at)
	if errors.Is(err, syscall.EADDRINUSE) {
		return nil, fmt.Errorf("%s is taken, perhaps by another `openarena serve`; --address :PORT takes another port, --address :0 any that is free", at)
	}
	if err != nil {
		return nil, fmt.Errorf("--address %s: %w", address, err)
	}
	return l, nil
}
