package main

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/urfave/cli/v2"

	"openarena/configs"
	"openarena/pipeline/export"
)

// subset is one configuration of a dataset on the Hub.
type subset struct {
	name      string
	options   export.Options
	companion bool // nobody asked for it
}

func setFlags() []cli.Flag {
	return []cli.Flag{
		&cli.StringFlag{Name: "type", Usage: "`TYPE` of export (default: what the file says, else preference)"},
		&cli.StringFlag{Name: "for", Usage: "the `TRAINER` that is to load it"},
	}
}

// sets are what goes to the Hub: what flags say, else what the file says of this dataset; battles and leaderboard come along.
func (u *uploading) sets(cfg *configs.Config) ([]subset, error) {
	var all []subset
	if !u.c.IsSet("type") && !u.c.IsSet("for") {
		all = setsOf(cfg, u.repo)
	}
	if len(all) == 0 {
		o := export.Options{Type: u.c.String("type")}
		if o.Type == "" {
			o.Type = "ranked"
		}
		all = []subset{{options: o}}
	}
	return complete(all)
}

// setsOf are the exports that the file wants in a dataset.
func setsOf(cfg *configs.Config, repo string) (all []subset) {
	for _, x := range cfg.Export {
		if x.Upload == repo {
			all = append(all, subset{options: export.Options{Type: x.Type}})
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
		if s.options.Format = "parquet"; s.options.Check() != nil {
			s.options.Format = "jsonl"
		}
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
	name = unnamed.ReplaceAllString(strings.ToLower(name), "-")
	first := name
	for n := 2; taken[name]; n++ {
		name = fmt.Sprintf("%s-%d", first, n)
	}
	return name
}
