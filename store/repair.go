package store

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"

	"go.etcd.io/bbolt"
)

// Repair makes a new file of every record that can be read and whose checksums hold, and keeps the old one beside it, as
// Report.Saved. Records whose text is bad are dropped, as if they had never been. Where pages of the last commit are
// damaged, the state before it, which bbolt keeps, stands in for what they held. Errors: ErrNoDatabase, a *LockedError,
// ErrNewer, ErrUnwritable, and a *DamagedError if there is nothing to be saved; the file is then as it was.
func Repair(ctx context.Context, path string) (Report, error) {
	path, f, err := openExisting(ctx, path, forWriting)
	if err != nil {
		return Report{Path: path}, err
	}
	defer f.Close()
	images, err := repairImages(path, f)
	if err != nil {
		return Report{Path: path}, err
	}
	var report *Report
	tmp, err := newFile(path, func(db *bbolt.DB) error {
		report, err = salvage(ctx, images, db)
		return err
	})
	if err != nil {
		return Report{Path: path}, err
	}
	if report.Saved, err = keepDamaged(path); err != nil {
		os.Remove(tmp)
		return *report, err
	}
	return *report, replace(tmp, path, f)
}

// repairImages returns the states of a file that are worth reading, the newest first. They may be cut short or have no
// free list, since pages are read one by one.
func repairImages(path string, f *os.File) ([]*image, error) {
	metas, size, err := fileMetas(path, f)
	if err != nil {
		return nil, err
	}
	var images []*image
	var refused error
	for _, m := range metas {
		img := &image{path: path, r: f, size: size, meta: m}
		err := checkSchema(img)
		if errors.Is(err, ErrNewer) {
			return nil, err
		}
		refused = errors.Join(refused, err)
		s := newSurvey(path, img)
		if err := s.findBuckets(); err != nil {
			return nil, err
		}
		if _, ours := s.roots[string(textsName)]; ours {
			images = append(images, img)
		}
	}
	if len(images) == 0 {
		return nil, refused
	}
	return images, nil
}

// salvage copies what is well in the newest image, and what is lost there from the one before.
func salvage(ctx context.Context, images []*image, db *bbolt.DB) (*Report, error) {
	c, err := newCopier(db)
	if err != nil {
		return nil, err
	}
	s := newSurvey(images[0].path, images[0])
	if err := s.findBuckets(); err != nil {
		return nil, err
	}
	if err := s.records(ctx, c.put); err != nil {
		return nil, err
	}
	if err := c.flush(); err != nil {
		return nil, err
	}
	if len(images) == 1 || s.report.OK() {
		return s.report, nil
	}
	return s.report, restore(ctx, images[1], s.report, c)
}

// restore copies the records of an older image that report says are bad or lost.
func restore(ctx context.Context, old *image, report *Report, c *copier) error {
	bad := make(map[string]bool, len(report.Bad))
	for _, b := range report.Bad {
		bad[recordID(b.Bucket, b.Key)] = true
	}
	lost := func(bk Bucket, key []byte) bool {
		for _, l := range report.Damage {
			if l.covers(bk, key) {
				return true
			}
		}
		return false
	}
	c.kind, c.created = OpPutOnce, 0
	s := newSurvey(old.path, old)
	if err := s.findBuckets(); err != nil {
		return err
	}
	err := s.records(ctx, func(bk Bucket, r Record) error {
		id := recordID(bk, r.Key)
		if !bad[id] && !lost(bk, r.Key) {
			return nil
		}
		if bad[id] {
			delete(bad, id)
			report.BadCount--
		}
		report.count(bk, r.size())
		return c.put(bk, r)
	})
	if err == nil {
		err = c.flush()
	}
	report.Restored = c.created
	kept := report.Bad[:0]
	for _, b := range report.Bad {
		if bad[recordID(b.Bucket, b.Key)] {
			kept = append(kept, b)
		}
	}
	report.Bad = kept
	return err
}

func recordID(bk Bucket, key []byte) string { return string(append([]byte{byte(bk)}, key...)) }

// keepDamaged gives the old file a second name, the first free one. At no moment is there none under the first.
func keepDamaged(path string) (string, error) {
	for n := 1; ; n++ {
		name := fmt.Sprintf("%s.damaged-%d", path, n)
		if exists(name) {
			continue
		}
		err := os.Link(path, name)
		if err != nil && !errors.Is(err, fs.ErrExist) { // a filesystem without hard links
			err = copyFile(path, name)
		}
		if errors.Is(err, fs.ErrExist) {
			continue
		}
		if err == nil { // else a power cut could keep the new file's name and not this one
			err = syncDir(filepath.Dir(path))
		}
		if err != nil {
			return "", fmt.Errorf("%w: keep %s as %s: %w", ErrUnwritable, path, name, err)
		}
		return name, nil
	}
}

// copyFile makes a copy under a name that is free, and has it on the disk.
func copyFile(from, to string) error {
	source, err := os.Open(from)
	if err != nil {
		return err
	}
	defer source.Close()
	f, err := os.OpenFile(to, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return err
	}
	_, err = io.Copy(f, source)
	if err == nil {
		err = f.Sync()
	}
	if err = errors.Join(err, f.Close()); err != nil {
		os.Remove(to)
	}
	return err
}
