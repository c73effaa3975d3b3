package battlefile

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"openarena/pipeline/rating"
)

// Rate reads the whole file and rates its models. Settings.Control may name length, style (headers, lists and bold), each of
// these, and position. Errors are as for Read.
func (f *File) Rate(ctx context.Context, s rating.Settings) (*rating.Leaderboard, error) {
	b, err := f.Collect(ctx, s)
	if err != nil {
		return nil, err
	}
	return b.leaderboard(ctx)
}

// Ballots are the battles of a file, ready to be rated.
type Ballots struct {
	All *rating.Ballot // of models in the order in which they first came

	file     *File
	settings rating.Settings // of each ballot
	by       string
	x        []float64
	all      *part
	groups   []*part // by number of File.Groups
}

// part is the ballot of some of the battles.
type part struct {
	*rating.Ballot
	at []int32 // by model of the file: 1 + its number in the ballot
}

func (b *Ballots) part() *part { return &part{Ballot: rating.New(b.settings)} }

// number is that of a model of the file in the ballot.
func (p *part) number(f *File, model int32) int32 {
	for int(model) >= len(p.at) {
		p.at = append(p.at, 0)
	}
	if p.at[model] == 0 {
		p.at[model] = 1 + p.Model(f.models.names[model])
	}
	return p.at[model] - 1
}

// Collect reads the whole file for what settings make of it.
func (f *File) Collect(ctx context.Context, s rating.Settings) (*Ballots, error) {
	b := &Ballots{file: f, settings: s, by: s.By}
	b.settings.By, b.settings.Control = "", rating.Covariates(s.Control)
	b.all = b.part()
	b.All = b.all.Ballot
	want := Want{Clusters: s.Interval != rating.Sandwich || s.Progression, By: s.By}
	for _, c := range b.settings.Control {
		if c != rating.Position {
			want.Counts = append(want.Counts, c)
		}
	}
	return b, f.Read(ctx, want, b.put)
}

// untold is room for the battles of a file whose size is not known. Memory that is not written to is not taken.
const untold = 1 << 20

func (b *Ballots) put(line *Battle) error {
	if b.All.Battles() == 0 {
		b.All.Grow(cmp.Or(b.file.about, untold))
	}
	if err := b.add(b.all, line); err != nil || b.by == "" {
		return err
	}
	for int(line.Group) >= len(b.groups) {
		b.groups = append(b.groups, b.part())
	}
	return b.add(b.groups[line.Group], line)
}

func (b *Ballots) add(to *part, line *Battle) error {
	if max(line.A, line.B) >= rating.MaxModels {
		return fmt.Errorf("%s names more than %d models, which is the most that can be rated together; leave some out", b.file.name, rating.MaxModels)
	}
	x, y := to.number(b.file, line.A), to.number(b.file, line.B)
	if line.Invalid {
		to.Invalid(x, 1)
		to.Invalid(y, 1)
		return nil
	}
	return to.Add(rating.Battle{
		A: x, B: y, Cluster: line.Cluster, Score: line.Score, Share: line.Share, Won: won(line.Score), Weight: line.Weight,
		X: b.measure(line),
	})
}

// won is how a battle counts among wins, ties and losses.
func won(points float64) float64 {
	switch {
	case points > 0.5:
		return 1
	case points < 0.5:
		return 0
	}
	return 0.5
}

// measure is what beside the models may have decided a battle, in the order of the settings.
func (b *Ballots) measure(line *Battle) []float64 {
	b.x = b.x[:0]
	sides := line.Sides
	for _, c := range b.settings.Control {
		if c == rating.Position {
			b.x = append(b.x, line.First)
			continue
		}
		b.x = append(b.x, difference(sides[0]))
		sides = sides[1:]
	}
	return b.x
}

// difference of two counts: 1 where only A has any, -1 where only B has.
func difference(of [2]float64) float64 {
	if of[0] == of[1] {
		return 0
	}
	return (of[0] - of[1]) / (of[0] + of[1])
}

func (b *Ballots) leaderboard(ctx context.Context) (*rating.Leaderboard, error) {
	all, err := b.rate(ctx, b.All)
	if err != nil {
		return nil, err
	}
	all.By = b.by
	all.Notes = append(all.Notes, alike(b.file.Models())...)
	names := b.file.Groups()
	order := make([]int, len(b.groups))
	for i := range order {
		order[i] = i
	}
	slices.SortFunc(order, func(i, j int) int { // those without a name come last
		return cmp.Or(cmp.Compare(len(names[j]), 0)-cmp.Compare(len(names[i]), 0), cmp.Compare(names[i], names[j]))
	})
	for _, i := range order {
		name := names[i]
		if name == "" {
			name = fmt.Sprintf("(no %s)", b.by)
		}
		l, err2 := b.rate(ctx, b.groups[i].Ballot)
		if err2 != nil {
			err = errors.Join(err, fmt.Errorf("%s %s: %w", b.by, name, err2))
			continue
		}
		all.Groups = append(all.Groups, rating.Group{Name: name, Leaderboard: l})
	}
	return all, err
}

// alike names the models that look the same, since they differ in spaces only.
func alike(models []string) (notes []string) {
	first := map[string]string{}
	for _, name := range models {
		bare := strings.Join(strings.Fields(name), " ")
		if other, known := first[bare]; known {
			notes = append(notes, fmt.Sprintf("%q and %q are two models: their names differ in spaces only.", other, name))
			continue
		}
		first[bare] = name
	}
	return notes
}

// rate rates one ballot, and says what only the file knows.
func (b *Ballots) rate(ctx context.Context, ballot *rating.Ballot) (*rating.Leaderboard, error) {
	unnamed := b.file.prompts == 0 // or nothing was to know of them
	if unnamed {
		ballot.NoPrompts()
	}
	l, err := ballot.Rate(ctx)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", b.file.name, err)
	}
	if l.Battles == 0 {
		l.Notes = append(l.Notes, b.nothing(l))
	}
	if unnamed && l.Battles > 0 && (l.Interval == rating.Clustered || l.Interval == rating.Bootstrap) {
		l.Notes = append(l.Notes, "No line names a prompt: each battle counts as a prompt of its own, so that the intervals take them for independent.")
	}
	return l, nil
}

// nothing says why there is no battle.
func (b *Ballots) nothing(l *rating.Leaderboard) string {
	for _, r := range l.Ratings {
		if r.Invalid > 0 {
			return "No battle is decided: no verdict could be read."
		}
	}
	return fmt.Sprintf("%s holds no battles.", b.file.name)
}
