package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"slices"

	"openarena/internal/hub"
	"openarena/internal/plot"
	"openarena/internal/terminal"
	"openarena/pipeline"
	"openarena/pipeline/card"
	"openarena/pipeline/export"
	"openarena/pipeline/rating"
	"openarena/store"
)

// parcel is an arena on its way to the Hub.
type parcel struct {
	*environment
	client *hub.Client
	arena  *pipeline.Arena
	reader store.Reader // a state that does not change
	view   *pipeline.View

	repo      string
	sets      []subset
	license   string
	languages []string

	dir   string
	card  card.Card
	files []hub.File
}

// stage writes all files into a folder of its own, but for the page, which depends on the one that is there.
func (p *parcel) stage(ctx context.Context) (s *staged, err error) {
	if p.dir, err = os.MkdirTemp("", "openarena-upload-*"); err != nil {
		return nil, unwritable(fmt.Errorf("a place to export to: %w", err))
	}
	defer func() {
		if err != nil {
			os.RemoveAll(p.dir)
		}
	}()
	if err := p.describe(ctx); err != nil {
		return nil, err
	}
	for _, x := range p.sets {
		if err := p.write(ctx, x); err != nil {
			return nil, fmt.Errorf("export of %s: %w", x.name, unwritable(err))
		}
	}
	if why := p.nothing(); why != nil {
		return nil, why
	}
	return &staged{dir: p.dir, change: hub.Change{Files: p.files}, page: p.page}, nil
}

// errNoRows: a set that was asked for would be empty.
var errNoRows = errors.New("there are no rows for it")

// nothing is why there is nothing to be uploaded; nil if there is something.
func (p *parcel) nothing() error {
	for i, x := range p.sets {
		s := p.card.Sets[i]
		if x.companion || s.Files[0].Rows > 0 {
			continue
		}
		text := "`openarena status` tells what the database holds"
		if s.Candidates > 0 {
			text = fmt.Sprintf("filters left nothing of %s", count(s.Candidates, "candidate"))
			for _, r := range s.Removed {
				text += fmt.Sprintf(", %s took %s", r.Filter, terminal.Count(int64(r.Rows)))
			}
		}
		return fmt.Errorf("%s: %w; %s", x.name, errNoRows, text)
	}
	return nil
}

// write exports a set.
func (p *parcel) write(ctx context.Context, x subset) error {
	at := path.Join("data", x.name, "train-00000-of-00001."+x.options.Format)
	wrote, err := p.file(at, func(name string) (export.Summary, error) { return export.WriteFile(ctx, name, p.view, x.options) })
	if err != nil {
		return err
	}
	of := card.Set{Name: x.name, Type: x.options.Type, Files: []card.File{{Split: "train", Path: at, Rows: wrote.Rows}}}
	p.card.Sets = append(p.card.Sets, of)
	return nil
}

// file makes one of the files.
func (p *parcel) file(at string, write func(name string) (export.Summary, error)) (s export.Summary, err error) {
	name := filepath.Join(p.dir, filepath.FromSlash(at))
	if err := os.MkdirAll(filepath.Dir(name), 0o700); err != nil {
		return s, err
	}
	if s, err = write(name); err != nil {
		return s, err
	}
	f, err := hub.Local(at, name)
	p.files = append(p.files, f)
	return s, err
}

// describe fills in what the card says beside the sets.
func (p *parcel) describe(ctx context.Context) error {
	p.arena.Rating.Pairs = true
	board, err := p.view.Ratings(ctx)
	if err != nil {
		return err
	}
	quality, err := p.arena.Report(ctx, p.reader)
	if err != nil {
		return err
	}
	sources, err := p.view.Sources(ctx)
	if err != nil {
		return err
	}
	v, _ := built()
	p.card = card.Card{
		Repo: p.repo, License: p.license, Languages: p.languages, Version: v, Board: board, Method: method(board) + ".", Prompts: board.Prompts,
		Alpha: quality.Panel.Nominal,
	}
	for _, s := range sources {
		p.card.Sources = append(p.card.Sources, card.Source{Name: s.Label, Config: s.Config, Split: s.Split, Commit: s.Commit, Prompts: s.Prompts})
	}
	for _, m := range p.arena.Contestants {
		p.card.Models = append(p.card.Models, card.Model{Name: m.Name, ID: m.ModelID, Revision: m.Revision, Settings: settingsOf(m.Params)})
	}
	for _, j := range quality.Judges {
		p.card.Judges = append(p.card.Judges, card.Judge{
			Name: j.Judge, ID: j.ModelID, Protocol: j.Protocol, Verdicts: j.Verdicts, Invalid: j.Invalid.Rate, Ties: j.Ties.Rate,
			Consistent: j.Consistent.Rate, FirstSlot: j.FirstSlot.Rate, LongerWins: j.LongerWins.Rate,
		})
	}
	return p.draw(board)
}

// settingsOf are parameters in order of their names.
func settingsOf(params map[string]any) string {
	var b bytes.Buffer
	names := make([]string, 0, len(params))
	for name := range params {
		names = append(names, name)
	}
	slices.Sort(names)
	for i, name := range names {
		if i > 0 {
			b.WriteString(", ")
		}
		fmt.Fprintf(&b, "%s %v", name, params[name])
	}
	return b.String()
}

// draw makes the charts.
func (p *parcel) draw(board *rating.Leaderboard) error {
	if len(board.Ratings) == 0 {
		return nil
	}
	var b bytes.Buffer
	if err := plot.Ratings(&b, chart(board)); err != nil {
		return err
	}
	p.picture("assets/ratings.svg", "Ratings of the models with their intervals", b.Bytes())
	return nil
}

func (p *parcel) picture(at, alt string, content []byte) {
	p.files = append(p.files, hub.Bytes(at, content))
	p.card.Charts = append(p.card.Charts, card.Chart{Path: at, Alt: alt})
}

// page is README.md, with what people wrote on the one that is there.
func (p *parcel) page(ctx context.Context, at *hub.Head) (hub.File, error) {
	var old []byte
	if at != nil && slices.Contains(at.Files, "README.md") {
		var err error
		if old, err = p.client.ReadSmall(ctx, p.repo, at.Commit, "README.md"); err != nil {
			return hub.File{}, err
		}
	}
	return hub.Bytes("README.md", card.Merge(old, &p.card)), nil
}

var dataFile = regexp.MustCompile(`^(train|test)-\d{5}-of-\d{5}\.[a-z]+$`)
