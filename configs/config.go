// Package configs says what an arena.yaml may hold: its types, their defaults, and how a file is loaded and checked.
//
// [Load] returns a file with all defaults filled in, or all of its problems at once, each with file, line and column.
package configs

import (
	"fmt"
	"io/fs"
	"os"
	"time"

	"openarena/internal/secret"
)

// Config is one arena, complete: endpoints resolved, defaults filled in, paths still relative to Dir.
type Config struct {
	Path string // of the file, as given; Dir is its folder
	Dir  string

	DefaultEndpoint Endpoint
	Endpoints       map[string]Endpoint
	Models          []Model
	Judges          []Judge
	Rubrics         map[string]Rubric
	Judging         Judging
	Datasets        []Dataset
	Prompts         Prompts
	Rating          Rating
	Budget          Budget
	Export          []Export
	Store           Store

	// Warnings lists what is valid but hardly meant: a key written into the file, a single model.
	Warnings []Problem
	// Secrets lists the keys that stand in the file itself: a copy of the file would hold them.
	Secrets []Problem

	// Texts are those of files that this one names, by the names it has for them; nil: they are read from the disk.
	Texts map[string]string
}

// ReadFile returns a file that this one names, such as a template. The error wraps [fs.ErrNotExist] where it is not there.
func (c *Config) ReadFile(name string) ([]byte, error) {
	if c.Texts == nil {
		return os.ReadFile(c.Resolve(name))
	}
	text, ok := c.Texts[name]
	if !ok {
		return nil, fmt.Errorf("%s was not published: %w", name, fs.ErrNotExist)
	}
	return []byte(text), nil
}

// Rubric returns the rubric of that name; nil for "".
func (c *Config) Rubric(name string) *Rubric {
	r, ok := c.Rubrics[name]
	if !ok {
		return nil
	}
	return &r
}

// Endpoint is where models are called. Two endpoints with the same URL and key share one queue.
type Endpoint struct {
	Name        string // in endpoints:, or "default_endpoint", or the host of an inline one
	URL         string // the whole address calls go to
	Kind        string // openai, ollama, anthropic, gemini, azure
	APIKey      secret.String
	Auth        string // bearer, none, or the name of the header that carries the key
	Headers     Headers
	Concurrency int // calls at once; 0: auto
	RPM, TPM    int // a minute; 0: none stated
	Timeout     time.Duration
	IdleTimeout time.Duration
	Stream      bool
	Pull        string            // auto, ask, never
	Labels      map[string]string // that a worker must carry to call it
}

// Model is a contestant, or the model of a judge.
type Model struct {
	Name      string
	ModelID   string
	Revision  string
	Endpoint  Endpoint // resolved
	System    string
	Params    map[string]any // numbers as int64 or float64
	Samples   int            // >= 1
	Price     *Price         // nil: unknown
	NumCtx    string         // "" or "auto" or a number
	KeepAlive string
	Answers   *Answers // a file contestant: no calls
}

// Price is in USD per million tokens. Cached is nil where it is that of Input.
type Price struct {
	Input, Output float64
	Cached        *float64
}

// Answers are answers that exist already.
type Answers struct {
	Path        string // glob, relative to Dir
	PromptField string // default: prompt
	Field       string // default: answer
}

// Judge is a model with the way it judges.
type Judge struct {
	Model
	Protocol       string // default: scores_verdict
	Analysis       string // none, brief (default), full
	Structured     string // auto (default), json_schema, json_object, text
	Rubric         string
	Template       string
	Weight         float64 // default 1
	Reask          int     // default 2
	MaxInvalidRate float64 // default 0.2
}

// Rubric is what a judge weighs.
type Rubric struct {
	Criteria []Criterion
	Ties     string // allow (default), discourage, forbid
}

// Criterion is one point of a rubric.
type Criterion struct {
	Name   string
	Weight float64
	Levels map[int]string
}

// Judging says which answers meet, and how.
type Judging struct {
	Pairs        Pairs
	Stop         Stop
	Orders       string // both (default), random, fixed
	Panel        Panel
	SkipOwnModel bool // default true
	Repeat       float64
}

// Pairs chooses who meets whom.
type Pairs struct {
	Kind     string // all (default), circular, adaptive, baseline, random
	Baseline string // the model's name, for baseline
	N        int    // pairs per prompt, for random
}

// Stop ends adaptive pairing.
type Stop struct {
	Goal         string // leader, top, ranking (default)
	K            int    // for top
	Confidence   float64
	Indifference float64 // points
}

// Panel joins the verdicts of several judges.
type Panel struct {
	Mode         string // mean (default), majority, cascade
	MinValid     int    // default 1
	Replacements []string
}

// Dataset is where prompts come from: Name (a set on the Hub) or Path (local files), never both.
type Dataset struct {
	Name, Path                                 string
	Description                                string
	Config                                     string
	Revision                                   string
	Split                                      string
	Field                                      string
	Limit                                      int // rows; -1: all
	Offset                                     int
	Sample                                     int
	Seed                                       int64
	SystemField, ReferenceField, CategoryField string
	Template                                   string
	Rubric                                     string
}

// Label is the dataset's Name, or its Path.
func (d Dataset) Label() string {
	if d.Name != "" {
		return d.Name
	}
	return d.Path
}

// PublicLabel is Label as it may be published.
func (d Dataset) PublicLabel() string { return public(d.Label()) }

// Prompts says which prompts of all datasets are left out. Its zero value leaves none out.
type Prompts struct {
	MinChars, MaxChars int     // of the user's messages; 0: no limit
	NearDuplicates     float64 // the similarity from which on the later of two is left out; 0: they may be alike
	Exclude            []Exclude
	Overlap            int // words in a row, shared with an excluded text; 0 where none is
}

// Any reports whether a prompt may be left out at all.
func (p Prompts) Any() bool {
	return p.MinChars > 0 || p.MaxChars > 0 || p.NearDuplicates > 0 || len(p.Exclude) > 0
}

// Exclude is files with texts that no prompt may hold.
type Exclude struct {
	Path  string // glob, relative to Dir
	Field string // default: prompt
}

// Dataset is the files as a dataset, to be read like one.
func (x Exclude) Dataset() Dataset { return Dataset{Path: x.Path, Field: x.Field, Limit: allRows} }

// Rating says how battles become ratings.
type Rating struct {
	Method    string // bradley-terry (default), elo
	Outcome   string // win (default), levels, share
	Interval  string // clustered (default), sandwich, bootstrap
	Bootstrap int
	KFactor   float64
	Initial   float64
	Anchor    *Anchor
	Control   []string
}

// Anchor fixes one model's rating.
type Anchor struct {
	Model  string
	Rating float64
}

// Budget limits what is spent; 0: no limit.
type Budget struct {
	MaxCost   float64
	MaxCalls  int64
	MaxTokens int64
	MaxTime   time.Duration
}

// Export is a file that a run writes at its end.
type Export struct {
	Type, For, Format, Path, Upload, License string
	Training
}

// Training is what an export of the types for trainers says besides; pipeline/export has the meaning. What is left out is zero.
type Training struct {
	Mode, Model, Thinking              string
	WithMeta, Strict, NoRefusals       bool
	EvalSplit                          float64
	Allow                              []string
	MinMargin, MinPoints, MinAgreement float64
	MaxLengthRatio, NearDuplicates     float64
	MaxPairs                           int
	MinScore, TrueFrom, FalseTo        float64
}

// Store is where the arena keeps its records: Path or URL, never both.
type Store struct {
	Path string        // a file, relative to Dir; default: the file's name with .db
	URL  secret.String // postgres://…, a schema of a database server; it may hold a password
}
