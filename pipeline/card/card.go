// Package card writes the README.md of a dataset: what is in it, how it was made, how to load it and how to verify it. It is a
// pure function of what it is handed, and whatever names hold, the page shows it as text.
package card

import (
	"bytes"
	"strings"

	"openarena/pipeline/rating"
)

// Card is what a page says. Parts that are empty are left out.
type Card struct {
	Repo      string   // ORG/NAME
	License   string   // an identifier of the Hub's, such as cc-by-4.0; "": for the owner to state
	Languages []string // ISO 639 codes
	Version   string   // of openarena

	Sets   []Set
	Board  *rating.Leaderboard
	Method string // what the ratings are, in a sentence
	Charts []Chart

	Prompts int // that were answered
	Models  []Model
	Judges  []Judge
	Alpha   *float64 // Krippendorff's, over who wins; nil where judges did not meet
	Sources []Source

	Manifest string // path of the file from which all can be made again; "": there is none
}

// Set is one configuration of the dataset.
type Set struct {
	Name    string
	Type    string // of export
	Trainer string // that loads its rows; "": none in particular
	Files   []File

	Candidates   int // rows without filters; 0: there are no filters
	Removed      []Removal
	Pairs        bool // rows have a chosen and a rejected answer
	LongerChosen int  // rows whose chosen answer is the longer one
	Lengths      []Length
}

// File is one split.
type File struct {
	Split, Path string
	Rows        int
}

// Removal is how many rows a filter took.
type Removal struct {
	Filter string
	Rows   int
}

// Length is the mean length of a column's texts, in characters.
type Length struct {
	Column string
	Mean   float64
}

// Chart is a picture beside the page.
type Chart struct{ Path, Alt string }

// Model is a contestant.
type Model struct {
	Name, ID, Revision string
	Settings           string // what else tells it apart, such as temperature 0.7
}

// Judge is who compared answers. Shares are nil where there is nothing they are of.
type Judge struct {
	Name, ID, Protocol        string
	Verdicts                  int64
	Invalid, Ties, Consistent *float64
	FirstSlot, LongerWins     *float64
}

// Source is where prompts come from.
type Source struct {
	Name    string // of a dataset, or a path
	Hub     bool
	Config  string
	Split   string
	Commit  string
	Prompts int
}

// rows is how many there are in the largest set of those that are for training.
func (c *Card) rows() (most int) {
	for _, s := range c.Sets {
		n := 0
		for _, f := range s.Files {
			n += f.Rows
		}
		most = max(most, n)
	}
	return most
}

// Write returns the page of a dataset that has none yet.
func Write(c *Card) []byte { return Merge(nil, c) }

// Merge returns the page that takes the place of another. What people wrote stays: all text but that between our two marks,
// and all of the header but what describes the data; see header. A page without marks gets our part behind it.
func Merge(old []byte, c *Card) []byte {
	head, text := split(old)
	var b bytes.Buffer
	b.WriteString("---\n")
	b.WriteString(header(head, c))
	b.WriteString("---\n")
	b.WriteString(between(text, body(c.licensed(head))))
	return b.Bytes()
}

// licensed is the card with the license that the header states already, if none is stated anew: page and header agree.
func (c *Card) licensed(head string) *Card {
	stated := strings.Join(texts(find(blocksOf(head), "license")), ", ")
	if c.License != "" || stated == "" {
		return c
	}
	with := *c
	with.License = stated
	return &with
}
