package store

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
)

// Check verifies every page in use and the checksum of every record. A file so broken that it has no records to speak of
// is an error of ErrDamaged; anything less is in the report. The file is not changed; while another process has it open
// the error is a *LockedError.
func Check(ctx context.Context, path string) (Report, error) {
	img, err := examine(ctx, path)
	if err != nil {
		return Report{Path: path}, err
	}
	defer img.r.Close()
	s, _, err := img.survey(ctx)
	return *s.report, err
}

// Stats says what takes the space in a database file.
type Stats struct {
	Path      string           `json:"path"`
	Size      int64            `json:"size"` // of the file, bytes
	PageSize  int64            `json:"page_size"`
	Pages     int64            `json:"pages"`      // in use or free
	FreePages int64            `json:"free_pages"` // to be used again by later commits
	Buckets   map[Bucket]Usage `json:"buckets"`
}

// StatsOf reads all of a database file. Errors are those of [Check].
func StatsOf(ctx context.Context, path string) (Stats, error) {
	img, err := examine(ctx, path)
	if err != nil {
		return Stats{Path: path}, err
	}
	defer img.r.Close()
	s, free, err := img.survey(ctx)
	return Stats{
		Path: img.path, Size: img.size, PageSize: img.meta.pageSize,
		Pages: int64(img.meta.pages), FreePages: int64(free), Buckets: s.report.Buckets,
	}, err
}

// examine opens a database file that no process writes. Closing img.r ends it.
func examine(ctx context.Context, path string) (*image, error) {
	path, f, err := openExisting(ctx, path, forReading)
	if err != nil {
		return nil, err
	}
	img, err := openImage(path, f)
	if err == nil {
		err = checkSchema(img)
	}
	if err != nil {
		f.Close()
		return nil, err
	}
	return img, nil
}

// openExisting is openLocked or lockToWrite for a path that a user gave.
func openExisting(ctx context.Context, path string, how access) (string, *os.File, error) {
	path, err := resolve(path)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return path, nil, err
	}
	var f *os.File
	switch {
	case err == nil && how.alone:
		f, err = lockToWrite(ctx, path, defaultLockWait, nil)
	case err == nil:
		f, err = openLocked(ctx, path, how, defaultLockWait)
	}
	if errors.Is(err, fs.ErrNotExist) {
		err = fmt.Errorf("%w: %w", ErrNoDatabase, err)
	}
	return path, f, err
}

// survey walks everything.
func (img *image) survey(ctx context.Context) (s *survey, free int, err error) {
	s = newSurvey(img.path, img)
	if err = s.findBuckets(); err == nil {
		err = s.records(ctx, func(Bucket, Record) error { return nil })
	}
	if err == nil {
		err = s.allTexts(ctx)
	}
	if err == nil {
		free, err = s.freePages()
	}
	return s, free, err
}
