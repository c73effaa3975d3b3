package main

import (
	"slices"
	"strings"
	"testing"
)

func TestInterspersed(t *testing.T) {
	app := newApp(streams{}, nil)
	for in, want := range map[string]string{
		"openarena upload a/b --dry-run":                "openarena upload --dry-run a/b",
		"openarena upload a/b --folder c --json":        "openarena upload --folder c --json a/b",
		"openarena upload --folder=c a/b -q":            "openarena upload --folder=c -q a/b",
		"openarena upload a/b -c x.yaml d":              "openarena upload -c x.yaml a/b d",
		"openarena upload a/b -- --json":                "openarena upload -- a/b --json",
		"openarena upload --json -- a/b":                "openarena upload --json -- a/b",
		"openarena upload a/b --folder":                 "openarena upload --folder a/b",
		"openarena upload a/b --nope":                   "openarena upload --nope a/b",
		"openarena store verify a b --json":             "openarena store verify --json a b",
		"openarena store a --json":                      "openarena store a --json",
		"openarena export a --json":                     "openarena export a --json",
		"openarena nope a --json":                       "openarena nope a --json",
		"openarena":                                     "openarena",
		"openarena peek - -n 3":                         "openarena peek -n 3 -",
		"openarena upload a --generate-bash-completion": "openarena upload a --generate-bash-completion",
	} {
		if got := interspersed(app, strings.Fields(in)); !slices.Equal(got, strings.Fields(want)) {
			t.Errorf("interspersed(%q) = %q; want %q", in, got, want)
		}
	}
}
