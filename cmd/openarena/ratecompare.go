package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/urfave/cli/v2"

	"openarena/configs"
	"openarena/internal/standings"
	"openarena/internal/terminal"
	"openarena/pipeline"
	"openarena/pipeline/rating"
	"openarena/web"
)

// comparison is what `rate --compare --json` prints: the leaderboard, and behind it what is otherwise elsewhere.
type comparison struct {
	*rating.Leaderboard
	Compare *rating.Comparison `json:"compare"`
}

// compare rates the arena and another one, or another database of it, and says what moved.
func (e *environment) compare(c *cli.Context, a *pipeline.Arena) error {
	path := c.String("compare")
	other, err := e.otherArena(c, a, path)
	if err != nil {
		return err
	}
	if other.Rating, err = ratingSettings(c, other.Rating); err != nil {
		return err
	}
	for _, of := range []*pipeline.Arena{a, other} {
		if of.Rating.Method == rating.Elo {
			return usage("--compare: Elo has no intervals, so that nothing can be said about chance; add --method bradley-terry")
		}
	}
	ctx := e.signals.soft
	r, err := e.read(ctx, a, false)
	if err != nil {
		return err
	}
	defer r.close()
	from, err := e.readOther(ctx, other, path)
	if err != nil {
		return err
	}
	defer from.close()
	told, err := a.Compare(ctx, r.reader, other, from.reader)
	if failed := new(pipeline.OtherError); errors.As(err, &failed) {
		return fmt.Errorf("--compare %s: %w", path, err)
	}
	if err != nil {
		return err
	}
	return e.showComparison(c, told)
}

func (e *environment) showComparison(c *cli.Context, told *rating.Comparison) error {
	switch {
	case c.Bool("json"):
		return printJSON(e.data(), comparison{told.Board, told})
	case c.Bool("csv"):
		return terminal.Table[rating.Compared]{Columns: comparedCSV(), Rows: told.Models}.CSV(e.data())
	case c.Bool("markdown"):
		return paper{e.data(), true, 0, terminal.Palette{}}.compare(told)
	}
	return paper{e.out, false, terminal.Columns(e.out), e.palette(c, e.out)}.compare(told)
}

// otherArena is what the path of --compare names: a file of an arena, or a database of this one.
func (e *environment) otherArena(c *cli.Context, a *pipeline.Arena, path string) (*pipeline.Arena, error) {
	var cfg *configs.Config
	var err error
	twice := func(cfg *configs.Config) bool { return sameStore(cfg, a.Config) }
	switch strings.ToLower(filepath.Ext(path)) {
	case ".yaml", ".yml":
		twice = func(cfg *configs.Config) bool { return same(cfg.Path, a.Config.Path) } // another file may judge by the same database
		cfg, err = configs.Load(path, os.LookupEnv)
	default:
		if cfg, err = e.config(c); err == nil {
			cfg.Store, err = placeOf(path)
		}
	}
	if err != nil {
		return nil, usage("--compare %s: %w", path, err)
	}
	if twice(cfg) {
		return nil, usage("--compare %s is this arena itself: name an older copy of its database, or the file of another arena", path)
	}
	other, err := newArena(cfg, pipeline.Trial{})
	if err != nil {
		return nil, usage("--compare %s: %w", path, err)
	}
	return other, nil
}

// readOther opens the other database as read does.
func (e *environment) readOther(ctx context.Context, other *pipeline.Arena, path string) (*reading, error) {
	r, err := e.read(ctx, other, false)
	if err != nil {
		return nil, fmt.Errorf("--compare %s: %w", path, err)
	}
	return r, nil
}

// compare prints who moved, and whether that is more than chance.
func (p paper) compare(told *rating.Comparison) error {
	if err := paperTable(p, terminal.Table[rating.Compared]{Columns: comparedColumns(told), Rows: told.Models}); err != nil {
		return err
	}
	return p.sentences(standings.Compared(told))
}

func comparedColumns(told *rating.Comparison) []terminal.Column[rating.Compared] {
	columns := []terminal.Column[rating.Compared]{
		{Title: "rank", Align: terminal.Right, Show: func(m rating.Compared) string { return whole(m.Rank) }},
		{Title: "other", Align: terminal.Right, Drop: 2, Show: func(m rating.Compared) string { return whole(m.OtherRank) }},
		{Title: "model", Flex: true, Bold: true, Show: func(m rating.Compared) string { return m.Model }},
	}
	if standings.Matched(told) {
		columns = append(columns,
			terminal.Column[rating.Compared]{Title: "there", Flex: true, Drop: 4, Show: func(m rating.Compared) string { return m.Other }},
			terminal.Column[rating.Compared]{Title: "same by", Drop: 3, Show: func(m rating.Compared) string { return m.Matched }})
	}
	return append(columns, []terminal.Column[rating.Compared]{
		{Title: "rating", Align: terminal.Right, Show: func(m rating.Compared) string { return number(m.Rating, 0) }},
		{Title: "other", Align: terminal.Right, Show: func(m rating.Compared) string { return number(m.OtherRating, 0) }},
		{Title: "change", Align: terminal.Right, Show: func(m rating.Compared) string { return difference(m.Change) }},
		{Title: "95 %", Align: terminal.Right, Drop: 1, Show: func(m rating.Compared) string { return standings.Span(m.Lower, m.Upper) }},
		{Title: "p", Align: terminal.Right, Drop: 1, Show: func(m rating.Compared) string { return standings.Chance(m.P) }},
		{Title: "p (Holm)", Align: terminal.Right, Show: func(m rating.Compared) string { return standings.Chance(m.Holm) }},
	}...)
}

func comparedCSV() (columns []terminal.Column[rating.Compared]) {
	add := func(title string, show func(rating.Compared) string) {
		columns = append(columns, terminal.Column[rating.Compared]{Title: title, Show: show})
	}
	add("model", func(m rating.Compared) string { return m.Model })
	add("other_model", func(m rating.Compared) string { return m.Other })
	add("matched", func(m rating.Compared) string { return m.Matched })
	add("rank", func(m rating.Compared) string { return exactWhole(m.Rank) })
	add("rating", func(m rating.Compared) string { return exact(m.Rating) })
	add("other_rank", func(m rating.Compared) string { return exactWhole(m.OtherRank) })
	add("other_rating", func(m rating.Compared) string { return exact(m.OtherRating) })
	for _, of := range []struct {
		title string
		of    func(rating.Compared) *float64
	}{
		{"change", func(m rating.Compared) *float64 { return m.Change }}, {"se", func(m rating.Compared) *float64 { return m.SE }},
		{"lower", func(m rating.Compared) *float64 { return m.Lower }}, {"upper", func(m rating.Compared) *float64 { return m.Upper }},
		{"p", func(m rating.Compared) *float64 { return m.P }}, {"p_holm", func(m rating.Compared) *float64 { return m.Holm }},
	} {
		add(of.title, func(m rating.Compared) string { return exact(of.of(m)) })
	}
	return columns
}

// others are what `serve --compare` names; forget closes what was opened of them.
func (e *environment) others(c *cli.Context) (all []web.Other, forget func()) {
	forget = func() {}
	for _, path := range c.StringSlice("compare") {
		source := web.NewLocal(func() (*pipeline.Arena, error) {
			cfg, err := e.config(c)
			if err != nil {
				return nil, err
			}
			a, err := newArena(cfg, pipeline.Trial{})
			if err != nil {
				return nil, err
			}
			return e.otherArena(c, a, path)
		})
		before := forget
		forget = func() { source.Close(); before() }
		all = append(all, web.Other{Name: path, Source: source})
	}
	return all, forget
}
