package export

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"openarena/pipeline/neardup"
)

// Type is what rows are about.
type Type struct{ Name, Purpose string }

// Types are all of them; the first is the default.
var Types = []Type{
	{"ranked", "a prompt with its answers, best first"},
	{"preference", "a prompt with a better answer and a worse one: DPO, ORPO, CPO, reward models"},
	{"reward", "the same with the margin between the two"},
	{"kto", "an answer and whether it is a good one"},
	{"sft", "a prompt with its best answer"},
	{"battles", "one row per judgment"},
	{"ratings", "the leaderboard"},
}

// Formats are the ways to write rows; the first is the default, but for verl.
var Formats = []string{"jsonl", "json", "csv", "parquet"}

// Setting is one thing that Options of the types for trainers may say.
type Setting struct {
	Name    string   // as in the file of an arena
	Purpose string   // `WHAT` in such quotes is what it takes
	Default string   // what holds where it is left out, where that is to be told
	Filter  bool     // it is about what is left out
	Choices []string // the words it takes, where these do not hang on the type
	at      func(*Options) any
	only    []takes // the types that it has an effect on; nil: all that are for trainers
	lo, hi  float64 // between which a number lies
	because string
}

// Settings are all of them, in the order in which they are told.
var Settings = []Setting{
	{Name: "for", Purpose: "the `TRAINER`: trl, axolotl, llama-factory, openrlhf or verl", Default: "trl", Choices: Trainers, at: func(o *Options) any { return &o.For }},
	{Name: "mode", Purpose: "`MODE`: best_worst, all_pairs, best_vs_random, target_lost, policy or policy_both; for sft top1", at: func(o *Options) any { return &o.Mode }},
	{Name: "model", Purpose: "the `NAME` that target_lost, policy and policy_both are about", at: func(o *Options) any { return &o.Model }},
	{Name: "thinking", Purpose: "strip or keep what models thought before they answered", Default: "strip", Choices: []string{ThinkingStrip, ThinkingKeep}, at: func(o *Options) any { return &o.Thinking }},
	{Name: "with_meta", Purpose: "more columns: prompt_id, models, margin, scores, judges, agreement, consistent", at: func(o *Options) any { return &o.WithMeta }},
	{Name: "eval_split", Purpose: "`SHARE` of the prompts, such as 0.02, whose rows go into NAME.eval.jsonl", Default: "none", at: func(o *Options) any { return &o.EvalSplit }},

	{Name: "allow", Filter: true, Purpose: "`LIST` of what is not to be left out: invalid, flagged, inconsistent, unfinished", Choices: Allowances, at: func(o *Options) any { return &o.Allow }},
	{Name: "strict", Filter: true, Purpose: "the filters below at their usual values, where none is given", at: func(o *Options) any { return &o.Strict }},
	{Name: "min_margin", Filter: true, Purpose: "`LEVELS`, up to 2, that the chosen answer must be ahead", Default: off("0.5"), at: func(o *Options) any { return &o.MinMargin },
		only: pairsOnly, hi: 2, because: "levels go from -2 to 2"},
	{Name: "min_points", Filter: true, Purpose: "the same in `POINTS` of the judges' scores; 1 is usual", Default: "off", at: func(o *Options) any { return &o.MinPoints },
		only: pairsOnly, hi: 9, because: "scores go from 1 to 10"},
	{Name: "min_agreement", Filter: true, Purpose: "`SHARE` of the judges that must prefer the chosen answer", Default: off("2/3"), at: func(o *Options) any { return &o.MinAgreement },
		only: pairsOnly, hi: 1, because: "it is a share"},
	{Name: "max_length_ratio", Filter: true, Purpose: "most `TIMES` that one answer may be as long as the other", Default: off("2"), at: func(o *Options) any { return &o.MaxLengthRatio },
		only: pairsOnly, lo: 1, hi: 1e9, because: "it is the longer by the shorter"},
	{Name: "no_refusals", Filter: true, Purpose: "rows in which an answer declines; --strict does, too", at: func(o *Options) any { return &o.NoRefusals }},
	{Name: "near_duplicates", Filter: true, Purpose: "prompts this `SIMILAR`, 0.5 to 1, to an earlier one that has rows", Default: off("0.8"), at: func(o *Options) any { return &o.NearDuplicates },
		lo: neardup.LeastUseful, hi: 1, because: "below, everything is alike"},
	{Name: "max_pairs_per_prompt", Filter: true, Purpose: "at most `N` rows a prompt, those with the widest margins", Default: "off", at: func(o *Options) any { return &o.MaxPairs },
		only: pairsOnly, hi: 1e9, because: "it is a number of rows"},
	{Name: "min_score", Filter: true, Purpose: "sft: `SCORE`, 1 to 10, that the answer must have", Default: "off", at: func(o *Options) any { return &o.MinScore },
		only: []takes{takesBest}, lo: 1, hi: 10, because: "scores go from 1 to 10"},
	{Name: "true_from", Filter: true, Purpose: "kto: `SCORE` from which an answer is a good one", Default: "7", at: func(o *Options) any { return &o.TrueFrom },
		only: []takes{takesEvery}, lo: 1, hi: 10, because: "scores go from 1 to 10"},
	{Name: "false_to", Filter: true, Purpose: "kto: `SCORE` up to which it is a bad one; those between are left out", Default: "4", at: func(o *Options) any { return &o.FalseTo },
		only: []takes{takesEvery}, lo: 1, hi: 10, because: "scores go from 1 to 10"},
}

