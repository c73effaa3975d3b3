package main

import (
	"fmt"
	"io"
	"path/filepath"
	"strings"

	"github.com/urfave/cli/v2"

	"openarena/internal/plot"
	"openarena/pipeline/export"
	"openarena/pipeline/rating"
)

// checkPlot says what is wrong with --plot before anything is read.
func checkPlot(c *cli.Context) error {
	path := c.String("plot")
	switch {
	case !c.IsSet("plot"):
		return nil
	case !strings.EqualFold(filepath.Ext(path), ".svg"):
		return usage("--plot %s: only SVG is drawn; name a file that ends in .svg", path)
	}
	return folderOf(path)
}

// plotBoard draws a leaderboard into the file of --plot, if there is one.
func (e *environment) plotBoard(c *cli.Context, board *rating.Leaderboard) error {
	path := c.String("plot")
	if path == "" {
		return nil
	}
	err := export.Replace(path, func(w io.Writer, _ int64) error { return plot.Ratings(w, chart(board)) })
	if err != nil {
		return fmt.Errorf("plot: %w", unwritable(err))
	}
	e.say(c, "wrote %s", path)
	return nil
}

// chart is a leaderboard as a picture, with a panel for all battles and then one for each group.
func chart(board *rating.Leaderboard) plot.Chart {
	c := plot.Chart{Title: "Ratings", Subtitle: method(board) + "."}
	if controlled := told(board.Effects); len(controlled) > 0 {
		c.Subtitle += " Controlled: " + rating.Enumerate(controlled, len(controlled)) + "."
	}
	all := panel(board)
	c.Panels = append(c.Panels, all)
	if board.By == "" {
		return c
	}
	c.Title += " by " + board.By
	c.Panels[0].Name = "all"
	for _, g := range board.Groups {
		one := panel(g.Leaderboard)
		one.Name, one.Note = g.Name, count(g.Battles, "battle")
		c.Panels = append(c.Panels, one)
	}
	return c
}

// told are the names of effects that the battles tell.
func told(effects []rating.Effect) (names []string) {
	for _, e := range effects {
		if e.Points != nil {
			names = append(names, e.Name)
		}
	}
	return names
}

func panel(board *rating.Leaderboard) (p plot.Panel) {
	for _, r := range board.Ratings {
		p.Rows = append(p.Rows, plot.Row{
			Name: r.Model, Rating: r.Rating, Lower: r.Lower, Upper: r.Upper, Component: r.Component, Provisional: r.Provisional,
		})
	}
	return p
}
