package main

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/urfave/cli/v2"

	"openarena/pipeline/export"
)

// TestOptionsAreFlags: what a preview has people copy means what it showed.
func TestOptionsAreFlags(t *testing.T) {
	for _, want := range []export.Options{
		{Type: "ranked"},
		{Type: "ranked", Format: "csv", CSVSafe: true},
		{Type: "preference", For: "axolotl", Mode: "policy", Model: "it's, mine", Thinking: "keep", WithMeta: true, EvalSplit: 0.02, Format: "json"},
		{Type: "preference", Filters: export.Filters{Allow: []string{"invalid", "flagged"}, Strict: true, MinMargin: 1, MinPoints: 2.5, MinAgreement: 2.0 / 3,
			MaxLengthRatio: 3, NearDuplicates: 0.9, NoRefusals: true, MaxPairs: 4}},
		{Type: "sft", Filters: export.Filters{MinScore: 8}},
		{Type: "kto", Filters: export.Filters{TrueFrom: 8, FalseTo: 3}},
	} {
		var got export.Options
		c := exportCommand(&environment{})
		c.Action = func(c *cli.Context) (err error) {
			got, err = exportOptions(c)
			return err
		}
		app := &cli.App{Name: "openarena", Commands: []*cli.Command{c}}
		if err := app.Run(append([]string{"openarena", "export"}, want.Args()...)); err != nil {
			t.Errorf("%q: %v", want.Args(), err)
		}
		if d := cmp.Diff(want, got); d != "" {
			t.Errorf("%q are read otherwise:\n%s", want.Args(), d)
		}
	}
}
