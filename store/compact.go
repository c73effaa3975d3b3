package store

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"go.etcd.io/bbolt"
)

// Compact rewrites a database without its free pages, texts in the order of their records. The file is the old one or the
// complete new one at any moment. A damaged database is left as it is. Errors are those of [Check], and ErrUnwritable.
func Compact(ctx context.Context, path string) error {
	path, f, err := openExisting(ctx, path, forWriting)
	if err != nil {
		return err
	}
	defer f.Close() // and with it the lock
	img, err := openImage(path, f)
	if err == nil {
		err = checkSchema(img)
	}
	if err != nil {
		return err
	}
	s := newSurvey(path, img)
	tmp, err := newFile(path, func(db *bbolt.DB) error { return s.copyTo(ctx, db) })
	if err != nil {
		return err
	}
	if !s.report.OK() {
		os.Remove(tmp)
		return img.damaged(fmt.Sprintf("%d records and %d pages of it are bad", s.report.BadCount, len(s.report.Damage)), adviceRepair)
	}
	return replace(tmp, path, f)
}

// copyTo copies all records that are well into an empty file.
func (s *survey) copyTo(ctx context.Context, db *bbolt.DB) error {
	c, err := newCopier(db)
	if err == nil {
		err = s.findBuckets()
	}
	if err == nil {
		err = s.records(ctx, c.put)
	}
	if err == nil {
		err = c.flush()
	}
	return err
}

// copier fills a new file with records that come in key order.
type copier struct {
	db       *bbolt.DB
	kind     OpKind
	changes  []change
	bytes    int
	nextText uint64
	created  int64
}

func newCopier(db *bbolt.DB) (*copier, error) {
	return &copier{db: db, kind: OpPut, nextText: 1}, db.Update(writeSchema)
}

func (c *copier) put(bk Bucket, r Record) error {
	o := Op{Kind: c.kind, Bucket: bk, Key: r.Key, Meta: r.Meta, Body: r.Body}
	ch, _ := o.encode(make([]byte, 0, o.size()))
	c.changes = append(c.changes, ch)
	if c.bytes += o.size(); len(c.changes) < maxCommitOps && c.bytes < maxCommitBytes {
		return nil
	}
	return c.flush()
}

func (c *copier) flush() error {
	err := c.db.Update(func(tx *bbolt.Tx) error {
		to := newCommit(tx, c.nextText)
		for i := range c.changes {
			created, err := to.apply(&c.changes[i])
			if err != nil {
				return err
			}
			if created {
				c.created++
			}
		}
		c.nextText = to.nextText
		return nil
	})
	clear(c.changes)
	c.changes, c.bytes = c.changes[:0], 0
	return err
}

// replace puts a finished file in the place of path, which is open and locked.
func replace(tmp, path string, locked *os.File) error {
	err := replaceLocked(tmp, path, locked)
	if err != nil {
		os.Remove(tmp)
	}
	if err = errors.Join(err, syncDir(filepath.Dir(path))); err != nil {
		return fmt.Errorf("%w: replace %s: %w", ErrUnwritable, path, err)
	}
	return nil
}
