package main

import (
	"fmt"

	"github.com/urfave/cli/v2"

	"openarena/pipeline/export"
)

// trainingFlags are those of the exports that are for trainers.
func trainingFlags() (all []cli.Flag) {
	for _, s := range export.Settings {
		name, category := export.Flag(s.Name), "Rows for trainers"
		if s.Filter {
			category = "What is left out"
		}
		switch s.Field(new(export.Options)).(type) {
		case *float64:
			all = append(all, &cli.Float64Flag{Category: category, Name: name, Usage: s.Purpose, DefaultText: s.Default})
		case *int:
			all = append(all, &cli.IntFlag{Category: category, Name: name, Usage: s.Purpose, DefaultText: s.Default})
		case *bool:
			all = append(all, &cli.BoolFlag{Category: category, Name: name, Usage: s.Purpose, DisableDefaultText: true})
		default:
			all = append(all, &cli.StringFlag{Category: category, Name: name, Usage: s.Purpose, DefaultText: s.Default})
		}
	}
	return all
}

// exportOptions reads the flags of `export`.
func exportOptions(c *cli.Context) (export.Options, error) {
	o := export.Options{Type: c.String("type"), Format: c.String("format"), CSVSafe: c.Bool("csv-safe")}
	for _, s := range export.Settings {
		if name := export.Flag(s.Name); c.IsSet(name) {
			if err := s.Set(&o, fmt.Sprint(c.Value(name))); err != nil {
				return o, err
			}
		}
	}
	return o, o.Check()
}
