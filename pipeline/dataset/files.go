package dataset

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"iter"
	"os"
	"path/filepath"
)

// files are the files of one dataset, in the order in which they are read.
type files struct {
	pattern string   // as people call them
	names   []string // relative to their place, with slashes; absolute where pattern is
	place   place
	commit  string // of a set on the Hub
}

// find lists the files of a pattern and makes sure that each can be read.
func find(pattern, dir string) (*files, error) {
	names, err := match(pattern, dir)
	if err != nil {
		return nil, err
	}
	fs := &files{pattern: pattern, names: names, place: folder(dir)}
	for _, name := range names {
		if _, _, err := formatOf(name); err != nil {
			return nil, err
		}
		f, err := os.Open(under(dir, name))
		if err != nil {
			return nil, fmt.Errorf("%s: %w", name, cause(err))
		}
		f.Close()
	}
	return fs, nil
}

func under(dir, name string) string {
	if filepath.IsAbs(name) {
		return name
	}
	return filepath.Join(cmp.Or(dir, "."), filepath.FromSlash(name))
}

// origin says where relative paths start; dir is "" where no configuration names the files.
func origin(dir string) string {
	if dir == "" {
		return "relative paths start at the current folder"
	}
	return "relative paths start at the folder of the configuration"
}

// cause is err without the path that package os puts before it: our messages name files as the user did.
func cause(err error) error {
	if p, ok := err.(*os.PathError); ok { // not errors.As: what was wrapped around it says more
		return p.Err
	}
	return err
}

// record is a row and where it lies.
type record struct {
	*Object
	place string
	line  bool // a line of text, which is the prompt whatever the field is called
}

// walk yields the rows that w chooses, of each the fields in need (nil: all). Errors are as for Source.Rows.
func (fs *files) walk(ctx context.Context, w window, need map[string]bool) iter.Seq2[record, error] {
	return func(yield func(record, error) bool) {
		var total int64
		if w.sample > 0 {
			var err error
			if total, err = fs.count(ctx); err != nil {
				yield(record{}, err)
				return
			}
		}
		c := w.chooser(total)
		found, stopped := false, false
		for _, name := range fs.names {
			if c.done() {
				return
			}
			err := fs.rows(ctx, name, want{need, w.span()}, c, func(r record, err error) bool {
				found = true
				stopped = !yield(r, err)
				return !stopped
			})
			if err != nil {
				yield(record{}, err)
			}
			if err != nil || stopped {
				return
			}
		}
		if !found && !c.done() {
			yield(record{}, fs.empty(c.place, w))
		}
	}
}

// empty says why a walk over that many rows found none.
func (fs *files) empty(rows int64, w window) error {
	what := fmt.Sprintf("%s: %%w in %d files", fs.pattern, len(fs.names))
	if len(fs.names) == 1 {
		what = fs.names[0] + ": %w in the file"
	}
	if rows > 0 {
		what += fmt.Sprintf(" from offset %d on; there are %d in all", w.offset, rows)
	}
	return fmt.Errorf(what, ErrEmpty)
}

// rows yields the chosen rows of one file. It returns the error that ends the walk.
func (fs *files) rows(ctx context.Context, name string, of want, c *chooser, yield func(record, error) bool) (err error) {
	r, err := fs.open(ctx, name, of)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, r.close()) }()
	_, isText := r.(*txt)
	for !c.done() {
		if err := ctx.Err(); err != nil {
			return err
		}
		wanted := c.want
		o, err := r.next(wanted)
		var bad badRow
		switch {
		case err == io.EOF:
			return nil
		case err != nil && !errors.As(err, &bad):
			return fmt.Errorf("%s: %w", name, cause(err))
		}
		c.step()
		if !wanted {
			continue
		}
		place := fmt.Sprintf("%s:%d", name, r.at())
		if err != nil {
			err = &RowError{Place: place, What: string(bad)}
		}
		if !yield(record{Object: o, place: place, line: isText}, err) {
			return nil
		}
	}
	return nil
}

// count is how many rows all files have, usable or not.
func (fs *files) count(ctx context.Context) (int64, error) {
	c := window{limit: -1, offset: 1<<63 - 1}.chooser(0) // wants none
	for _, name := range fs.names {
		if err := fs.rows(ctx, name, want{map[string]bool{}, everything}, c, nil); err != nil {
			return 0, err
		}
	}
	return c.place, nil
}

// want is what is wanted of a file.
type want struct {
	need map[string]bool // top-level fields; nil: all
	span span
}

// open starts to read one file.
func (fs *files) open(ctx context.Context, name string, of want) (reader, error) {
	format, compression, err := formatOf(name)
	if err != nil {
		return nil, err
	}
	f, err := fs.place.open(ctx, name, of.span)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, cause(err))
	}
	in, err := newInput(f, compression)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, cause(err))
	}
	in.want = of
	_, in.local = fs.place.(folder)
	r, err := format(in)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, errors.Join(cause(err), in.close()))
	}
	return r, nil
}
