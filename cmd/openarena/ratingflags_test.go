package main

import (
	"flag"
	"io"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"github.com/urfave/cli/v2"

	"openarena/pipeline/rating"
)

// rateFlags is a command line of `rate`.
func rateFlags(t *testing.T, args ...string) *cli.Context {
	t.Helper()
	set := flag.NewFlagSet("rate", flag.ContinueOnError)
	set.SetOutput(io.Discard)
	for _, f := range rateCommand(&environment{}).Flags {
		if err := f.Apply(set); err != nil {
			t.Fatal(err)
		}
	}
	if err := set.Parse(args); err != nil {
		t.Fatal(err)
	}
	return cli.NewContext(cli.NewApp(), set, nil)
}

// TestWrongRatingFlags: what cannot be says what can.
func TestWrongRatingFlags(t *testing.T) {
	for flags, want := range map[string]string{
		"--interval bootstrp":                    `--interval bootstrp: give clustered, sandwich or bootstrap; did you mean "bootstrap"`,
		"--by judges":                            `--by judges: give dataset, category or judge; did you mean "judge"`,
		"--bootstrap 1":                          "--bootstrap 1: give 2 rounds at least",
		"--bootstrap 100 --interval sandwich":    "--bootstrap goes with --interval bootstrap, not with --interval sandwich",
		"--initial 0":                            "--initial 0: give a number of points, other than 0",
		"--initial NaN":                          "--initial NaN: give a number",
		"--initial 1e10":                         "--initial 1e+10: give a number",
		"--k-factor -3":                          "--k-factor -3: give a number above 0",
		"--k-factor Inf":                         "--k-factor +Inf: give a number above 0",
		"--permutations 0":                       "--permutations 0: give 1 order at least",
		"--anchor Alpha":                         "--anchor Alpha: give a model and its rating in points, as in --anchor Alpha=1000",
		"--anchor =1000":                         "--anchor =1000: give a model",
		"--anchor Alpha=NaN":                     "--anchor Alpha=NaN: give a model and its rating",
		"--z-score":                              "--z-score changes what is controlled, and nothing is: add --control",
		"--method elo --anchor Alpha=1000":       "--anchor goes with the method bradley-terry",
		"--pairs --matrix --csv":                 "choose one of them, since CSV holds one table",
		"--matrix --by category --csv":           "take --pairs",
		"--progression --pairs":                  "--progression and --pairs: choose one of them",
		"--progression --permutations 9":         "--progression and --permutations: choose one of them",
		"--progression --anchor Alpha=1000":      "--progression and --anchor: choose one of them",
		"--progression --markdown":               "--progression has no --markdown",
		"--control length,weight":                "give length, style, position",
		"--control style --z-score --method elo": "goes with the method bradley-terry",
	} {
		c := rateFlags(t, strings.Fields(flags)...)
		err := oneTable(c)
		if err == nil {
			_, err = ratingSettings(c, rating.Default())
		}
		if err == nil || !strings.Contains(err.Error(), want) || exitCode(err) != exitUsage {
			t.Errorf("%s: %v; want %q, and exit code 2", flags, err, want)
		}
	}
}

// TestRatingFlags: a flag goes over what the file says, and what no flag says stays.
func TestRatingFlags(t *testing.T) {
	file := rating.Settings{
		Method: "elo", Interval: "sandwich", Bootstrap: 50, KFactor: 16, Initial: 1500, Anchor: &rating.Anchor{Model: "Beta", Rating: 900},
		Control: []string{"length"},
	}
	inner := cmpopts.IgnoreUnexported(rating.Settings{}) // is no flag's
	got, err := ratingSettings(rateFlags(t), file)
	if diff := cmp.Diff(file, got, inner); err != nil || diff != "" {
		t.Errorf("without flags (-file +settings), %v:\n%s", err, diff)
	}
	got, err = ratingSettings(rateFlags(t, strings.Fields("--method bradley-terry --bootstrap 70 --k-factor 4 --initial 1200 --anchor a=b=-7.5 "+
		"--control none --permutations 3 --matrix --by judge")...), file)
	want := rating.Settings{
		Method: "bradley-terry", Interval: "bootstrap", Bootstrap: 70, KFactor: 4, Initial: 1200, Anchor: &rating.Anchor{Model: "a=b", Rating: -7.5},
		Permutations: 3, Pairs: true, By: "judge",
	}
	if diff := cmp.Diff(want, got, inner); err != nil || diff != "" {
		t.Errorf("with flags (-want +got), %v:\n%s", err, diff)
	}
}
