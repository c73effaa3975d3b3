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
	"openarena/internal/standings"
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
	if !slices.ContainsFunc(p.card.Sets[:p.wanted()], func(s card.Set) bool { return s.Files[0].Rows > 0 }) {
		return nil, &export.EmptyError{}
	}
	return &staged{dir: p.dir, change: hub.Change{Files: p.files}, page: p.page, stale: p.stale}, nil
}

// wanted are how many sets somebody asked for: those before the others.
func (p *parcel) wanted() int {
	n := slices.IndexFunc(p.sets, func(s subset) bool { return s.companion })
	if n < 0 {
		return len(p.sets)
	}
	return n
}

// write exports a set.
func (p *parcel) write(ctx context.Context, x subset) error {
	at := func(split string) string {
		return path.Join("data", x.name, split+"-00000-of-00001."+x.options.Format)
	}
	name := p.local(at("train"))
	if err := os.MkdirAll(filepath.Dir(name), 0o700); err != nil {
		return err
	}
	x.options.Tool, x.options.EvalFile = tool(), path.Base(at("test"))
	wrote, err := export.WriteFile(ctx, name, p.view, x.options)
	if err != nil {
		return err
	}
	of := cardSet(x, wrote)
	of.Files = []card.File{{Split: "train", Path: at("train"), Rows: wrote.Rows - wrote.EvalRows}}
	if x.options.EvalSplit > 0 {
		of.Files = append(of.Files, card.File{Split: "test", Path: at("test"), Rows: wrote.EvalRows})
	}
	p.card.Sets = append(p.card.Sets, of)
	if p.card.Manifest == "" {
		p.card.Manifest = path.Join(path.Dir(at("train")), export.ManifestName)
	}
	return p.add(path.Dir(at("train")))
}

// add takes all files of a folder: the rows, and what lies beside them.
func (p *parcel) add(dir string) error {
	all, err := os.ReadDir(p.local(dir))
	for _, d := range all {
		at := path.Join(dir, d.Name())
		f, failed := hub.Local(at, p.local(at))
		if err = errors.Join(err, failed); failed == nil {
			p.files = append(p.files, f)
		}
	}
	return err
}

// stale are the files of rows that an earlier upload of these sets left, and this one has no more.
func (p *parcel) stale(at *hub.Head) (names []string) {
	if at == nil {
		return nil
	}
	for _, name := range at.Files {
		dir, base := path.Split(name)
		ours := slices.ContainsFunc(p.sets, func(x subset) bool { return dir == path.Join("data", x.name)+"/" })
		if ours && dataFile.MatchString(base) && !slices.ContainsFunc(p.files, func(f hub.File) bool { return f.Path == name }) {
			names = append(names, name)
		}
	}
	return names
}

// dataFile is what rows are called, and lists of prompts beside them.
var dataFile = regexp.MustCompile(`^((train|test)-\d{5}-of-\d{5}\.[a-z]+|openarena\.prompts-[0-9a-f]+\.txt)$`)

// local is where a file of the dataset waits.
func (p *parcel) local(at string) string { return filepath.Join(p.dir, filepath.FromSlash(at)) }

// cardSet is what the page says of a set.
func cardSet(x subset, wrote export.Summary) card.Set {
	s := card.Set{
		Name: x.name, Type: x.options.Type, Trainer: x.options.For, Candidates: wrote.Candidates, Pairs: wrote.Pairs, LongerChosen: wrote.LongerChosen,
	}
	if s.Trainer == "" && wrote.Candidates > 0 {
		s.Trainer = "trl"
	}
	for _, r := range wrote.Removed {
		s.Removed = append(s.Removed, card.Removal{Filter: r.Filter, Rows: r.Rows})
	}
	switch {
	case wrote.MeanLength == 0:
	case wrote.Pairs:
		s.Lengths = []card.Length{{Column: "chosen", Mean: wrote.MeanLength}, {Column: "rejected", Mean: wrote.MeanLengthRejected}}
	default:
		s.Lengths = []card.Length{{Column: "answer", Mean: wrote.MeanLength}}
	}
	return s
}

// describe fills in what the card says beside the sets.
func (p *parcel) describe(ctx context.Context) error {
	was := p.arena.Rating.Pairs
	p.arena.Rating.Pairs = true
	board, err := p.view.Ratings(ctx)
	p.arena.Rating.Pairs = was
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
		Repo: p.repo, License: p.license, Languages: p.languages, Version: v, Board: board, Method: standings.Method(board) + ".", Prompts: board.Prompts,
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
	if err := plot.Ratings(&b, standings.Chart(board)); err != nil {
		return err
	}
	p.picture("assets/ratings.svg", "Ratings of the models with their intervals", b.Bytes())
	m := standings.NewMatrix(board)
	if len(m.Names) < 2 {
		return nil
	}
	var rates bytes.Buffer
	if err := plot.WinRates(&rates, plot.Matrix{Title: "Win rates", Subtitle: "Over " + count(board.Battles, "battle") + ".", Names: m.Names, Rates: m.Rates()}); err != nil {
		return err
	}
	p.picture("assets/winrates.svg", "How often each model won against each other one", rates.Bytes())
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
