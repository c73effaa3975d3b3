package export

import "io"

// encoder appends rows to a buffer in a format of text.
type encoder interface {
	begin(b []byte) []byte
	row(b []byte, row []value) []byte
	end(b []byte) []byte
}

func registerEncoder(name string, f func(columns []column, o Options) encoder) struct{} {
	return registerFormat(name, func(w io.Writer, columns []column, o Options) rowWriter {
		e := f(columns, o)
		return &textFile{w: w, encoder: e, b: e.begin(make([]byte, 0, flushAt+flushAt/4))}
	})
}

// flushAt is how many bytes are collected before a write.
const flushAt = 1 << 18

// textFile writes what an encoder appends, many rows at once.
type textFile struct {
	w       io.Writer
	encoder encoder
	b       []byte
}

func (f *textFile) add(row []value) error {
	f.b = f.encoder.row(f.b, row)
	if len(f.b) < flushAt {
		return nil
	}
	return f.flush()
}

func (f *textFile) flush() error {
	_, err := f.w.Write(f.b)
	f.b = f.b[:0]
	return err
}

func (f *textFile) close() error {
	f.b = f.encoder.end(f.b)
	return f.flush()
}

func (f *textFile) abandon() {}
