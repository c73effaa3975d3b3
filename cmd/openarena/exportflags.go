package main

import (
	"strings"

	"github.com/urfave/cli/v2"

	"openarena/pipeline/export"
)

// trainingFlags are those of the exports that are for trainers.
func trainingFlags() []cli.Flag {
	const rows, left = "Rows for trainers", "What is left out"
	return []cli.Flag{
		&cli.StringFlag{Category: rows, Name: "for", Usage: "the `TRAINER`: trl, axolotl, llama-factory, openrlhf or verl", DefaultText: "trl"},
		&cli.StringFlag{Category: rows, Name: "mode", Usage: "`MODE`: best_worst, all_pairs, best_vs_random, target_lost, policy or policy_both; for sft top1"},
		&cli.StringFlag{Category: rows, Name: "model", Usage: "the `NAME` that target_lost, policy and policy_both are about"},
		&cli.StringFlag{Category: rows, Name: "thinking", Usage: "strip or keep what models thought before they answered", DefaultText: "strip"},
		categorised(rows, "with-meta", "more columns: prompt_id, models, margin, scores, judges, agreement, consistent"),
		&cli.Float64Flag{Category: rows, Name: "eval-split", Usage: "`SHARE` of the prompts, such as 0.02, whose rows go into NAME.eval.jsonl", DefaultText: "none"},

		&cli.StringFlag{Category: left, Name: "allow", Usage: "`LIST` of what is not to be left out: invalid, flagged, inconsistent, unfinished"},
		categorised(left, "strict", "the filters below at their usual values, where none is given"),
		&cli.Float64Flag{Category: left, Name: "min-margin", Usage: "`LEVELS`, up to 2, that the chosen answer must be ahead", DefaultText: off("0.5")},
		&cli.Float64Flag{Category: left, Name: "min-points", Usage: "the same in `POINTS` of the judges' scores; 1 is usual", DefaultText: "off"},
		&cli.Float64Flag{Category: left, Name: "min-agreement", Usage: "`SHARE` of the judges that must prefer the chosen answer", DefaultText: off("2/3")},
		&cli.Float64Flag{Category: left, Name: "max-length-ratio", Usage: "most `TIMES` that one answer may be as long as the other", DefaultText: off("2")},
		categorised(left, "no-refusals", "rows in which an answer declines; --strict does, too"),
		&cli.Float64Flag{Category: left, Name: "near-duplicates", Usage: "prompts this `SIMILAR`, 0.5 to 1, to an earlier one that has rows", DefaultText: off("0.8")},
		&cli.IntFlag{Category: left, Name: "max-pairs-per-prompt", Usage: "at most `N` rows a prompt, those with the widest margins", DefaultText: "off"},
		&cli.Float64Flag{Category: left, Name: "min-score", Usage: "sft: `SCORE`, 1 to 10, that the answer must have", DefaultText: "off"},
		&cli.Float64Flag{Category: left, Name: "true-from", Usage: "kto: `SCORE` from which an answer is a good one", DefaultText: "7"},
		&cli.Float64Flag{Category: left, Name: "false-to", Usage: "kto: `SCORE` up to which it is a bad one; those between are left out", DefaultText: "4"},
	}
}

func off(strict string) string { return "off; " + strict + " with --strict" }

func categorised(category, name, purpose string) cli.Flag {
	return &cli.BoolFlag{Category: category, Name: name, Usage: purpose, DisableDefaultText: true}
}

// exportOptions reads the flags of `export`.
func exportOptions(c *cli.Context) (export.Options, error) {
	o := export.Options{
		Type: c.String("type"), Format: c.String("format"), CSVSafe: c.Bool("csv-safe"), For: c.String("for"),
		Mode: c.String("mode"), Model: c.String("model"), Thinking: c.String("thinking"), WithMeta: c.Bool("with-meta"),
		EvalSplit: c.Float64("eval-split"),
		Filters: export.Filters{
			Strict: c.Bool("strict"), MinMargin: c.Float64("min-margin"), MinPoints: c.Float64("min-points"),
			MinAgreement: c.Float64("min-agreement"), MaxLengthRatio: c.Float64("max-length-ratio"), NoRefusals: c.Bool("no-refusals"), NearDuplicates: c.Float64("near-duplicates"),
			MaxPairs: c.Int("max-pairs-per-prompt"), MinScore: c.Float64("min-score"), TrueFrom: c.Float64("true-from"), FalseTo: c.Float64("false-to"),
		},
	}
	if list := c.String("allow"); list != "" {
		for _, name := range strings.Split(list, ",") {
			o.Allow = append(o.Allow, strings.TrimSpace(name))
		}
	}
	return o, o.Check()
}
