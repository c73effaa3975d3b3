// Package battlefile reads battles from files: JSON Lines or CSV, plain or compressed, one battle a line. It is strict: a line
// that does not say for certain who met whom and how it ended is an error with its number, never a guess.
//
// Fields are model_a, model_b, and winner (a, b or tie) or p_a (points of model_a, 0 to 1); and where there are any weight,
// prompt, judge, dataset, category, shown_first (a or b) and what is counted of both answers, such as len_a and len_b. Others
// are ignored.
//
// Text is cut into blocks of whole lines, which are read side by side and handed on in the order of the file, so that nothing
// depends on the number of cores.
package battlefile

import (
	"context"
	"fmt"
	"io"
)

// Battle is one line. It is valid until the next one comes.
type Battle struct {
	A, B    int32   // models by number: places in File.Models
	Cluster int32   // battles of one prompt share it, one without a prompt has its own; 0 unless Want.Clusters
	Group   int32   // place in File.Groups; 0 unless Want.By
	Score   float64 // points of A: 1 won, 0.5 tie, 0 lost, or anything between
	Share   float64 // A's share of the scores of a judge where the line has them, else Score
	Weight  float64
	Invalid bool         // a verdict that could not be read: it is no battle, but is counted
	First   float64      // +1 where A was shown first, which is so unless the line says else, -1 where B was
	Sides   [][2]float64 // by Want.Counts: what was counted of the answers of A and of B
}

// Want is what a reader needs of each line beyond who won: less is quicker.
type Want struct {
	Clusters bool
	Counts   []string // of length, headers, lists, bold: every line must have both sides' then
	By       string   // dataset, category or judge; "": no groups
}

// File is a file of battles.
type File struct {
	name  string // as messages say it
	in    io.Reader
	close func() error
	size  int64 // of what is read, in bytes; 0: not known
	block int   // bytes that are read at a time
	most  int   // bytes of a battle

	models, groups numbering
	about          int // how many battles there may be, known from the first on; 0: no telling
	prompts        int // different ones that were read, where Want.Clusters
}

// Models are the names that were read so far, in the order in which they first came.
func (f *File) Models() []string { return f.models.names }

// Groups are the values of the field Want.By, likewise; "" stands for lines without it.
func (f *File) Groups() []string { return f.groups.names }

// Close closes the file.
func (f *File) Close() error { return f.close() }

// Read hands on all battles in the order of the file, until put fails. Where lines cannot be used the error is a *LinesError
// about all of them, and what was put is of no use.
func (f *File) Read(ctx context.Context, want Want, put func(*Battle) error) error {
	w, err := want.fields()
	if err != nil {
		return err
	}
	text, format, err := f.text()
	if err != nil {
		return fmt.Errorf("%s: %w", f.name, cause(err))
	}
	parse, err := format.open(text)
	if err != nil {
		return fmt.Errorf("%s: %w", f.name, cause(err))
	}
	p := &pass{file: f, want: w, put: put, bad: LinesError{File: f.name}, line: text.line}
	if err := p.run(ctx, text, format, parse); err != nil {
		return err
	}
	if p.bad.Count > 0 {
		return &p.bad
	}
	return nil
}

// numbering gives names numbers from 0, in the order in which they come.
type numbering struct {
	names  []string
	places map[string]int32
}

func (n *numbering) of(name []byte) int32 {
	if i, ok := n.places[string(name)]; ok {
		return i
	}
	return n.add(string(name))
}

func (n *numbering) add(name string) int32 {
	if n.places == nil {
		n.places = make(map[string]int32)
	}
	i, known := n.places[name]
	if !known {
		i = int32(len(n.names))
		n.places[name] = i
		n.names = append(n.names, name)
	}
	return i
}
