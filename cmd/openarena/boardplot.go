package main

import (
	"fmt"
	"io"
	"path/filepath"
	"strings"

	"github.com/urfave/cli/v2"

	"openarena/internal/plot"
	"openarena/internal/standings"
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
	err := export.Replace(path, func(w io.Writer, _ int64) error { return plot.Ratings(w, standings.Chart(board)) })
	if err != nil {
		return fmt.Errorf("plot: %w", unwritable(err))
	}
	e.say(c, "wrote %s", path)
	return nil
}
