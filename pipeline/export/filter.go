package export

import (
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"
)

// Filters say which rows are left out. The zero value leaves out what would teach something wrong: see reasons.
type Filters struct {
	Allow          []string `json:"allow,omitempty"`            // of what is left out unless it is named here: invalid, flagged, inconsistent, unfinished
	Strict         bool     `json:"strict,omitempty"`           // the filters below that are 0 have their usual values
	MinMargin      float64  `json:"min_margin,omitempty"`       // levels, 0 … 2, that the chosen answer must be ahead
	MinPoints      float64  `json:"min_points,omitempty"`       // the same in points of the scores, 0 … 9; where a judge gives none it says nothing
	MinAgreement   float64  `json:"min_agreement,omitempty"`    // share of the judges that must prefer the chosen answer
	MaxLengthRatio float64  `json:"max_length_ratio,omitempty"` // of the longer of two answers to the shorter, in characters
	NearDuplicates float64  `json:"near_duplicates,omitempty"`  // prompts that are this similar to an earlier one, 0 … 1, are left out
	NoRefusals     bool     `json:"no_refusals,omitempty"`      // rows with an answer that declines, see refuses
	MaxPairs       int      `json:"max_pairs,omitempty"`        // a prompt; those with the widest margins stay
	MinScore       float64  `json:"min_score,omitempty"`        // 1 … 10: sft
	TrueFrom       float64  `json:"true_from,omitempty"`        // 1 … 10: from this score up an answer is a good one for kto; 0: 7
	FalseTo        float64  `json:"false_to,omitempty"`         // and up to this one a bad one; those between are left out; 0: 4
}

// The usual values of filters.
const (
	usualMargin      = 0.5
	usualAgreement   = 2.0 / 3
	usualLengthRatio = 2
	usualSimilarity  = 0.8
	usualTrueFrom    = 7
	usualFalseTo     = 4
)

// Allowances are what Filters.Allow may hold.
var Allowances = []string{"invalid", "flagged", "inconsistent", "unfinished"}

// any reports whether anything is set.
func (f Filters) any() bool {
	return len(f.Allow) > 0 || f.Strict || f.NoRefusals || f.MaxPairs != 0 ||
		f.MinMargin+f.MinPoints+f.MinAgreement+f.MaxLengthRatio+f.NearDuplicates+f.MinScore+f.TrueFrom+f.FalseTo != 0
}

// with fills in usual values.
func (f Filters) with() Filters {
	or := func(v *float64, usual float64) {
		if *v == 0 {
			*v = usual
		}
	}
	or(&f.TrueFrom, usualTrueFrom)
	or(&f.FalseTo, usualFalseTo)
	if f.Strict {
		or(&f.MinMargin, usualMargin)
		or(&f.MinAgreement, usualAgreement)
		or(&f.MaxLengthRatio, usualLengthRatio)
		or(&f.NearDuplicates, usualSimilarity)
		f.NoRefusals = true
	}
	return f
}

// checkFilters finds values that make no sense.
func (o Options) checkFilters() error {
	for _, a := range o.Allow {
		if !slices.Contains(Allowances, a) {
			return &UsageError{fmt.Sprintf("allow: there is no %q; there are %s", a, strings.Join(Allowances, ", "))}
		}
	}
	for _, s := range Settings {
		if err := s.check(&o); err != nil {
			return err
		}
	}
	if full := o.Filters.with(); full.FalseTo >= full.TrueFrom {
		return &UsageError{fmt.Sprintf("false_to (%v) must be below true_from (%v)", full.FalseTo, full.TrueFrom)}
	}
	return nil
}

// reason is why a row is left out: the first that fits, in this order.
type reason int

const (
	kept reason = iota
	undecided
	tie
	middle
	empty
	identical
	invalid
	flagged
	inconsistent
	unfinished
	minScore
	minMargin
	minPoints
	minAgreement
	maxLengthRatio
	refusal
	turns
	nearDuplicate
	maxPairs
	reasons // how many there are
)

