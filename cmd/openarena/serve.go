package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"time"

	"github.com/urfave/cli/v2"

	"openarena/pipeline"
	"openarena/web"
)

func serveCommand(e *environment) *cli.Command {
	return &cli.Command{
		Name: "serve", Usage: "show the arena in a browser, while it runs or after",
		Description: withCodes("It changes nothing, and works while a run is active and between runs. Ctrl-C ends it.", readCodes...),
		Flags: flags(
			&cli.StringFlag{Name: "address", Usage: "listen at `HOST:PORT`", Value: "127.0.0.1:8765"},
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
	a, err := e.arena(c, pipeline.Trial{})
	if err != nil {
		return err
	}
	_ = a
	source := web.NewLocal(func() (*pipeline.Arena, error) { return e.arena(c, pipeline.Trial{}) })
	defer source.Close()
	site, err := web.New(web.Options{Source: source})
	if err != nil {
		return err
	}
	l, err := net.Listen("tcp", c.String("address"))
	if err != nil {
		return fmt.Errorf("serve: %w; --address names another", err)
	}
	e.say(c, "http://%s", l.Addr())
	ctx := e.signals.soft
	server := &http.Server{Handler: site, ReadHeaderTimeout: 5 * time.Second, BaseContext: func(net.Listener) context.Context { return ctx }}
	defer context.AfterFunc(ctx, func() { server.Close() })()
	if err := server.Serve(l); !errors.Is(err, http.ErrServerClosed) {
		return err
	}
	return nil
}
