package dataset

import (
	"errors"
	"fmt"
	"io"

	"github.com/parquet-go/parquet-go"

	"openarena/internal/hub"
)

var _ = register(openParquet, "parquet")

// parquetFile reads only the columns that are wanted, a page of each at a time.
type parquetFile struct {
	in      *input
	file    *parquet.File
	fields  []*parquet.Column
	groups  []parquet.RowGroup
	row     int64     // rows passed, in the whole file
	left    int64     // rows of the present group that have not been passed
	skipped int64     // rows of the present group that were passed without reading, since the last one read
	columns []*column // by place in the file; nil where nobody needs it
	need    []bool    // by field
}

func openParquet(in *input) (r reader, err error) {
	defer damaged(&err)
	at, size, err := in.random()
	if err != nil {
		return nil, err
	}
	if size == 0 {
		return nil, errors.New("the file is empty, not parquet")
	}
	f, err := parquet.OpenFile(at, size, in.parquetOptions()...)
	var unread *hub.Error
	if errors.As(err, &unread) { // nothing is known of the file
		return nil, unread
	}
	if err != nil {
		return nil, fmt.Errorf("not a whole parquet file: %w", err)
	}
	p := &parquetFile{in: in, file: f, fields: f.Root().Columns(), groups: f.RowGroups()}
	for _, field := range p.fields {
		p.need = append(p.need, in.need == nil || in.need[field.Name()])
	}
	return p, nil
}

// parquetOptions read a local file at once, whose pages are read in order anyway, and one on the Hub in few and large parts:
// its end with the page index, so that a seek loads a page and not what lies before it, and no first bytes, which the
// last ones repeat.
func (in *input) parquetOptions() []parquet.FileOption {
	options := []parquet.FileOption{parquet.SkipBloomFilters(true), parquet.ReadBufferSize(int(in.buffer()))}
	if in.local {
		return append(options, parquet.SkipPageIndex(true))
	}
	return append(options, parquet.OptimisticRead(true), parquet.SkipMagicBytes(true))
}

// buffer is how much is read at once, in bytes.
func (in *input) buffer() int64 {
	counting := in.need != nil && len(in.need) == 0
	if !in.local && in.span == everything && !counting {
		return 1 << 20
	}
	return 1 << 18
}

// damaged turns a panic of the parquet decoder, which a hostile or broken file can cause, into an error.
func damaged(err *error) {
	if v := recover(); v != nil {
		*err = fmt.Errorf("the parquet file is damaged: %v", v)
	}
}

func (p *parquetFile) at() int64 { return p.row }

func (p *parquetFile) close() error {
	p.closeGroup()
	return p.in.close()
}

func (p *parquetFile) closeGroup() {
	for _, c := range p.columns {
		if c != nil {
			c.close()
		}
	}
	p.columns = nil
}

func (p *parquetFile) next(want bool) (o *Object, err error) {
	defer damaged(&err)
	for p.left == 0 {
		if len(p.groups) == 0 {
			return nil, io.EOF
		}
		p.closeGroup()
		p.openGroup(p.groups[0])
		p.groups = p.groups[1:]
	}
	p.left--
	p.row++
	if !want {
		p.skipped++
		return nil, nil
	}
	if err := p.readRow(); err != nil {
		return nil, fmt.Errorf("row %d: %w", p.row, err)
	}
	o = new(Object)
	for i, field := range p.fields {
		if !p.need[i] {
			o.add(field.Name(), nil)
			continue
		}
		v, err := p.assemble(field, p.leaves(field, nil), 0, 0)
		if err != nil {
			return nil, fmt.Errorf("row %d: field %s: %w", p.row, show(field.Name()), err)
		}
		o.add(field.Name(), v)
	}
	return o, nil
}

func (p *parquetFile) openGroup(g parquet.RowGroup) {
	p.left, p.skipped = g.NumRows(), 0
	chunks := g.ColumnChunks()
	p.columns = make([]*column, len(chunks))
	for i, field := range p.fields {
		if !p.need[i] {
			continue
		}
		for _, leaf := range leafColumns(field, nil) {
			p.columns[leaf.Index()] = &column{
				pages:   chunks[leaf.Index()].Pages(),
				repeats: leaf.MaxRepetitionLevel() > 0,
				near:    p.near(leaf.Index()),
			}
		}
	}
}

// near is how many rows of a column are passed by reading them. Where a seek is a request, it is those that come with it.
func (p *parquetFile) near(leaf int) int64 {
	const always = 64
	if p.in.local {
		return always
	}
	group := &p.file.Metadata().RowGroups[len(p.file.RowGroups())-len(p.groups)]
	return max(always, group.NumRows*p.in.buffer()/max(group.Columns[leaf].MetaData.TotalCompressedSize, 1))
}

// readRow reads the values of the present row from all wanted columns.
func (p *parquetFile) readRow() error {
	for _, c := range p.columns {
		if c == nil {
			continue
		}
		if err := c.skip(p.skipped); err != nil {
			return err
		}
		if err := c.readRow(); err != nil {
			return err
		}
	}
	p.skipped = 0
	return nil
}

func leafColumns(c *parquet.Column, list []*parquet.Column) []*parquet.Column {
	if c.Leaf() {
		return append(list, c)
	}
	for _, child := range c.Columns() {
		list = leafColumns(child, list)
	}
	return list
}

// leaves are the values of the present row below a field, by leaf.
func (p *parquetFile) leaves(c *parquet.Column, list [][]parquet.Value) [][]parquet.Value {
	for _, leaf := range leafColumns(c, nil) {
		list = append(list, p.columns[leaf.Index()].row)
	}
	return list
}
