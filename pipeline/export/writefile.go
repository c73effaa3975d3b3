package export

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"hash"
	"io"
	"path/filepath"
)

// WriteFile is Write into a file that is replaced as [Replace] does, with what it was made from in the folder's [Manifest]. A
// device or a pipe has none. The new file can be read by its owner only.
func WriteFile(ctx context.Context, path string, a Arena, o Options) (s Summary, err error) {
	if err := o.Check(); err != nil {
		return s, err
	}
	if err := CheckPlace(path); err != nil {
		return s, err
	}
	path, regular := target(path)
	if !regular {
		err := writeStream(path, func(w io.Writer, _ int64) error {
			s, err = Write(ctx, w, a, o)
			return err
		})
		return s, err
	}
	s, err = writeFile(ctx, path, a, o)
	if err != nil && !errors.Is(err, errNotSynced) {
		s = Summary{}
	}
	return s, err
}

// CheckPlace reports that WriteFile could not note beside a file what it was made from. Its errors are *UsageError.
func CheckPlace(path string) error {
	path, regular := target(path)
	if !regular {
		return nil
	}
	if filepath.Base(path) == ManifestName {
		return &UsageError{fmt.Sprintf("%s is where exports say what they were made from; write to another file", path)}
	}
	_, err := openManifest(filepath.Dir(path))
	return err
}

// writeFile writes one file, or with EvalSplit two, to have them and their manifest replaced together.
func writeFile(ctx context.Context, path string, a Arena, o Options) (s Summary, err error) {
	var data edition
	defer func() { data.discard() }()
	sum, evalSum := newSumming(), newSumming()
	err = data.add(path, func(w io.Writer, was int64) (err error) {
		sum.w = w
		if o.EvalSplit == 0 {
			s, err = write(ctx, sum, nil, a, o)
		} else {
			err = data.add(o.evalPath(path), func(eval io.Writer, _ int64) error {
				evalSum.w = eval
				s, err = write(ctx, sum, evalSum, a, o)
				return err
			})
		}
		if err == nil && s.Rows == 0 && o.Keep && was > 0 {
			return ErrKept
		}
		return err
	})
	if err != nil {
		return s, err
	}
	files := map[string]File{filepath.Base(path): sum.file(o, s, false)}
	if o.EvalSplit > 0 {
		files[filepath.Base(o.evalPath(path))] = evalSum.file(o, s, true)
	}
	return s, replaceWith(ctx, filepath.Dir(path), files, data, a)
}

// replaceWith publishes files of a folder with a manifest that says what they were made from. The manifest is read when all else
// is done: another export may have written it meanwhile.
func replaceWith(ctx context.Context, dir string, files map[string]File, data edition, a Arena) error {
	var notes edition
	defer func() { notes.discard() }()
	p, err := a.Provenance(ctx)
	if err != nil {
		return err
	}
	if err := p.list(ctx, dir, &notes); err != nil {
		return err
	}
	m, err := openManifest(dir)
	if err != nil {
		return err
	}
	after, err := m.record(files, p, &notes)
	if err != nil {
		return err
	}
	if err := m.retract(files); err != nil {
		return err
	}
	notSynced := data.publish()
	if notSynced != nil && !errors.Is(notSynced, errNotSynced) {
		return notSynced
	}
	if err := errors.Join(notSynced, notes.publish()); err != nil {
		return err
	}
	after.removeLists()
	return nil
}

// record is the manifest with more files, written beside its place.
func (m *Manifest) record(files map[string]File, p *Provenance, notes *edition) (*Manifest, error) {
	name, err := p.name()
	if err != nil {
		return nil, err
	}
	after := m.without(files)
	after.Provenance[name] = *p
	for file, f := range files {
		f.MadeFrom = name
		after.Files[file] = f
	}
	return after, after.draft(notes)
}

// retract takes files out of the manifest that are about to be replaced by others: a kill between two renames leaves a file of which
// nothing is said, never one of which something wrong is said.
func (m *Manifest) retract(next map[string]File) error {
	wrong := false
	for name, f := range next {
		now, there := m.Files[name]
		wrong = wrong || there && now.SHA256 != f.SHA256
	}
	if !wrong {
		return nil
	}
	var e edition
	defer func() { e.discard() }()
	if err := m.without(next).draft(&e); err != nil {
		return err
	}
	return e.publish()
}

// summing counts and hashes what is written.
type summing struct {
	w     io.Writer
	hash  hash.Hash
	bytes int64
}

func newSumming() *summing { return &summing{hash: sha256.New()} }

func (s *summing) Write(b []byte) (int, error) {
	n, err := s.w.Write(b)
	s.hash.Write(b[:n])
	s.bytes += int64(n)
	return n, err
}

// file is what was written as the manifest has it.
func (s *summing) file(o Options, of Summary, eval bool) File {
	o.Type, o.Format = cmp.Or(o.Type, "ranked"), o.format()
	if trainings[o.Type] != nil {
		o.For = cmp.Or(o.For, Trainers[0])
	}
	return File{Options: o, Eval: eval, Summary: of, Bytes: s.bytes, SHA256: hex.EncodeToString(s.hash.Sum(nil)), Tool: o.Tool}
}
