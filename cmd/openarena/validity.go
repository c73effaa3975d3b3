package main

import (
	"errors"

	"github.com/urfave/cli/v2"

	"openarena/configs"
	"openarena/pipeline"
)

// validity is what `validate --json` prints.
type validity struct {
	Valid    bool             `json:"valid"`
	Problems []remark         `json:"problems"`
	Warnings []remark         `json:"warnings"`
	Uploads  []configs.Upload `json:"uploads"` // in which `run` ends
}

// remark is one thing that is said about a file.
type remark struct {
	File string `json:"file,omitempty"`
	Line int    `json:"line,omitempty"` // from 1; left out where the remark is about the whole file
	Col  int    `json:"col,omitempty"`
	What string `json:"what"`
}

// printValidity prints what was found, err being why the file is not valid; a is nil where it is not. Its
// own error says nothing any more.
func (e *environment) printValidity(c *cli.Context, cfg *configs.Config, a *pipeline.Arena, err error) error {
	v := validity{Valid: err == nil, Problems: []remark{}, Warnings: []remark{}, Uploads: []configs.Upload{}}
	var problems configs.Problems
	switch {
	case errors.As(err, &problems):
		v.Problems = remarks(problems)
	case err != nil:
		v.Problems = []remark{{File: c.String("config"), What: err.Error()}}
	}
	if cfg != nil {
		v.Warnings, v.Uploads = remarks(cfg.Warnings), cfg.Uploads()
	}
	if a != nil && err == nil {
		for _, text := range a.Warnings() {
			v.Warnings = append(v.Warnings, remark{What: text})
		}
	}
	if failed := printJSON(e.data(), v); failed != nil {
		return failed
	}
	if err != nil {
		return &exitError{code: exitCode(err)}
	}
	return nil
}

func remarks(problems []configs.Problem) []remark {
	all := []remark{}
	for _, p := range problems {
		all = append(all, remark{p.File, p.Line, p.Col, p.What})
	}
	return all
}
