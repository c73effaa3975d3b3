package pipeline

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"openarena/configs"
	"openarena/internal/spelling"
	"openarena/pipeline/rating"
	"openarena/store"
)

// MostWeight is the greatest weight that a judge may have, as in a file.
const MostWeight = 100_000

// Reweighted is a judge with the weight that it might have.
type Reweighted struct {
	Judge  string  `json:"judge"`
	Weight float64 `json:"weight"` // 0: without the judge
	File   float64 `json:"file"`   // what the file says; set by WhatIf
}

// WhatIf is a leaderboard beside the one that it would be with other weights of judges, or without some.
type WhatIf struct {
	Judges  []Reweighted        `json:"judges"`
	File    *rating.Leaderboard `json:"file"` // as the file has it
	Moved   []rating.Moved      `json:"moved"`
	Swapped []Swap              `json:"swapped"`
	Notes   []string            `json:"notes"`
	Board   *rating.Leaderboard `json:"-"` // as it would be
}

// Suppose returns the arena as a file would describe it in which judges have other weights, or are not there. Whose battles
// count how is up to the panel's rule of that file; only min_valid is lowered to the number of judges that still sit, where it
// is more. What cannot be is an error that says what may.
func (a *Arena) Suppose(all []Reweighted) (*Arena, []Reweighted, error) {
	c := *a.file
	c.Judges = slices.Clone(c.Judges)
	all = slices.Clone(all)
	var names []string
	for _, j := range a.Judges {
		names = append(names, j.Name)
	}
	for i, w := range all {
		at := slices.IndexFunc(a.file.Judges, func(j configs.Judge) bool { return j.Name == w.Judge })
		switch {
		case at < 0:
			return nil, nil, fmt.Errorf("no judge is named %q; there are %s%s", w.Judge, rating.Enumerate(names, mostNamed), spelling.Hint(w.Judge, names))
		case !(w.Weight >= 0 && w.Weight <= MostWeight): // NaN fails too
			return nil, nil, fmt.Errorf("the weight of %s is %v: give a number from 0, which leaves the judge out, to %d", w.Judge, w.Weight, MostWeight)
		case slices.ContainsFunc(all[:i], func(o Reweighted) bool { return o.Judge == w.Judge }):
			return nil, nil, fmt.Errorf("%s is named twice: give each judge one weight", w.Judge)
		}
		all[i].File = c.Judges[at].Weight
		c.Judges[at].Weight = w.Weight
	}
	c.Judges = slices.DeleteFunc(c.Judges, func(j configs.Judge) bool { return j.Weight == 0 })
	if err := seat(&c); err != nil {
		return nil, nil, err
	}
	b, err := New(&c, a.Trial)
	if err != nil {
		return nil, nil, err
	}
	b.Rating, b.From, b.Database, b.Refresh = a.Rating, a.From, a.Database, a.Refresh
	return b, all, nil
}

// mostNamed is how many judges an error lists.
const mostNamed = 10

// seat fits the panel to the judges that are left.
func seat(c *configs.Config) error {
	there := func(name string) bool {
		return slices.ContainsFunc(c.Judges, func(j configs.Judge) bool { return j.Name == name })
	}
	of := &c.Judging.Panel
	of.Replacements = slices.DeleteFunc(slices.Clone(of.Replacements), func(name string) bool { return !there(name) })
	switch sitting := len(c.Judges) - len(of.Replacements); {
	case len(c.Judges) == 0:
		return errors.New("no judge is left, so that nothing would be rated: leave one its weight")
	case sitting == 0:
		return errors.New("nobody but replacements is left, and they stand in for no one: leave a judge of the panel its weight")
	default:
		of.MinValid = min(of.MinValid, sitting)
	}
	return nil
}

