package export

import (
	"io"
	"runtime"
	"sync"

	"github.com/parquet-go/parquet-go"
)

var _ = registerFormat("parquet", func(w io.Writer, columns []column, _ Options) rowWriter { return newParquet(w, columns) })

const (
	// groupBytes is how much a row group holds before it is compressed: little enough to have several in memory, and for
	// viewers that read whole groups.
	groupBytes = 8 << 20
	// mostLanes bounds how many row groups are compressed at once, and so what is held in memory.
	mostLanes = 3
)

// parquetFile collects rows to row groups, which other goroutines compress while the next is filled. They reach the file in order.
// The bytes depend on the rows alone.
type parquetFile struct {
	columns []column
	row     parquetRow
	limit   int // bytes of a row group
	file    *parquet.GenericWriter[any]
	filling *rowGroup
	free    chan *rowGroup // those that may be filled
	lanes   int            // row groups that exist beside the one that is filled
	last    chan error     // what became of all up to the last group that was handed on
	all     sync.WaitGroup
}

func newParquet(w io.Writer, columns []column) *parquetFile {
	root := nodeOf(columns)
	p := &parquetFile{
		columns: columns, limit: groupBytes,
		row: newParquetRow(root),
		file: parquet.NewGenericWriter[any](w, parquet.NewSchema("row", root),
			parquet.CreatedBy("openarena", "1", "parquet-go"),
			parquet.Compression(newPages()),
			// Bounds of texts are texts. They stand in the footer once for a row group, not once more before each page.
			parquet.DataPageStatistics(false)),
		free: make(chan *rowGroup, 1+mostLanes),
		last: make(chan error, 1),
	}
	p.filling = p.newGroup()
	p.last <- nil
	return p
}

func (p *parquetFile) newGroup() *rowGroup { return &rowGroup{out: p.file.BeginRowGroup()} }

func (p *parquetFile) add(row []value) error {
	g := p.filling
	g.values, g.bytes = p.row.append(g.values, p.columns, row), g.bytes+p.row.bytes
	g.ends = append(g.ends, len(g.values))
	if g.bytes < p.limit {
		return nil
	}
	p.hand()
	return p.next()
}

// hand has the group that was filled compressed, and written when those before it are.
func (p *parquetFile) hand() {
	g, before, after := p.filling, p.last, make(chan error, 1)
	p.last = after
	p.all.Go(func() {
		g.err = g.encode()
		if err := <-before; err != nil {
			g.err = err
		}
		if g.err == nil {
			_, g.err = g.out.Commit()
		}
		g.clear()
		after <- g.err
		p.free <- g
	})
}

// next is a group to be filled, once there is one.
func (p *parquetFile) next() error {
	if p.lanes < min(runtime.GOMAXPROCS(0), mostLanes) {
		p.lanes++
		p.filling = p.newGroup()
		return nil
	}
	p.filling = <-p.free
	return p.filling.err
}

func (p *parquetFile) close() error {
	p.hand()
	err := <-p.last
	p.all.Wait()
	if err != nil {
		return err
	}
	return p.file.Close()
}

// abandon leaves the file without its end. Whoever holds w may close it then.
func (p *parquetFile) abandon() { p.all.Wait() }

// rowGroup is rows on their way to the file.
type rowGroup struct {
	values []parquet.Value // row after row, in each the values of a leaf together
	ends   []int           // of the rows in values
	bytes  int
	out    *parquet.ConcurrentRowGroupWriter
	err    error
	rows   []parquet.Row
}

// encode compresses the rows. A page ends between two calls of WriteRows, so that these are small.
func (g *rowGroup) encode() error {
	const atOnce = 16
	from := 0
	for i, end := range g.ends {
		g.rows = append(g.rows, parquet.Row(g.values[from:end:end]))
		from = end
		if len(g.rows) < atOnce && i < len(g.ends)-1 {
			continue
		}
		if _, err := g.out.WriteRows(g.rows); err != nil {
			return err
		}
		g.rows = g.rows[:0]
	}
	return g.out.Flush()
}

// clear lets go of the texts.
func (g *rowGroup) clear() {
	clear(g.values)
	clear(g.rows[:cap(g.rows)])
	g.values, g.ends, g.bytes = g.values[:0], g.ends[:0], 0
}
