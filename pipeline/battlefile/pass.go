package battlefile

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"runtime"
	"sync"
	"unicode/utf8"
)

// block is some lines of the file and what they say.
type block struct {
	text  []byte
	clean bool // text is UTF-8
	ready chan struct{}

	rows  []row
	sides [][2]float64 // by row: want.counts
	bad   LinesError   // lines are numbered from the first of the block
	lines int64

	models, groups     numbering // of this block and those that used its memory before
	modelsAt, groupsAt []int32   // by number of these: that of the file
	line               line
	scratch            []byte // what stood in the text with escapes
}

// begin makes a block ready to be parsed.
func (b *block) begin() {
	b.clean = utf8.Valid(b.text)
	b.rows, b.sides, b.scratch, b.lines = b.rows[:0], b.sides[:0], b.scratch[:0], 0
	b.bad = LinesError{First: b.bad.First[:0]}
}

// refuse notes that the line that was read last cannot be used. at counts from the first of the block.
func (b *block) refuse(at int64, err error) { b.bad.add(at, err.Error()) }

// pass is one walk through a file.
type pass struct {
	file *File
	want fields
	put  func(*Battle) error

	bad      LinesError
	line     int64 // lines of the blocks before
	clusters clusters
}

// enough are as many parsers as keep up with the one who takes what they parsed.
const enough = 4

// run reads, parses and hands on at the same time. A fixed number of blocks goes round, so that memory is bounded.
func (p *pass) run(ctx context.Context, text *source, format *format, parse parser) error {
	workers := min(runtime.GOMAXPROCS(0), enough)
	blocks := workers + 2
	free, work, inOrder := make(chan *block, blocks), make(chan *block, blocks), make(chan *block, blocks)
	for range blocks {
		free <- &block{ready: make(chan struct{}, 1)}
	}
	ctx, stop := context.WithCancel(ctx)
	var all sync.WaitGroup
	defer all.Wait()
	defer stop()
	var end error
	all.Go(func() {
		defer close(work)
		defer close(inOrder)
		end = cut(ctx, text, format.whole, free, work, inOrder)
	})
	for range workers {
		all.Go(func() {
			for b := range work {
				b.begin()
				parse(b, &p.want)
				b.ready <- struct{}{}
			}
		})
	}
	for b := range inOrder {
		<-b.ready
		if err := p.take(b); err != nil {
			return err
		}
		free <- b
	}
	p.file.prompts = p.clusters.used
	if errors.Is(end, io.EOF) {
		return nil
	}
	if ctx.Err() != nil {
		return end
	}
	return fmt.Errorf("%s:%d: %w", p.file.name, p.line+1, cause(end))
}

// cut sends the blocks of a text to be parsed and, in the same order, to be taken. It returns what ended the text.
func cut(ctx context.Context, text *source, whole func([]byte) int, free <-chan *block, work, inOrder chan<- *block) error {
	for {
		var b *block
		select {
		case <-ctx.Done():
			return ctx.Err()
		case b = <-free:
		}
		if cap(b.text) > 4*text.size { // a long line is rare: its memory need not be kept
			b.text = nil
		}
		var err error
		b.text, err = text.fill(b.text, whole)
		if err == nil || errors.Is(err, io.EOF) {
			work <- b
			inOrder <- b
		}
		if err != nil {
			return err
		}
	}
}

// take hands on the battles of a block. After the first bad line only bad lines are of interest.
func (p *pass) take(b *block) error {
	before := p.line
	p.line += b.lines
	for _, l := range b.bad.First {
		p.bad.add(before+l.Line, l.What)
	}
	p.bad.Count += b.bad.Count - int64(len(b.bad.First))
	if p.bad.Count > 0 {
		return nil
	}
	if p.file.about == 0 && p.file.size > 0 && len(b.rows) > 0 {
		p.file.about = int(1.1 * float64(p.file.size) / float64(len(b.text)) * float64(len(b.rows)))
		p.clusters.about = p.file.about
	}
	b.modelsAt = translate(b.modelsAt, &b.models, &p.file.models)
	b.groupsAt = translate(b.groupsAt, &b.groups, &p.file.groups)
	sides := b.sides
	for i := range b.rows {
		r := &b.rows[i]
		r.A, r.B = b.modelsAt[r.A], b.modelsAt[r.B]
		if p.want.by != known {
			r.Group = b.groupsAt[r.Group]
		}
		if p.want.clusters && !r.Invalid {
			r.Cluster = p.clusters.of(r.prompt, r.own)
		}
		n := len(p.want.counts)
		r.Sides, sides = sides[:n:n], sides[n:]
		if err := p.put(&r.Battle); err != nil {
			return err
		}
	}
	return nil
}

// translate adds to at the numbers that the last names of a block have in the file. Whatever block comes first with a name, the
// file numbers it at its first line.
func translate(at []int32, from, to *numbering) []int32 {
	for _, name := range from.names[len(at):] {
		at = append(at, to.add(name))
	}
	return at
}

// chomp is line without its end, LF or CRLF.
func chomp(line []byte) []byte {
	return bytes.TrimSuffix(bytes.TrimSuffix(line, []byte("\n")), []byte("\r"))
}