// filterNames are the reasons as a summary tells them; those that can be set, by the name of the setting.
var filterNames = [reasons]string{
	undecided:      "undecided",            // no valid verdict, or too few
	tie:            "ties",                 // no answer is better
	middle:         "middle",               // kto: neither good nor bad
	empty:          "empty",                // an answer without text
	identical:      "identical",            // twice the same, but for blanks at the ends
	invalid:        "invalid",              // a verdict that could not be read
	flagged:        "flagged",              // a verdict with a flag
	inconsistent:   "inconsistent",         // a judge that changes its mind with the order, or was asked in one of two only
	unfinished:     "unfinished",           // a good answer that was cut off or withheld
	minScore:       "min_score",            //
	minMargin:      "min_margin",           //
	minPoints:      "min_points",           //
	minAgreement:   "min_agreement",        //
	maxLengthRatio: "max_length_ratio",     //
	refusal:        "no_refusals",          //
	turns:          "turns",                // a conversation that the trainer cannot take
	nearDuplicate:  "near_duplicates",      //
	maxPairs:       "max_pairs_per_prompt", //
}

// Removal is how many rows a filter took.
type Removal struct {
	Filter string `json:"filter"`
	Rows   int    `json:"rows"`
}

// sieve is Filters made ready.
type sieve struct {
	Filters
	allow [reasons]bool
	fits  func(*Prompt) bool // the trainer takes such a conversation; nil: any
}

func newSieve(f Filters, fits func(*Prompt) bool) sieve {
	s := sieve{Filters: f.with(), fits: fits}
	for r, name := range filterNames {
		s.allow[r] = slices.Contains(f.Allow, name)
	}
	return s
}

// pair is the reason to leave a pair out.
func (s *sieve) pair(c *contest, x *example) reason {
	switch {
	case !c.counted:
		return undecided
	case blank(x.better) || blank(x.worse) || c.forfeit:
		return empty
	case strings.TrimSpace(x.better) == strings.TrimSpace(x.worse):
		return identical
	case c.tie():
		return tie
	case c.invalid && !s.allow[invalid]:
		return invalid
	case c.flagged && !s.allow[flagged]:
		return flagged
	case c.flips && !s.allow[inconsistent]:
		return inconsistent
	case x.chosen.cut() && !s.allow[unfinished]:
		return unfinished
	case c.margin() < s.MinMargin:
		return minMargin
	case s.MinPoints > 0 && c.scored && c.pointsAhead() < s.MinPoints:
		return minPoints
	case c.judges > 0 && float64(c.agree) < s.MinAgreement*float64(c.judges)-1e-9:
		return minAgreement
	case s.MaxLengthRatio > 0 && lengthRatio(x.better, x.worse) > s.MaxLengthRatio:
		return maxLengthRatio
	case s.NoRefusals && (x.chosen.declines() || x.rejected.declines()):
		return refusal
	}
	return s.conversation(x)
}

// answer is the reason to leave a single answer out. good: it is to be learnt from.
func (s *sieve) answer(x *example, flag, good bool) reason {
	switch {
	case blank(x.better):
		return empty
	case flag && !s.allow[flagged]:
		return flagged
	case good && x.chosen.cut() && !s.allow[unfinished]:
		return unfinished
	case s.NoRefusals && x.chosen.declines():
		return refusal
	}
	return s.conversation(x)
}

func (s *sieve) conversation(x *example) reason {
	if s.fits != nil && !s.fits(x.prompt) {
		return turns
	}
	return kept
}

func blank(text string) bool { return strings.TrimSpace(text) == "" }

// lengthRatio is how many times the longer text is as long as the shorter.
func lengthRatio(a, b string) float64 {
	x, y := utf8.RuneCountInString(a), utf8.RuneCountInString(b)
	return float64(max(x, y)) / float64(max(1, min(x, y)))
}