var pairsOnly = []takes{takesPairs}

func off(strict string) string { return "off; " + strict + " with --strict" }

// Field is where the setting lies in o: a *string, *[]string, *bool, *int or *float64.
func (s *Setting) Field(o *Options) any { return s.at(o) }

// On reports whether the setting has an effect on a type.
func (s *Setting) On(kind string) bool {
	for _, t := range trainings[kind] {
		return s.has(t)
	}
	return false
}

func (s *Setting) has(t *training) bool { return s.only == nil || slices.Contains(s.only, t.takes) }

// Value is what o says, as a person writes it; "" where it is left out.
func (s *Setting) Value(o *Options) string {
	switch at := s.at(o).(type) {
	case *string:
		return *at
	case *[]string:
		return strings.Join(*at, ",")
	case *bool:
		if *at {
			return "true"
		}
	case *int:
		if *at != 0 {
			return strconv.Itoa(*at)
		}
	case *float64:
		if *at != 0 {
			return strconv.FormatFloat(*at, 'g', -1, 64)
		}
	}
	return ""
}

// Set reads what a person wrote; "" leaves it out. Whether it makes sense is for Options.Check.
func (s *Setting) Set(o *Options, text string) (err error) {
	text = strings.TrimSpace(text)
	switch at := s.at(o).(type) {
	case *string:
		*at = text
	case *[]string:
		*at = nil
		if text != "" {
			for _, word := range strings.Split(text, ",") {
				*at = append(*at, strings.TrimSpace(word))
			}
		}
	case *bool:
		*at = text != "" && text != "false"
	case *int:
		if *at = 0; text != "" {
			*at, err = strconv.Atoi(text)
		}
	case *float64:
		if *at = 0; text != "" {
			*at, err = strconv.ParseFloat(text, 64)
		}
	}
	if err != nil {
		return &UsageError{fmt.Sprintf("%s: %q is no number", s.Name, text)}
	}
	return nil
}

// checkEffect refuses settings that would have no effect on the rows of a type.
func (o Options) checkEffect(t *training) error {
	for _, s := range Settings {
		if s.Value(&o) != "" && !s.has(t) {
			return &UsageError{fmt.Sprintf("%s has no effect on the type %s: leave it out", s.Name, t.kind)}
		}
	}
	return nil
}

// check refuses a number that makes no sense.
func (s *Setting) check(o *Options) error {
	var v float64
	switch at := s.at(o).(type) {
	case *int:
		v = float64(*at)
	case *float64:
		v = *at
	}
	if s.hi != 0 && v != 0 && !(v >= s.lo && v <= s.hi) {
		return &UsageError{fmt.Sprintf("%s: %v is not between %v and %v; %s", s.Name, v, s.lo, s.hi, s.because)}
	}
	return nil
}

// Modes are those of a type; the first is its default.
func Modes(kind string) (names []string) {
	for _, t := range trainings[kind] {
		for _, m := range modes {
			if t.has(m) {
				names = append(names, m.name)
			}
		}
		break
	}
	return names
}

// Args are the arguments of `openarena export` that say the same.
func (o Options) Args() (args []string) {
	add := func(name, value string) {
		if value != "" {
			args = append(args, "--"+Flag(name), value)
		}
	}
	add("type", o.Type)
	for _, s := range Settings {
		value := s.Value(&o)
		if _, yes := s.at(&o).(*bool); yes && value != "" {
			args = append(args, "--"+Flag(s.Name))
		} else {
			add(s.Name, value)
		}
	}
	add("format", o.Format)
	if o.CSVSafe {
		args = append(args, "--csv-safe")
	}
	return args
}

// Flag is the name of a setting on a command line.
func Flag(name string) string { return strings.ReplaceAll(name, "_", "-") }

// Command is a line for a shell that writes these rows to a file.
func (o Options) Command(path string) string {
	words := []string{"openarena", "export"}
	for _, arg := range o.Args() {
		words = append(words, shellQuote(arg))
	}
	return strings.Join(append(words, "-o", shellQuote(path)), " ")
}
