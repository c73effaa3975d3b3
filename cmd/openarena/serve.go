package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"time"

	"github.com/urfave/cli/v2"

	"openarena/pipeline"
	"openarena/store"
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
	site, err := web.New(web.Options{Source: &source{e, a}})
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

// source is the arena and its database, for pages.
type source struct {
	*environment
	arena *pipeline.Arena
}

// Arena implements web.Source.
func (s *source) Arena() (*pipeline.Arena, error) { return s.arena, nil }

// Look implements web.Source.
func (s *source) Look(ctx context.Context, a *pipeline.Arena) (web.Look, error) {
	mark := "none"
	if at, err := os.Stat(a.Config.StorePath()); err == nil {
		mark = fmt.Sprint(at.Size(), at.ModTime().UnixNano())
	}
	r, err := s.read(ctx, a, false)
	if err != nil {
		return nil, err
	}
	return look{r.reader, r, mark}, nil
}

// look is a reading, for pages.
type look struct {
	store.Reader
	*reading
	mark string
}

func (l look) Mark() string { return l.mark }
func (l look) Live() bool   { return l.live() }
func (l look) Close()       { l.close() }

func (l look) Running(ctx context.Context) (json.RawMessage, error) { return l.db.Info(ctx) }