// RateWhatIf rates the contestants as Rate does, and as it would with other judges. It asks no model: battles that the file
// would then want, and of which the database has no verdict, do not count. file is what Rate has said; nil has it made.
func (a *Arena) RateWhatIf(ctx context.Context, r store.Reader, all []Reweighted, file *rating.Leaderboard) (*WhatIf, error) {
	b, all, err := a.Suppose(all)
	if err != nil {
		return nil, &WhatIfError{err}
	}
	if file == nil {
		if file, err = a.Rate(ctx, r); err != nil {
			return nil, err
		}
	}
	w := &WhatIf{Judges: all, File: file}
	if w.Board, err = b.Rate(ctx, r); err != nil {
		return nil, err
	}
	w.Moved = rating.Moves(file, w.Board)
	w.Swapped = swaps(a.leftRatings(file), a.leftRatings(w.Board))
	w.Notes = a.supposed(b, w)
	return w, nil
}

// WhatIfError says that judges cannot be weighted in a way, and what can be done.
type WhatIfError struct{ err error }

func (e *WhatIfError) Error() string { return e.err.Error() }
func (e *WhatIfError) Unwrap() error { return e.err }

// leftRatings are those of a leaderboard, contestants in file order.
func (a *Arena) leftRatings(board *rating.Leaderboard) []LeftRating {
	all := make([]LeftRating, len(a.Contestants))
	for i, c := range a.Contestants {
		all[i].Model = c.Name
		at := slices.IndexFunc(board.Ratings, func(r rating.Rating) bool { return r.Model == c.Name })
		if r := board.Ratings[at]; r.Rating != nil {
			all[i].Rating = r.Rating
			if r.Lower != nil {
				all[i].lower, all[i].upper = *r.Lower, *r.Upper
			}
		}
	}
	return all
}

// supposed says what a reader of the boards must know: b is the arena that is not.
func (a *Arena) supposed(b *Arena, w *WhatIf) []string {
	notes := []string{}
	say := func(format string, args ...any) { notes = append(notes, fmt.Sprintf(format, args...)) }
	was, is := a.Config.Judging.Panel, b.Config.Judging.Panel
	if is.MinValid < was.MinValid {
		say("min_valid is %d in place of %d: more judges do not sit.", is.MinValid, was.MinValid)
	}
	if n := len(b.Judges) - len(is.Replacements); n == 1 {
		say("One judge sits, and its word is the battle's: what it weighs changes nothing.")
	} else if is.Mode == "cascade" {
		say("In a cascade the last word counts alone: what a judge weighs changes nothing, only whether it sits.")
	}
	for _, j := range w.Judges {
		if j.Weight > 0 && slices.Contains(is.Replacements, j.Judge) {
			say("%s is a replacement: it has the weight of the judge that it stands in for, whatever its own.", j.Judge)
		}
	}
	if lost := w.File.Battles - w.Board.Battles; lost > 0 {
		say("Battles that no longer count, since too few of the judges that are left have judged them: %d.", lost)
	}
	return notes
}

// Question is what was asked, in words.
func (w *WhatIf) Question() string {
	var parts []string
	for _, j := range w.Judges {
		switch {
		case j.Weight == 0:
			parts = append(parts, j.Judge+" did not judge")
		case j.Weight == j.File:
			parts = append(parts, fmt.Sprintf("%s weighed %v as it does", j.Judge, j.Weight))
		default:
			parts = append(parts, fmt.Sprintf("%s weighed %v in place of %v", j.Judge, j.Weight, j.File))
		}
	}
	return "What if " + rating.Enumerate(parts, len(parts)) + "?"
}

// Swaps names who would change places; "" where nobody would.
func (w *WhatIf) Swaps() string {
	apart, near := swapped(w.Swapped, true), swapped(w.Swapped, false)
	switch {
	case apart != "" && near != "":
		return fmt.Sprintf("Then %s; and, neighbours whose intervals meet in the file's leaderboard, %s.", apart, near)
	case apart != "":
		return fmt.Sprintf("Then %s.", apart)
	case near != "":
		return fmt.Sprintf("Then %s: neighbours whose intervals meet in the file's leaderboard.", near)
	}
	return "Nobody changes places."
}
