package main

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/urfave/cli/v2"

	"openarena/configs"
	"openarena/pipeline"
	"openarena/pipeline/export"
)

// subset is one configuration of a dataset on the Hub.
type subset struct {
	name      string
	options   export.Options
	companion bool // nobody asked for it
}

// setFlags say what is exported, as those of `export` do.
func setFlags() []cli.Flag {
	return append([]cli.Flag{
		&cli.StringFlag{Name: "type", Usage: "`TYPE` of export: preference, reward, kto, sft, ranked, battles or ratings", DefaultText: "as the file says, else preference"},
	}, trainingFlags()...)
}

// setFlagOf is the first of the flags that say what is exported; "": none is set.
func setFlagOf(c *cli.Context) string {
	for _, f := range setFlags() {
		if name := f.Names()[0]; c.IsSet(name) {
			return name
		}
	}
	return ""
}

// sets are what goes to the Hub: what flags say, else what the file says of this dataset; battles and leaderboard come along.
func (u *uploading) sets(a *pipeline.Arena) ([]subset, error) {
	if all := setsOf(a.Config, u.repo); setFlagOf(u.c) == "" && len(all) > 0 {
		return complete(all)
	}
	o, err := exportOptions(u.c)
	if err != nil {
		return nil, err
	}
	if o.Type == "" {
		o.Type = "preference"
	}
	if err := knownModel(a, o.Model); err != nil {
		return nil, err
	}
	return complete([]subset{{options: o}})
}

// setsOf are the exports that the file wants in a dataset.
func setsOf(cfg *configs.Config, repo string) (all []subset) {
	for _, x := range cfg.Export {
		if x.Upload == repo {
			all = append(all, subset{options: export.FromConfig(x)})
		}
	}
	return all
}

// complete names sets, has them written as parquet, and adds battles and leaderboard.
func complete(all []subset) ([]subset, error) {
	for _, t := range []string{"battles", "ratings"} {
		if !slices.ContainsFunc(all, func(s subset) bool { return s.options.Type == t }) {
			all = append(all, subset{options: export.Options{Type: t}, companion: true})
		}
	}
	taken := map[string]bool{}
	for i := range all {
		s := &all[i]
		s.options.Format, s.options.Tool = "parquet", tool()
		if err := s.options.Check(); err != nil {
			return nil, err
		}
		s.name = setName(s.options, taken)
		taken[s.name] = true
	}
	return all, nil
}

var unnamed = regexp.MustCompile(`[^a-z0-9_-]+`)

// setName is the type, with the trainer or a number behind it where there are several.
func setName(o export.Options, taken map[string]bool) string {
	name := map[string]string{"ratings": "leaderboard", "": "ranked"}[o.Type]
	if name == "" {
		name = o.Type
	}
	if taken[name] && o.For != "" {
		name += "-" + o.For
	}
	name = unnamed.ReplaceAllString(strings.ToLower(name), "-")
	first := name
	for n := 2; taken[name]; n++ {
		name = fmt.Sprintf("%s-%d", first, n)
	}
	return name
}
