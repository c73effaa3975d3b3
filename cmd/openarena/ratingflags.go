package main

import (
	"math"
	"slices"
	"strconv"
	"strings"

	"github.com/urfave/cli/v2"

	"openarena/internal/spelling"
	"openarena/pipeline/rating"
)

// ratingFlags are those that say how battles become ratings, wherever the battles come from.
func ratingFlags() []cli.Flag {
	return []cli.Flag{
		&cli.StringFlag{Name: "method", Usage: "bradley-terry or elo"},
		&cli.StringFlag{Name: "interval", Usage: "what bounds rest on: clustered (by prompt), sandwich or bootstrap"},
		&cli.IntFlag{Name: "bootstrap", Usage: "bounds by a bootstrap of `N` rounds", DefaultText: "no bootstrap"},
		&cli.Float64Flag{Name: "initial", Usage: "the mean rating, in `POINTS`", DefaultText: usually("1000")},
		&cli.Float64Flag{Name: "k-factor", Usage: "`POINTS` that one battle moves an Elo rating at most", DefaultText: usually("32")},
		&cli.StringFlag{Name: "anchor", Usage: "shift the ratings so that one model has a given one, as in `MODEL=RATING`"},
		&cli.StringFlag{Name: "control", Usage: "take out of the ratings what sways judges: `LIST` of length, style and position, or none"},
		toggle("z-score", "standardise what is controlled, to compare with others"),
		&cli.StringFlag{Name: "by", Usage: "a leaderboard for each `PART` as well: dataset, category or judge"},
		toggle("pairs", "list the pairs: battles, win rate, chance to win with its interval, battles needed to tell them apart"),
		toggle("matrix", "show the win rate of every model against every other one"),
		&cli.IntFlag{Name: "permutations", Usage: "mean and spread of Elo over `N` random orders of the battles", DefaultText: "none"},
	}
}

// usually is what counts where neither a flag nor the file says anything.
func usually(value string) string { return "the file's, else " + value }

// ratingSettings are settings with the flags that were given in place of what they say.
func ratingSettings(c *cli.Context, s rating.Settings) (rating.Settings, error) {
	if c.IsSet("method") {
		s.Method = c.String("method")
	}
	if c.IsSet("bootstrap") {
		s.Interval, s.Bootstrap = rating.Bootstrap, c.Int("bootstrap")
	}
	if c.IsSet("interval") {
		s.Interval = c.String("interval")
	}
	if c.IsSet("initial") {
		s.Initial = c.Float64("initial")
	}
	if c.IsSet("k-factor") {
		s.KFactor = c.Float64("k-factor")
	}
	if c.IsSet("permutations") {
		s.Permutations = c.Int("permutations")
	}
	if c.IsSet("control") {
		control, err := parseControl(c.String("control"))
		if err != nil {
			return s, err
		}
		s.Control = control
	}
	s.By = c.String("by")
	s.Standardize = s.Standardize || c.Bool("z-score")
	s.Pairs, s.Progression = c.Bool("pairs") || c.Bool("matrix"), c.Bool("progression")
	if c.IsSet("anchor") {
		anchor, err := parseAnchor(c.String("anchor"))
		if err != nil {
			return s, err
		}
		s.Anchor = anchor
	}
	return s, checkRating(c, s)
}

// parseControl reads a list of what is to be controlled; none stands for nothing.
func parseControl(text string) (control []string, err error) {
	if text == "none" {
		return nil, nil
	}
	for word := range strings.SplitSeq(text, ",") {
		word = strings.TrimSpace(word)
		if err := oneOf("--control", word, slices.Concat(rating.Controls, []string{"none"})); err != nil {
			return nil, err
		}
		if word == "none" || slices.Contains(control, word) {
			return nil, usage("--control %s: give each word once, and none alone", text)
		}
		control = append(control, word)
	}
	return control, nil
}

// parseAnchor reads MODEL=RATING; names may hold an = themselves.
func parseAnchor(text string) (*rating.Anchor, error) {
	at := strings.LastIndex(text, "=")
	if at > 0 {
		if x, err := strconv.ParseFloat(text[at+1:], 64); err == nil && math.Abs(x) <= rating.MaxPoints {
			return &rating.Anchor{Model: text[:at], Rating: x}, nil
		}
	}
	return nil, usage("--anchor %s: give a model and its rating in points, as in --anchor Alpha=1000", text)
}

// anchored says of a leaderboard whether it has the model of the anchor.
func anchored(board *rating.Leaderboard, anchor *rating.Anchor) error {
	if anchor == nil || len(board.Ratings) == 0 { // there is nothing to anchor
		return nil
	}
	const most = 10
	var names []string
	for _, r := range board.Ratings {
		if r.Model == anchor.Model {
			return nil
		}
		names = append(names, r.Model)
	}
	return usage("--anchor: no model is named %q; there are %s%s", anchor.Model, rating.Enumerate(names, most), spelling.Hint(anchor.Model, names))
}

// checkRating says which setting cannot be, by the name of its flag.
func checkRating(c *cli.Context, s rating.Settings) error {
	if err := oneOf("--method", s.Method, rating.Methods); err != nil {
		return err
	}
	if err := oneOf("--interval", s.Interval, rating.Intervals); err != nil {
		return err
	}
	if c.IsSet("by") {
		if err := oneOf("--by", s.By, rating.Parts); err != nil {
			return err
		}
	}
	if s.Method == rating.Elo {
		for _, name := range []string{"interval", "bootstrap", "anchor", "control", "z-score"} {
			if c.IsSet(name) {
				return usage("--%s goes with the method bradley-terry: Elo takes nothing out of the ratings, and has neither intervals nor an anchor", name)
			}
		}
	}
	switch {
	case c.IsSet("bootstrap") && s.Interval != rating.Bootstrap:
		return usage("--bootstrap goes with --interval bootstrap, not with --interval %s", s.Interval)
	case c.IsSet("bootstrap") && (s.Bootstrap < 2 || s.Bootstrap > rating.MaxRounds):
		return usage("--bootstrap %d: give 2 rounds at least, and %d at most; 1000 are usual", s.Bootstrap, rating.MaxRounds)
	case c.IsSet("initial") && !(math.Abs(s.Initial) <= rating.MaxPoints && s.Initial != 0): // NaN fails too
		return usage("--initial %v: give a number of points, other than 0; 1000 are usual", s.Initial)
	case c.IsSet("k-factor") && !(s.KFactor > 0 && s.KFactor <= rating.MaxKFactor):
		return usage("--k-factor %v: give a number above 0, and %g at most; 32 is usual", s.KFactor, rating.MaxKFactor)
	case c.IsSet("permutations") && (s.Permutations < 1 || s.Permutations > rating.MaxRounds):
		return usage("--permutations %d: give 1 order at least, and %d at most; 100 are usual", s.Permutations, rating.MaxRounds)
	case s.Standardize && len(s.Control) == 0:
		return usage("--z-score changes what is controlled, and nothing is: add --control")
	}
	return nil
}

// oneOf says what a flag may be unless its value is among that.
func oneOf(flag, value string, all []string) error {
	for _, known := range all {
		if value == known {
			return nil
		}
	}
	return usage("%s %s: give %s%s", flag, value, alternatives(all), spelling.Hint(value, all))
}

// alternatives is "a, b or c".
func alternatives(all []string) string {
	last := len(all) - 1
	return strings.Join(all[:last], ", ") + " or " + all[last]
}
